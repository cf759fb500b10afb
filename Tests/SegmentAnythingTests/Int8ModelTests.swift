import Checkpoints
import Foundation
import Imaging
import Modeling
import SegmentAnything
import Tensors
import TestSupport
import Testing

@Suite("Image encoders in 8 bits")
struct Int8ModelTests {
  /// A picture of the reference values and the prompts that they have for it.
  struct Scene: CustomTestStringConvertible {
    let image: String
    var prompts: [Prompt] = []
    var testDescription: String { image }

    static let all = ["stages/scene.png", "amg/scene0.png", "amg/scene1.png"]

    init(_ image: String) throws {
      self.image = image
      func json(_ name: String) throws -> Any {
        let path = try SharedData.require("golden/" + name)
        return try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
      }
      func floats(_ value: Any?) -> [Float] { (value as? [Double] ?? []).map { Float($0) } }
      func points(_ value: Any?, _ labels: [Int]?) -> [PointPrompt] {
        (value as? [Any] ?? []).enumerated().compactMap { index, point in
          let point = floats(point)
          let isBackground = labels.map { index < $0.count && $0[index] == 0 } ?? false
          return point.count == 2
            ? PointPrompt(point[0], point[1], isBackground ? .background : .foreground) : nil
        }
      }
      if image.hasPrefix("stages") {
        let object = try json("stages/prompts.json") as? [String: Any] ?? [:]
        for item in object["cases"] as? [[String: Any]] ?? [] {
          let box = floats(item["box"])
          let prompt = Prompt(
            points: points(item["point_coords"], item["point_labels"] as? [Int]),
            box: box.count == 4 ? Box(box[0], box[1], box[2], box[3]) : nil)
          if !prompt.points.isEmpty || prompt.box != nil { prompts.append(prompt) }
        }
      } else {
        for run in try json("amg/amg.json") as? [[String: Any]] ?? []
        where image.hasSuffix(run["image"] as? String ?? " ") {
          for record in run["records"] as? [[String: Any]] ?? [] {
            let box = floats(record["bbox"])
            prompts.append(Prompt(points: points(record["point_coords"], nil)))
            prompts.append(.box(box[0], box[1], box[0] + box[2], box[1] + box[3]))
          }
        }
      }
    }
  }

  /// What the encoder's rounding costs: masks of a trained model's answers to all prompts of the reference values, with and
  /// without it.
  @Test(
    .enabled(
      if: SharedData.has("golden/model/sam_small.safetensors") && SharedData.has("golden/amg/amg.json")))
  func masksAreThoseOfFloats() throws {
    let path = try SharedData.require("golden/model/sam_small.safetensors")
    let (exact, rounded) = (try SAM(checkpoint: path), try SAM(checkpoint: path, precision: .int8))
    #expect(exact.precision == .float32 && rounded.precision == .int8)
    #expect(exact.info.fingerprint == rounded.info.fingerprint)
    var all: [Double] = []
    for name in Scene.all {
      let scene = try Scene(name)
      #expect(!scene.prompts.isEmpty)
      let image = try Image(contentsOfFile: SharedData.require("golden/" + name))
      let embeddings = try (exact.embed(image), rounded.embed(image))
      var overlaps: [Double] = []
      for multimask in [false, true] {
        let mine = try exact.predict(scene.prompts, in: embeddings.0, multimask: multimask)
        let other = try rounded.predict(scene.prompts, in: embeddings.1, multimask: multimask)
        for (one, two) in zip(mine, other) {
          for (mask, roundedMask) in zip(one.masks, two.masks) {
            overlaps.append(Double(mask.iou(roundedMask)))
          }
        }
      }
      let mean = overlaps.reduce(0, +) / Double(overlaps.count)
      print(
        "int8 against float32, \(name): mean IoU \(mean) of \(overlaps.count) masks, worst \(overlaps.min() ?? 0)"
      )
      all += overlaps
    }
    let mean = all.reduce(0, +) / Double(all.count)
    print("int8 against float32: mean IoU \(mean) of \(all.count) masks")
    #expect(mean >= 0.97)
  }

  @Test(.enabled(if: SharedData.has("golden/model/sam_small.safetensors")))
  func theEmbeddingIsCloseButNotTheSame() throws {
    let path = try SharedData.require("golden/model/sam_small.safetensors")
    let image = try Image(contentsOfFile: SharedData.require("golden/stages/scene.png"))
    var encoded: [[Float]] = []
    for precision in [Precision.float32, .int8] {
      let sam = try SAM(checkpoint: path, precision: precision)
      var embedding: [Float] = []
      let input = ModelInput(image, size: sam.configuration.imageSize, compute: sam.compute)
      _ = try sam.embed(
        input.tensor, width: image.width, height: image.height,
        observe: ActivationObserver { name, value in if name == "neck3" { embedding = value.elements } })
      encoded.append(embedding)
    }
    let (error, size) = zip(encoded[0], encoded[1]).reduce((Float(0), Float(0))) {
      ($0.0 + ($1.0 - $1.1) * ($1.0 - $1.1), $0.1 + $1.0 * $1.0)
    }
    let relative = (error / size).squareRoot()
    print("int8 against float32: the embedding's relative error is \(relative)")
    #expect(relative > 0 && relative < 0.1)
  }

  @Test func modelsOfAnotherFormAreRefused() throws {
    let checkpoint = try Checkpoint(
      contentsOfFile: Fixtures.path("../../Sources/EmbeddedModel/sam_nano.safetensors"))
    let sam = try Photos.sam.get()
    let error = #expect(throws: ModelError.invalidConfiguration(.precision(encoder: "hybrid"))) {
      try SAM(
        parameters: checkpoint.tensors, configuration: sam.configuration, info: sam.info, precision: .int8)
    }
    #expect(error?.description.contains("8 bits") == true)
  }
}
