import Checkpoints
import Modeling
import SegmentAnything
import Tensors
import TestSupport
import Testing

/// The reference models in all their file formats.
@Suite struct SharedModelTests {
  static let small = ModelConfiguration(
    imageSize: 256,
    encoder: .viT(
      ViTConfiguration(
        width: 96, depth: 4, heads: 3, mlpWidth: 384, patchSize: 16, windowSize: 7, globalBlocks: [1, 3],
        storedPositions: 16)),
    decoder: DecoderConfiguration(width: 64, heads: 4, mlpWidth: 128, iouHeadWidth: 64))

  @Test(
    .enabled(if: SharedData.has("golden/model/sam_small_hf.safetensors")),
    arguments: [
      ("sam_small.pth", CheckpointNaming.official), ("sam_small_legacy.pth", .official),
      ("sam_small_hf.safetensors", .huggingFace),
    ])
  func allFormatsAreOneModel(file: String, naming: CheckpointNaming) throws {
    let reference = try RecognizedModel(
      Checkpoint(contentsOfFile: SharedData.require("golden/model/sam_small.safetensors")))
    let model = try RecognizedModel(Checkpoint(contentsOfFile: SharedData.require("golden/model/\(file)")))
    #expect(model.naming == naming)
    #expect(model.configuration == Self.small)
    #expect(model.configuration == reference.configuration)
    #expect(model.fingerprint == reference.fingerprint)
    #expect(model.parameterCount == 754_728)
    #expect(model.parameters.keys.sorted() == reference.parameters.keys.sorted())
    #expect(reference.parameters.count == 202)
    for (name, tensor) in reference.parameters {
      let other = try #require(model.parameters[name])
      #expect(other.shape == tensor.shape)
      #expect(other.elements == tensor.elements, "\(name)")
    }
    try RecognitionTests.build(model)
  }

  @Test(.enabled(if: SharedData.has("golden/nano/sam_nano.safetensors")))
  func theHybridModelIsRecognised() throws {
    let model = try RecognizedModel(
      Checkpoint(contentsOfFile: SharedData.require("golden/nano/sam_nano.safetensors")))
    #expect(
      model.configuration
        == ModelConfiguration(
          imageSize: 384,
          encoder: .hybrid(
            HybridConfiguration(
              stemWidth: 24, widths: [48, 96, 160, 256], blocks: [2, 3, 3, 0], attentionBlocks: [0, 0, 2, 2],
              attentionHeads: [0, 0, 5, 8])),
          decoder: DecoderConfiguration(
            width: 128, mlpWidth: 512, iouHeadWidth: 128, hasHighResolutionFeatures: true)))
    #expect(model.parameterCount == 4_102_016)
    try RecognitionTests.build(model)
  }

  @Test(.enabled(if: SharedData.has("golden/tinyvit/tinyvit_small.safetensors")))
  func aTinyViTEncoderByItselfIsRecognised() throws {
    let path = try SharedData.require("golden/tinyvit/tinyvit_small.safetensors")
    let model = try RecognizedModel(encoder: Checkpoint(contentsOfFile: path))
    #expect(
      model.configuration.encoder
        == .tinyViT(
          TinyViTConfiguration(
            widths: [16, 32, 48, 320], depths: [1, 2, 2, 1], heads: [1, 2, 3, 10], windowSizes: [7, 7, 14, 7])
        ))
    #expect(model.configuration.decoder.width == 256)
    #expect(model.parameters["image_encoder.head.weight"] == nil)
    _ = try ImageEncoder(Parameters(model.parameters)["image_encoder"], model.configuration)
    #expect(throws: RecognitionError.self) { _ = try RecognizedModel(Checkpoint(contentsOfFile: path)) }
  }
}
