internal import Modeling

extension Recipe {
  /// Reads a recipe.
  ///
  /// - Parameters:
  ///   - text: YAML.
  ///   - path: what errors call it.
  /// - Throws: ``TrainingError`` that names the line.
  public init(_ text: String, path: String) throws(TrainingError) {
    let reader = try RecipeReader(text: text, path: path)
    self.path = path
    let model = try reader.required("model", try reader.mapping("model"))
    start = try Recipe.start(model)
    if let keys = try model.number("keys_from_queries", in: 0...100) {
      initialization.keysFromQueries = keys == 0 ? nil : Float(keys)
    }
    switch start {
    case .random: break
    case .checkpoint, .embedded:
      growth.blocks = try model.integers("blocks", count: 4, in: 0...100)
      growth.attentionBlocks = try model.integers("attention_blocks", count: 4, in: 0...100)
    }
    try model.finish()
    seed = UInt64(try reader.integer("seed", in: 0...Int.max) ?? 0)
    initialization.seed = seed

    stages = []
    for stage in try reader.required("stages", try reader.mappings("stages")) {
      stages.append(try Stage(stage))
    }
    data = []
    syntheticWeight = try reader.number("synthetic", in: 0...1e9) ?? 0
    nestedWeight = try reader.number("nested", in: 0...1e9) ?? 0
    let listed = try reader.mappings("data", shorthand: "path")
    for item in try syntheticWeight + nestedWeight > 0 ? listed ?? [] : reader.required("data", listed) {
      data.append(try Data(item, isWeighted: true))
    }
    masksPerImage = try reader.integer("masks_per_image", in: Recipe.maskCounts) ?? masksPerImage
    if let part = try reader.mapping("pretraining") { pretraining = try MaskedAutoencoding(part) }
    if let part = try reader.mapping("augmentation") { augmentation = try Augmentation(part) }
    if let part = try reader.mapping("prompts") { objective.prompts = try PromptSimulation(part) }
    objective.boxIsAmbiguous = try reader.boolean("box_is_ambiguous") ?? false
    objective.maskEmphasis = try reader.number("mask_emphasis", in: 0...1) ?? 0
    if let part = try reader.mapping("loss") {
      crossEntropySteps = try part.integer("cross_entropy_steps", in: 0...Int.max) ?? 0
      objective.loss = try MaskLoss(part)
    }
    if let part = try reader.mapping("optimizer") { optimizer = try AdamW(part) }
    if let part = try reader.mapping("regularization") { mode = try TrainingMode.Settings(part) }
    switch try reader.text("precision") ?? "float32" {
    case "float32": roundsProducts = false
    case "bfloat16": roundsProducts = true
    default: throw reader.problem("precision", "float32 or bfloat16")
    }
    frozen = try reader.texts("freeze") ?? []
    if let part = try reader.mapping("lora") { adapters = try LowRankAdapters(part) }
    cacheBytes = (try reader.integer("cache_megabytes", in: 0...1 << 30) ?? 2048) << 20
    shards = try reader.integer("shards", in: 1...1024) ?? shards
    checkpointEvery = try reader.integer("checkpoint_every", in: 1...Int.max) ?? checkpointEvery
    if let part = try reader.mapping("validation") { validation = try Validation(part) }
    try reader.finish()
    self.text = text
  }

  /// How many masks of an image may be asked for.
  fileprivate static let maskCounts = 1...4096

