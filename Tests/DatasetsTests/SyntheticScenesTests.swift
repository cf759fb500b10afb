import Datasets
import Imaging
import Testing

@Suite("Made scenes")
struct SyntheticScenesTests {
  private let scenes = SyntheticScenes(count: 40, width: 160, height: 120, seed: 3)

  @Test func areTheSameEveryTime() {
    #expect(scenes.scene(at: 7) == scenes.scene(at: 7))
    #expect(scenes.scene(at: 7) != scenes.scene(at: 8))
    #expect(
      SyntheticScenes(count: 1, seed: 1).scene(at: 0) != SyntheticScenes(count: 1, seed: 2).scene(at: 0))
  }

  /// On every machine: recipes name a seed and mean these pixels.
  @Test func areTheSameEverywhere() {
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<8 {
      let scene = SyntheticScenes(count: 8, seed: 0).scene(at: index)
      for byte in scene.image.pixels { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
      for mask in scene.masks {
        for count in mask.counts { digest = (digest ^ UInt64(count)) &* 0x100_0000_01b3 }
      }
    }
    #expect(digest == 9_753_587_361_876_240_838)
  }

  @Test func haveWholesThatHoldTheirParts() throws {
    var (parts, subparts, wholes) = (0, 0, 0)
    for index in 0..<scenes.count {
      let scene = scenes.scene(at: index)
      #expect(scene.wholes.count == scene.masks.count)
      for (position, mask) in scene.masks.enumerated() {
        #expect(mask.width == 160 && mask.height == 120)
        #expect(mask.area >= 20 && mask.area * 100 <= 160 * 120 * 95)
        // The runs are in the one form: lengths from outside add up to the same mask.
        #expect(try RunLengthMask(counts: mask.counts, width: 160, height: 120) == mask)
        guard let whole = scene.wholes[position] else {
          wholes += 1
          continue
        }
        parts += 1
        if scene.wholes[whole] != nil { subparts += 1 }
        #expect(whole < position)
        #expect(try mask.subtracting(scene.masks[whole]).isEmpty)
        #expect(mask.area * 10 <= scene.masks[whole].area * 9)
      }
    }
    #expect(wholes > 4 * scenes.count && parts > 4 * scenes.count && subparts > scenes.count)
  }

  /// Masks of different things share no pixel: one hides the other.
  @Test func haveThingsThatHideOneAnother() throws {
    for index in 0..<10 {
      let scene = scenes.scene(at: index)
      let wholes = scene.masks.indices.filter { scene.wholes[$0] == nil }
      for (place, one) in wholes.enumerated() {
        for other in wholes[(place + 1)...] {
          #expect(try scene.masks[one].intersectionArea(with: scene.masks[other]) == 0)
        }
      }
    }
  }

  @Test(arguments: [(1, 1), (16, 300), (300, 16), (384, 256)])
  func haveAnySize(width: Int, height: Int) {
    let scene = SyntheticScenes(count: 1, width: width, height: height).scene(at: 0)
    #expect(scene.image.width == max(16, width) && scene.image.height == max(16, height))
  }

  @Test func areADatasetLikeAnyOther() throws {
    let source: any DatasetSource = scenes
    let sample = try source.sample(at: 3)
    let scene = scenes.scene(at: 3)
    #expect(try sample.image() == scene.image)
    #expect(sample.annotations.map(\.mask) == scene.masks)
    #expect(throws: DatasetError.noSuchSample(name: source.name, index: 40, count: 40)) {
      try source.sample(at: 40)
    }
  }
}
