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

  @Test func aWrongNumberOfWordsIsAnError() {
    #expect(throws: RunLengthError.self) { try RunLengthMask(bits: [0, 0], width: 64, height: 1) }
    #expect(throws: RunLengthError.self) { try RunLengthMask(bits: [], width: 0, height: 0) }
  }
}
