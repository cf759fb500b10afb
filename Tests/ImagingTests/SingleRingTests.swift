import Imaging
import TestSupport
import Testing

@Suite("Masks as one ring")
struct SingleRingTests {
  /// Holes and parts joined by bridges enclose the same pixels.
  @Test(arguments: 0..<40)
  func theRingEnclosesTheMask(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let bits = (0..<24 * 17).map { _ in
      UInt64.random(in: 0..<100, using: &generator) < 20 + 2 * seed ? UInt8(1) : 0
    }
    let mask = try Mask(width: 24, height: 17, bits: bits)
    let ring = try #require(MaskPolygons(mask).singleRing)
    let filled = try MaskPolygons(width: 24, height: 17, polygons: [Polygon(outer: ring)])
    #expect(filled.mask == mask)
  }

  /// Runs are traced in their own box only.
  @Test(arguments: 0..<40)
  func runsHaveTheOutlinesOfTheirMask(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    var mask = Mask(width: 31, height: 23)
    let (left, top) = (Int.random(in: 0..<20, using: &generator), Int.random(in: 0..<15, using: &generator))
    for y in top..<top + 8 { for x in left..<left + 11 { mask[x, y] = Bool.random(using: &generator) } }
    #expect(MaskPolygons(RunLengthMask(mask)) == MaskPolygons(mask))
    #expect(MaskPolygons(RunLengthMask(Mask(width: 3, height: 2))).polygons.isEmpty)
  }

  @Test func anEmptyMaskHasNone() {
    #expect(MaskPolygons(Mask(width: 3, height: 3)).singleRing == nil)
  }
}
