import Imaging
import TestSupport
import Testing

@Suite("Runs of masks stored as bits")
struct RunLengthBitsTests {
  @Test(arguments: [(1, 1), (64, 64), (65, 63), (1, 200), (200, 1), (63, 130), (129, 128), (300, 70)])
  func areThoseOfTheMask(width: Int, height: Int) throws {
    var random = SplitMix64(seed: UInt64(width * 1000 + height))
    for density in [0.0, 0.02, 0.5, 0.98, 1.0] {
      var mask = Mask(width: width, height: height)
      let words = (width + 63) / 64
      var bits = [UInt64](repeating: 0, count: words * height)
      for y in 0..<height {
        for x in 0..<width where Double.random(in: 0..<1, using: &random) < density {
          mask[x, y] = true
          bits[y * words + x / 64] |= 1 << UInt64(x % 64)
        }
      }
      let runs = try RunLengthMask(bits: bits, width: width, height: height)
      #expect(runs == RunLengthMask(mask))
    }
  }

  /// A part of a mask stored as bits gives the runs of the whole mask.
  @Test func ofABoxAreThoseOfTheMaskAroundIt() throws {
    var random = SplitMix64(seed: 12)
    for _ in 0..<300 {
      let (width, height) = (Int.random(in: 1...150, using: &random), Int.random(in: 1...150, using: &random))
      let x = Int.random(in: 0..<width, using: &random)
      let y = Int.random(in: 0..<height, using: &random)
      // Whole columns and whole rows, too.
      let box = PixelBox(
        x: x, y: Bool.random(using: &random) ? y : 0, width: Int.random(in: 0...width - x, using: &random),
        height: Bool.random(using: &random) ? Int.random(in: 0...height - y, using: &random) : 0)
      let whole = PixelBox(x: x, y: 0, width: width - x, height: height)
      for box in [box, whole] {
        var mask = Mask(width: width, height: height)
        let words = (box.width + 63) / 64
        var bits = [UInt64](repeating: 0, count: words * box.height)
        let density = [0.1, 0.9, 1][Int.random(in: 0..<3, using: &random)]
        for row in 0..<box.height {
          for column in 0..<box.width where Double.random(in: 0..<1, using: &random) < density {
            mask[box.x + column, box.y + row] = true
            bits[row * words + column / 64] |= 1 << UInt64(column % 64)
          }
        }
        let runs = try RunLengthMask(bits: bits, in: box, width: width, height: height)
        #expect(runs == RunLengthMask(mask), "\(box) of \(width)x\(height)")
      }
    }
  }

  @Test func aBoxOutsideIsAnError() {
    for box in [
      PixelBox(x: -1, y: 0, width: 1, height: 1), PixelBox(x: 0, y: 3, width: 1, height: 2),
      PixelBox(x: .max, y: 0, width: 1, height: 1), PixelBox(x: 0, y: 0, width: .max, height: 1),
    ] {
      #expect(throws: RunLengthError.self) { try RunLengthMask(bits: [0], in: box, width: 4, height: 4) }
    }
  }

  @Test func aWrongNumberOfWordsIsAnError() {
    #expect(throws: RunLengthError.self) { try RunLengthMask(bits: [0, 0], width: 64, height: 1) }
    #expect(throws: RunLengthError.self) { try RunLengthMask(bits: [], width: 0, height: 0) }
  }
}
