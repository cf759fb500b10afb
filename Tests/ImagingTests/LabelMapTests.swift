import Imaging
import TestSupport
import Testing

@Suite("Label maps")
struct LabelMapTests {
  @Test(arguments: [1, 2, 255, 256, 300])
  func masksThatDoNotOverlapComeBackFromTheFile(count: Int) throws {
    var generator = SplitMix64(seed: UInt64(count))
    let labels = (0..<40 * 30).map { _ in UInt32.random(in: 0...UInt32(count), using: &generator) }
    let map = try LabelMap(width: 40, height: 30, labels: labels)
    let masks = map.masks
    #expect(masks.map(\.mask.area).reduce(0, +) == labels.count { $0 > 0 })
    for (label, mask) in masks {
      #expect(mask.mask.bits == labels.map { $0 == label ? 1 : 0 })
    }
    #expect(try decode(map.encodedPNG()) == map)
  }

  @Test func theLaterMaskIsSeen() throws {
    let below = try RunLengthMask(counts: [0, 6], width: 3, height: 2)
    let above = try RunLengthMask(counts: [2, 2, 2], width: 3, height: 2)
    let map = try LabelMap([below, above], width: 3, height: 2)
    #expect(map.labels == [1, 2, 1, 1, 2, 1])
    #expect(throws: RunLengthError.self) { _ = try LabelMap([below], width: 2, height: 3) }
  }

  @Test func coloursOfAPictureAreLabels() throws {
    let image = try Image(width: 3, height: 1, pixels: [0, 0, 0, 1, 2, 3, 255, 0, 0])
    #expect(try decode(image.encoded(as: .png)).labels == [0, 0x010203, 0xFF0000])
  }

  @Test func labelsThatDoNotFitAreAnError() throws {
    let map = try LabelMap(width: 1, height: 1, labels: [65536])
    #expect(throws: ImageError.self) { _ = try map.encodedPNG() }
    #expect(throws: ImageError.self) { _ = try decode([1, 2, 3]) }
  }

  private func decode(_ bytes: [UInt8]) throws -> LabelMap {
    try bytes.withUnsafeBytes { try LabelMap(decoding: $0, name: "x.png") }
  }
}