  private static func start(_ reader: RecipeReader) throws(TrainingError) -> Start {
    if let path = try reader.text("checkpoint") {
      return path == "embedded" ? .embedded : .checkpoint(path: path)
    }
    let form = try reader.required("form", try reader.text("form"))
    guard var configuration = ModelForms.named(form) else {
      throw reader.problem("form", "one of \(ModelForms.names.joined(separator: ", "))")
    }
    switch configuration.encoder {
    case .hybrid(var sizes):
      sizes.stemWidth = try reader.integer("stem", in: 1...4096) ?? sizes.stemWidth
      sizes.widths = try reader.integers("widths", count: 4, in: 1...4096) ?? sizes.widths
      sizes.blocks = try reader.integers("blocks", count: 4, in: 0...100) ?? sizes.blocks
      sizes.attentionBlocks =
        try reader.integers("attention_blocks", count: 4, in: 0...100) ?? sizes.attentionBlocks
      sizes.attentionHeads =
        try reader.integers("attention_heads", count: 4, in: 1...100) ?? sizes.attentionHeads
      configuration.encoder = .hybrid(sizes)
    case .viT(var sizes):
      sizes.width = try reader.integer("width", in: 1...8192) ?? sizes.width
      sizes.mlpWidth = try reader.integer("mlp_width", in: 1...32768) ?? 4 * sizes.width
      sizes.depth = try reader.integer("depth", in: 1...200) ?? sizes.depth
      sizes.heads = try reader.integer("heads", in: 1...200) ?? sizes.heads
      sizes.windowSize = try reader.integer("window", in: 1...200) ?? sizes.windowSize
      let blocks = try reader.integers("global_blocks", in: 0...max(0, sizes.depth - 1))
      // Those of a form fit its own depth.
      sizes.globalBlocks = blocks.map { Set($0) } ?? sizes.globalBlocks.filter { $0 < sizes.depth }
      configuration.encoder = .viT(sizes)
    case .tinyViT:
      break
    }
    configuration.decoder.width =
      try reader.integer("decoder_width", in: 8...4096) ?? configuration.decoder.width
    configuration.imageSize = try reader.integer("image_size", in: 32...8192) ?? configuration.imageSize
    if case .viT(var sizes) = configuration.encoder {
      sizes.storedPositions = configuration.embeddingSize
      configuration.encoder = .viT(sizes)
    }
    return .random(configuration, encoder: try reader.text("encoder"))
  }
}

extension Recipe.Data {
  init(_ reader: RecipeReader, isWeighted: Bool) throws(TrainingError) {
    path = try reader.required("path", try reader.text("path"))
    images = try reader.text("images")
    if isWeighted { weight = try reader.number("weight", in: 0...1e9) }
    try reader.finish()
  }
}

extension Recipe.Stage {
  init(_ reader: RecipeReader) throws(TrainingError) {
    size = try reader.required("size", try reader.integer("size", in: 32...8192))
    guard size % 16 == 0 else { throw reader.problem("size", "a multiple of 16") }
    batch = try reader.required("batch", try reader.integer("batch", in: 1...65536))
    if let steps = try reader.integer("steps", in: 1...Int.max / 65536) {
      self.steps = steps
    } else {
      let images = try reader.required("steps", try reader.integer("images", in: 1...Int.max / 65536))
      steps = max(1, images / batch)
    }
    rate = try reader.required("rate", try reader.number("rate", in: 0...100))
    warmup = try reader.integer("warmup", in: 0...Int.max) ?? 0
    switch try reader.text("schedule") ?? "cosine" {
    case "cosine": schedule = .cosine
    case "constant": schedule = .constant
    case "steps":
      schedule = .steps(
        after: try reader.numbers("drops", in: 0...1) ?? [2.0 / 3, 26.0 / 27],
        factor: try reader.number("drop_factor", in: 0...1) ?? 0.1)
    default: throw reader.problem("schedule", "cosine, constant or steps")
    }
    pointRounds = try reader.wholeRange("points", in: 0...100)
    masksPerImage = try reader.integer("masks_per_image", in: Recipe.maskCounts)
    try reader.finish()
  }
}

extension Augmentation {
  init(_ reader: RecipeReader) throws(TrainingError) {
    flip = try reader.number("flip", in: 0...1) ?? flip
    scale = try reader.range("scale", in: 0.01...100) ?? scale
    scaleProbability = try reader.number("scale_probability", in: 0...1) ?? scaleProbability
    brightness = try reader.number("brightness", in: 0...1) ?? 0
    contrast = try reader.number("contrast", in: 0...1) ?? 0
    saturation = try reader.number("saturation", in: 0...1) ?? 0
    largestMask = try reader.number("largest_mask", in: 0...1) ?? largestMask
    smallestMask = try reader.integer("smallest_mask", in: 1...Int.max) ?? smallestMask
    try reader.finish()
  }
}

