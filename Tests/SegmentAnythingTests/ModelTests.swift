import Checkpoints
import Imaging
import Modeling
import SegmentAnything
import Tensors
import TestSupport
import Testing

@Suite("Models")
struct ModelTests {
  @Test func theModelInsideNeedsNoFile() throws {
    let sam = try Photos.sam.get()
    #expect(sam.info.name == "sam-nano (inside)")
    #expect(sam.info.path == nil)
    #expect(sam.info.notice?.contains("weights") == true)
    #expect(sam.configuration.imageSize == 384)
  }

  @Test func photosOfAnyShapeCanBeEmbedded() throws {
    let sam = try Photos.sam.get()
    for (width, height) in [(1, 1), (1, 500), (500, 2), (37, 1200)] {
      let image = try Image(
        width: width, height: height, pixels: [UInt8](repeating: 90, count: width * height * 3))
      let embedding = try sam.embed(image)
      let answer = try sam.predict(
        [.point(Float(width) / 2, Float(height) / 2)], in: embedding, multimask: true)
      #expect(answer[0].masks.allSatisfy { $0.width == width && $0.height == height })
    }
  }

  @Test func anotherInputSizeFindsTheSameThing() throws {
    let larger = try SAM.embedded(imageSize: 512)
    let image = try Photos.image("coffee")
    let box = Prompt.box(110, 60, 480, 350)
    let mine = try larger.predict([box], in: larger.embed(image), multimask: false)[0]
    let usual = try Photos.sam.get().predict([box], in: Photos.coffee.get(), multimask: false)[0]
    #expect(mine.lowResolutionLogits.shape == [1, 128, 128])
    #expect(mine.masks[0].iou(usual.masks[0]) > 0.7)
  }

  @Test(arguments: [0, -32, 100, 1 << 20]) func anImpossibleInputSizeIsAnError(_ size: Int) {
    #expect(throws: SAMError.self) { try SAM.embedded(imageSize: size) }
  }

  @Test func aModelsParametersAreCheckedByName() throws {
    let checkpoint = try Checkpoint(
      contentsOfFile: Fixtures.path("../../Sources/EmbeddedModel/sam_nano.safetensors"))
    let sam = try Photos.sam.get()
    let name = "mask_decoder.transformer.layers.1.norm2.weight"
    var missing = checkpoint.tensors
    missing[name] = nil
    #expect(throws: ModelError.missingTensor(name: name)) {
      try SAM(parameters: missing, configuration: sam.configuration, info: sam.info)
    }
    var misshapen = checkpoint.tensors
    misshapen[name] = Tensor(repeating: 0, shape: [127])
    let error = #expect(throws: ModelError.self) {
      try SAM(parameters: misshapen, configuration: sam.configuration, info: sam.info)
    }
    #expect(error?.description == "tensor \(name) has shape 127, expected 128")
  }

  @Test func everyMissingTensorIsAnErrorThatNamesTheFile() throws {
    let directory = try TemporaryDirectory()
    let checkpoint = try Checkpoint(
      contentsOfFile: Fixtures.path("../../Sources/EmbeddedModel/sam_nano.safetensors"))
    var random = SplitMix64(seed: 11)
    for name in checkpoint.tensors.keys.sorted().shuffled(using: &random).prefix(12) {
      var tensors = checkpoint.tensors
      tensors[name] = nil
      let path = directory.file("incomplete.safetensors")
      try Checkpoint.write(tensors, metadata: checkpoint.metadata, to: path, as: .float16)
      let error = #expect(throws: SAMError.self) { try SAM(checkpoint: path) }
      #expect(error?.description.hasPrefix(path) == true, "\(name): \(error?.description ?? "")")
    }
  }

  @Test(.enabled(if: SharedData.has("golden/model")))
  func allFormatsOfAModelShareEmbeddings() throws {
    let root = try SharedData.require("golden/model")
    let image = try Image(contentsOfFile: SharedData.require("golden/stages/scene.png"))
    let models = try [
      "sam_small.pth", "sam_small_legacy.pth", "sam_small.safetensors", "sam_small_hf.safetensors",
    ]
    .map { try SAM(checkpoint: "\(root)/\($0)") }
    let embedding = try models[0].embed(image)
    let answers = try models.map {
      try $0.predict([.point(161, 104)], in: embedding, multimask: true)[0].masks
    }
    #expect(answers.allSatisfy { $0 == answers[0] })
  }
}
