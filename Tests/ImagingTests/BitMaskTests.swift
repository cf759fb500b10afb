import Imaging
import TestSupport
import Testing

@Suite("Masks of bits")
struct BitMaskTests {
  static let sizes = [(1, 1), (3, 70), (64, 5), (65, 9), (130, 33)]

  /// A mask of scattered rectangles, so that all edges of words are met.
  private func mask(_ width: Int, _ height: Int, _ random: inout SplitMix64) -> Mask {
    var mask = Mask(width: width, height: height)
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let (x, y) = (Int.random(in: 0..<width, using: &random), Int.random(in: 0..<height, using: &random))
      for v in y..<min(height, y + 1 + height / 3) {
        for u in x..<min(width, x + 1 + width / 2) { mask[u, v] = true }
      }
    }
    return mask
  }

  @Test(arguments: sizes)
  func sayTheSameAsMasksOfBytes(width: Int, height: Int) {
    var random = SplitMix64(seed: 21)
    for _ in 0..<20 {
      let (one, other) = (mask(width, height, &random), mask(width, height, &random))
      let (a, b) = (BitMask(one), BitMask(other))
      #expect(a == BitMask(RunLengthMask(one)))
      #expect(a.mask == one)
      #expect(a.area == one.area)
      #expect(a.isEmpty == one.isEmpty)
      #expect(a.boundingBox == one.boundingBox ?? .empty)
      #expect(a.innermostPoint == one.innermostPoint)
      let shared = zip(one.bits, other.bits).count { $0 & $1 == 1 }
      #expect(a.intersectionArea(with: b) == shared)
      #expect(a.subtracting(b).area == one.area - shared)
      let union = one.area + other.area - shared
      #expect(a.intersectionOverUnion(with: b) == (union == 0 ? 0 : Double(shared) / Double(union)))
    }
  }

  @Test func numberTheirPixelsInRowOrder() {
    var random = SplitMix64(seed: 4)
    let mask = mask(70, 20, &random)
    let bits = BitMask(mask)
    let pixels = (0..<mask.bits.count).filter { mask.bits[$0] == 1 }
    for (number, index) in pixels.enumerated() {
      let pixel = bits.pixel(numbered: number)
      #expect(pixel?.x == index % 70 && pixel?.y == index / 70)
      #expect(bits[index % 70, index / 70])
    }
    #expect(bits.pixel(numbered: pixels.count) == nil)
    #expect(bits.pixel(numbered: -1) == nil)
  }

  @Test func changePixelByPixel() {
    var bits = BitMask(Mask(width: 70, height: 2))
    bits[69, 1] = true
    bits[0, 0] = true
    bits[0, 0] = false
    #expect(bits.area == 1)
    #expect(bits.boundingBox == PixelBox(x: 69, y: 1, width: 1, height: 1))
  }
}
