import Checkpoints
import Files
import Modeling
import SegmentAnything
import Tensors
import TestSupport
import Testing

@Suite struct RecognitionTests {
  static let decoder = DecoderConfiguration(
    width: 32, maskInputChannels: 8, depth: 1, heads: 8, mlpWidth: 24, attentionDownsampling: 4,
    multimaskOutputs: 2,
    iouHeadDepth: 2, iouHeadWidth: 40)
  static let encoder = ViTConfiguration(
    width: 48, depth: 4, heads: 3, mlpWidth: 100, patchSize: 16, windowSize: 3, globalBlocks: [1, 2],
    storedPositions: 8)
  static let model = SyntheticModel.viT(encoder, decoder: decoder)

  /// Whether the three parts can be built of what was recognised.
  static func build(_ model: RecognizedModel) throws {
    let parameters = Parameters(model.parameters)
    _ = try ImageEncoder(parameters["image_encoder"], model.configuration)
    _ = try PromptEncoder(parameters["prompt_encoder"], model.configuration)
    _ = try MaskDecoder(parameters["mask_decoder"], model.configuration)
  }

  @Test func sizesAreReadOffTheTensors() throws {
    let folder = try TemporaryDirectory()
    let model = try RecognizedModel(Self.model.checkpoint(in: folder))
    #expect(
      model.configuration
        == ModelConfiguration(imageSize: 128, encoder: .viT(Self.encoder), decoder: Self.decoder))
    #expect(model.name == "vit 48x4")
    #expect(model.naming == .official)
    try Self.build(model)
  }

  static let variants: [ViTConfiguration] = [
    // No absolute positions: the grid is the global blocks'.
    ViTConfiguration(
      width: 32, depth: 2, heads: 4, mlpWidth: 64, patchSize: 8, windowSize: 5, globalBlocks: [1],
      hasAbsolutePositions: false, storedPositions: 6),
    // Windows larger than the grid.
    ViTConfiguration(
      width: 32, depth: 3, heads: 2, mlpWidth: 64, patchSize: 16, windowSize: 14, globalBlocks: [2],
      storedPositions: 4),
    // No windows at all: each quarter's last block is global by the rule, which changes nothing in a grid-sized window.
    ViTConfiguration(
      width: 32, depth: 4, heads: 2, mlpWidth: 64, patchSize: 16, windowSize: 4, globalBlocks: [0, 1, 2, 3],
      storedPositions: 4),
    // No relative positions: a head for every 64 channels, windows of 14.
    ViTConfiguration(
      width: 128, depth: 8, heads: 2, mlpWidth: 32, patchSize: 16, windowSize: 14,
      globalBlocks: [1, 3, 5, 7],
      hasRelativePositions: false, storedPositions: 4),
  ]

  @Test(arguments: variants)
  func unusualTransformersAreRecognised(sizes: ViTConfiguration) throws {
    let folder = try TemporaryDirectory()
    let metadata = sizes.hasAbsolutePositions ? [:] : ["config": #"{"use_abs_pos": false}"#]
    let model = try RecognizedModel(
      SyntheticModel.viT(sizes, decoder: Self.decoder).checkpoint(in: folder, metadata: metadata))
    #expect(model.configuration.encoder == .viT(sizes))
    #expect(model.configuration.imageSize == sizes.storedPositions * sizes.patchSize)
    try Self.build(model)
  }

  @Test func everyTensorThatIsTakenAwayIsMissed() throws {
    let folder = try TemporaryDirectory()
    for name in Self.model.tensors.keys.sorted() {
      var model = Self.model
      model.tensors[name] = nil
      let checkpoint = try model.checkpoint(in: folder)
      // Where a tensor tells a size, that is an error at once; else the part that wants it says so.
      #expect(throws: (any Error).self, "\(name)") { try Self.build(RecognizedModel(checkpoint)) }
    }
  }

  @Test(arguments: [
    "module.", "model.", "sam.", "_orig_mod.", "module._orig_mod.", "model.sam.", "some.thing.else.",
  ])
  func prefixesAreTakenOff(prefix: String) throws {
    let folder = try TemporaryDirectory()
    let plain = try RecognizedModel(Self.model.checkpoint(in: folder))
    let model = try RecognizedModel(Self.model.checkpoint(in: folder, named: "p.safetensors") { prefix + $0 })
    #expect(model.configuration == plain.configuration)
    #expect(model.fingerprint == plain.fingerprint)
    #expect(model.parameters.keys.sorted() == plain.parameters.keys.sorted())
  }

  @Test func theModelItselfIsTakenBesideItsAverage() throws {
    let folder = try TemporaryDirectory()
    var both = SyntheticModel()
    for (name, tensor) in Self.model.tensors {
      both.tensors["model." + name] = tensor
      both.tensors["ema." + name] = tensor + tensor
    }
    let plain = try RecognizedModel(Self.model.checkpoint(in: folder))
    #expect(
      try RecognizedModel(both.checkpoint(in: folder, named: "b.safetensors")).fingerprint
        == plain.fingerprint)

    let unknown = try both.checkpoint(in: folder, named: "c.safetensors") {
      $0.hasPrefix("model.") ? "teacher." + $0.dropFirst(6) : $0
    }
    let error = try #require(throws: RecognitionError.self) { _ = try RecognizedModel(unknown) }
    #expect(error.reason == .ambiguous(prefixes: ["ema", "teacher"]))
  }

  @Test func theFingerprintFollowsTheWeightsOnly() throws {
    let folder = try TemporaryDirectory()
    let plain = try RecognizedModel(Self.model.checkpoint(in: folder))
    var more = Self.model
    more.add("pixel_mean", [3, 1, 1])
    more.add("image_encoder.norm_head.weight", [5])
    #expect(
      try RecognizedModel(more.checkpoint(in: folder, named: "more.safetensors")).fingerprint
        == plain.fingerprint)
    for name in ["mask_decoder.iou_token.weight", "image_encoder.blocks.3.mlp.lin2.weight"] {
      var changed = Self.model
      let tensor = try #require(changed.tensors[name])
      changed.tensors[name] = tensor + tensor
      let other = try RecognizedModel(changed.checkpoint(in: folder, named: "changed.safetensors"))
      #expect(other.fingerprint != plain.fingerprint)
    }
    #expect(ModelFingerprint(plain.fingerprint.description) == plain.fingerprint)
    #expect(ModelFingerprint("0123") == nil)
    #expect(ModelFingerprint(String(repeating: "G", count: 64)) == nil)
  }

  @Test func otherCheckpointsAreNamedInTheError() throws {
    let folder = try TemporaryDirectory()
    var clip = SyntheticModel()
    clip.add("text_model.embeddings.weight", [4, 4])
    clip.add("vision_model.embeddings.weight", [4, 4])
    let checkpoint = try clip.checkpoint(in: folder)
    let error = try #require(throws: RecognitionError.self) { _ = try RecognizedModel(checkpoint) }
    #expect(
      error.description
        == checkpoint.path
        + ": not a Segment Anything checkpoint: no tensor named mask_decoder.iou_token.weight; "
        + "first names are text_model.embeddings.weight, vision_model.embeddings.weight")

    let foreign = try Self.model.checkpoint(in: folder) {
      $0.hasPrefix("image_encoder.patch_embed") ? nil : $0
    }
    let encoderError = try #require(throws: RecognitionError.self) { _ = try RecognizedModel(foreign) }
    #expect(encoderError.description.contains("an image encoder of an unknown form"))
  }

  @Test(arguments: [
    "mask_decoder.transformer.layers.0.mlp.lin1.weight", "prompt_encoder.mask_downscaling.3.weight",
    "image_encoder.neck.0.weight", "mask_decoder.mask_tokens.weight",
  ])
  func aMissingOrMisshapenTensorIsNamed(name: String) throws {
    let folder = try TemporaryDirectory()
    let missing = try Self.model.checkpoint(in: folder) { $0 == name ? nil : $0 }
    let error = try #require(throws: RecognitionError.self) { _ = try RecognizedModel(missing) }
    #expect(error.reason == .missingTensor(name: name))
    var misshapen = Self.model
    misshapen.add(name, [7])
    let checkpoint = try misshapen.checkpoint(in: folder, named: "misshapen.safetensors")
    let shapeError = try #require(throws: RecognitionError.self) { _ = try RecognizedModel(checkpoint) }
    #expect(shapeError.reason == .misshapenTensor(name: name, shape: [7]))
  }

  @Test func encodersByThemselvesAreRecognised() throws {
    let folder = try TemporaryDirectory()
    let bare = try Self.model.checkpoint(in: folder) {
      $0.hasPrefix("image_encoder.") ? String($0.dropFirst("image_encoder.".count)) : nil
    }
    let model = try RecognizedModel(encoder: bare)
    #expect(model.configuration.encoder == .viT(Self.encoder))
    #expect(model.configuration.decoder.width == 32)
    _ = try ImageEncoder(Parameters(model.parameters)["image_encoder"], model.configuration)
    #expect(throws: RecognitionError.self) { _ = try RecognizedModel(bare) }
  }

  /// Shapes from strangers: whatever they are, an answer or an error, and a model that is built only of what fits.
  @Test func randomShapesAreRecognisedOrRefused() throws {
    let folder = try TemporaryDirectory()
    let names = Self.model.tensors.keys.sorted()
    for seed in 0..<40 {
      var random = SplitMix64(seed: UInt64(seed))
      var tensors = Self.model.tensors
      for _ in 0..<Int.random(in: 1...30, using: &random) {
        let name = names[Int.random(in: 0..<names.count, using: &random)]
        let rank = Int.random(in: 0...5, using: &random)
        let sizes = (0..<rank).map { _ in Int.random(in: 0...4, using: &random) }
        tensors[name] = Shape(checking: sizes).map { Tensor(repeating: 1, shape: $0) }
      }
      try Checkpoint.write(tensors, to: folder.file("random.safetensors"))
      let checkpoint = try Checkpoint(contentsOfFile: folder.file("random.safetensors"))
      switch Result(catching: { () throws(RecognitionError) in try RecognizedModel(checkpoint) }) {
      case .success(let model): #expect(throws: ModelError.self, "seed \(seed)") { try Self.build(model) }
      case .failure(let error): #expect(error.path == checkpoint.path)
      }
    }
  }
}
