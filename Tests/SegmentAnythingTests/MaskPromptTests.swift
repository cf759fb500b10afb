import Imaging
import SegmentAnything
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("Binary masks as prompts")
struct MaskPromptTests {
  @Test func aMaskBesideABoxPullsTheAnswerTowardsItself() throws {
    let sam = try Photos.sam.get()
    let embedding = try Photos.coffee.get()
    let box = Box(110, 60, 480, 350)
    let saucer = try sam.predict([Prompt(box: box)], in: embedding, multimask: false)[0].masks[0]
    let point = PointPrompt(300, 180)
    let plain = try sam.predict([Prompt(points: [point])], in: embedding, multimask: false)[0].masks[0]
    let pulled = try sam.predict(
      [Prompt(points: [point], mask: .binary(saucer))], in: embedding, multimask: false)[0]
    #expect(pulled.masks[0].iou(saucer) > plain.iou(saucer))
  }

  @Test func aMaskAloneIsAnsweredWithItself() throws {
    let sam = try Photos.sam.get()
    let embedding = try Photos.coffee.get()
    let saucer = try sam.predict([.box(110, 60, 480, 350)], in: embedding, multimask: false)[0].masks[0]
    let answer = try sam.predict([Prompt(mask: .binary(saucer))], in: embedding, multimask: false)[0]
    #expect(answer.masks[0].iou(saucer) > 0.9)
    let three = try sam.predict([Prompt(mask: .binary(saucer))], in: embedding, multimask: true)[0]
    #expect(three.masks.count == 3)
  }

  @Test(arguments: [(0, 0), (599, 399), (300, 0)]) func aSinglePixelIsAMask(_ x: Int, _ y: Int) throws {
    var pixel = Mask(width: 600, height: 400)
    pixel[x, y] = true
    let answer = try Photos.sam.get().predict(
      [Prompt(mask: .binary(pixel))], in: Photos.coffee.get(), multimask: false)
    let areFinite = answer[0].iouPredictions.allSatisfy { $0.isFinite }
    #expect(areFinite)
  }

  @Test func aMaskOfTheWholeImageIsAnswered() throws {
    let whole = Mask(width: 600, height: 400).inverted
    let answer = try Photos.sam.get().predict(
      [Prompt(mask: .binary(whole))], in: Photos.coffee.get(), multimask: false)
    #expect(answer[0].masks[0].area > 0)
  }

  /// The masks of real objects come back at a mean IoU of at least 0.75.
  @Test(.enabled(if: SharedData.has("data/val"))) func realMasksComeBack() throws {
    let sam = try Photos.sam.get()
    let root = try SharedData.require("data/val")
    var agreements: [Double] = []
    for set in try FileManager.default.contentsOfDirectory(atPath: root).sorted() {
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(set)")
        .filter { $0.hasSuffix(".json") }.sorted().prefix(3)
      for name in names {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(set)/\(name)"))
        let record = try JSONDecoder().decode(Record.self, from: data)
        let image = try Image(contentsOfFile: "\(root)/\(set)/\(record.image.file_name)")
        let annotation = try #require(record.annotations.first)
        let mask = try RunLengthMask(
          compressed: annotation.segmentation.counts, width: image.width, height: image.height
        ).mask
        let answer = try sam.predict([Prompt(mask: .binary(mask))], in: sam.embed(image), multimask: false)
        agreements.append(answer[0].masks[0].iou(mask))
      }
    }
    let mean = agreements.reduce(0, +) / Double(agreements.count)
    print("masks alone: mean IoU \(mean) over \(agreements.count) masks")
    #expect(agreements.count >= 50)
    #expect(mean >= 0.75)
  }

  /// The part of the SA-1B layout that this test reads.
  struct Record: Decodable {
    struct Picture: Decodable { let file_name: String }
    struct Annotation: Decodable { let segmentation: Segmentation }
    struct Segmentation: Decodable { let counts: String }
    let image: Picture
    let annotations: [Annotation]
  }
}