extension PromptSimulation {
  init(_ reader: RecipeReader) throws(TrainingError) {
    boxProbability = try reader.number("box", in: 0...1) ?? boxProbability
    boxNoise = try reader.number("box_noise", in: 0...1) ?? boxNoise
    boxNoiseLimit = try reader.number("box_noise_pixels", in: 0...1000) ?? boxNoiseLimit
    pointRounds = try reader.wholeRange("points", in: 0...100) ?? pointRounds
    emptyRounds = try reader.integer("without_points", in: 0...100) ?? emptyRounds
    innermostOf = try reader.integer("innermost_of", in: 1...1000) ?? innermostOf
    try reader.finish()
  }
}

extension MaskLoss {
  init(_ reader: RecipeReader) throws(TrainingError) {
    focal = Float(try reader.number("focal", in: 0...1e6) ?? Double(focal))
    dice = Float(try reader.number("dice", in: 0...1e6) ?? Double(dice))
    iou = Float(try reader.number("iou", in: 0...1e6) ?? Double(iou))
    alpha = Float(try reader.number("alpha", in: 0...1) ?? Double(alpha))
    crossEntropy = Float(try reader.number("cross_entropy", in: 0...1e6) ?? 0)
    others = Float(try reader.number("others", in: 0...1) ?? Double(others))
    outline = Float(try reader.number("outline", in: 0...1000) ?? Double(outline))
    try reader.finish()
  }
}

extension AdamW {
  init(_ reader: RecipeReader) throws(TrainingError) {
    if let betas = try reader.numbers("betas") {
      guard betas.count == 2, betas.allSatisfy({ (0..<1).contains($0) }) else {
        throw reader.problem("betas", "two numbers below 1")
      }
      (beta1, beta2) = (Float(betas[0]), Float(betas[1]))
    }
    epsilon = Float(try reader.number("epsilon", in: 0...1) ?? Double(epsilon))
    weightDecay = Float(try reader.number("weight_decay", in: 0...10) ?? Double(weightDecay))
    decaysVectors = try reader.boolean("decays_vectors") ?? false
    clip = try reader.number("clip", in: 1e-9...1e9).map { Float($0) }
    layerDecay = Float(try reader.number("layer_decay", in: 0.01...1) ?? 1)
    averageDecay = Float(try reader.number("average", in: 0...0.999999) ?? 0)
    if let part = try reader.mapping("muon") { matrices = try Muon(part) }
    try reader.finish()
  }
}

extension Muon {
  init(_ reader: RecipeReader) throws(TrainingError) {
    momentum = Float(try reader.number("momentum", in: 0...0.9999) ?? Double(momentum))
    size = Float(try reader.number("size", in: 0...100) ?? Double(size))
    try reader.finish()
  }
}

extension MaskedAutoencoding {
  init(_ reader: RecipeReader) throws(TrainingError) {
    hidden = try reader.number("hidden", in: 0.01...0.99) ?? hidden
    decoder.width = try reader.integer("width", in: 8...4096) ?? decoder.width
    decoder.depth = try reader.integer("depth", in: 0...100) ?? decoder.depth
    decoder.heads = try reader.integer("heads", in: 1...256) ?? decoder.heads
    try reader.finish()
  }
}

extension LowRankAdapters {
  init(_ reader: RecipeReader) throws(TrainingError) {
    rank = try reader.integer("rank", in: 1...1024) ?? rank
    alpha = Float(try reader.number("alpha", in: 0...1e6) ?? Double(alpha))
    layers = try reader.texts("layers") ?? layers
    try reader.finish()
  }
}

extension TrainingMode.Settings {
  init(_ reader: RecipeReader) throws(TrainingError) {
    self.init()
    dropPath = Float(try reader.number("drop_path", in: 0...0.99) ?? 0)
    decoderDropout = Float(try reader.number("decoder_dropout", in: 0...0.99) ?? 0)
    recomputesBlocks = try reader.boolean("recompute_blocks") ?? false
    freezesBatchNorm = try reader.boolean("freeze_batch_norm") ?? false
    try reader.finish()
  }
}

extension Recipe.Validation {
  init(_ reader: RecipeReader) throws(TrainingError) {
    for item in try reader.mappings("data", shorthand: "path", allowsOne: true) ?? [] {
      data.append(try Recipe.Data(item, isWeighted: false))
    }
    every = try reader.integer("every", in: 1...Int.max) ?? every
    images = try reader.integer("images", in: 1...Int.max) ?? images
    masks = try reader.integer("masks", in: 1...Int.max) ?? masks
    try reader.finish()
  }
}
