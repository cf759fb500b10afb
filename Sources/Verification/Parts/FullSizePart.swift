internal import Imaging
internal import Modeling
internal import SegmentAnything
internal import Tensors

/// `fullsize`: the official sizes, rebuilt from formula weights; a step for each file.
enum FullSizePart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    try context.folder.files("json").sorted { $0.isOrderedNaturally(before: $1) }.map { file in
      PartStep(String(file.dropLast(".json".count))) { (recorder) throws(VerificationError) in
        try FullSizeCheck(try context.folder.json(file), context.tolerances, recorder).run()
      }
    }
  }
}

/// One model of formula weights and its reference values.
private struct FullSizeCheck {
  let file: ReferenceValue
  let tolerances: Tolerances
  let recorder: Recorder
  /// `vit_b`, …
  let kind: String
  let formula: Formula
  let image: Image
  let encoder: ViTConfiguration
  let configuration: ModelConfiguration

  init(_ file: ReferenceValue, _ tolerances: Tolerances, _ recorder: Recorder) throws(VerificationError) {
    self.file = file
    self.tolerances = tolerances
    self.recorder = recorder
    kind = try file.member("model").text()
    formula = Formula(salt: try file.member("salt").text())
    let size = try file.member("image")
    image = try formula.image(
      width: try size.member("W").integer(in: Formula.imageSides),
      height: try size.member("H").integer(in: Formula.imageSides))
    (encoder, configuration) = try FullSizeCheck.configuration(file)
  }

  /// The model's sizes from the shapes of its records and examples of weights. What those do not tell is as in the
  /// official models: patches of 16, their heads where width and depth are theirs (else 64 channels wide), windows of
  /// 14, the last block of each quarter global.
  private static func configuration(
    _ file: ReferenceValue
  ) throws(VerificationError) -> (ViTConfiguration, ModelConfiguration) {
    let blocks = try file.member("blocks")
    let patches = try blocks.member("patch_embed").member("shape").integers(4, in: 1...4096)
    let embedding = try file.member("image_embedding").member("shape").integers(4, in: 1...4096)
    let depth = try blocks.members().count { name, _ in
      name.hasPrefix("block") && Int(name.dropFirst("block".count)) != nil
    }
    let (grid, width) = (patches[1], patches[3])
    guard patches[2] == grid, grid <= 128, (1...64).contains(depth) else {
      throw blocks.unexpected("of a vision transformer: \(depth) blocks, \(grid)x\(patches[2]) tokens")
    }
    let known = ViTConfiguration.known(width: width, depth: depth)
    var heads = known?.heads ?? max(1, width / 64)
    var patchSize = 16
    if let examples = file[optional: "weight_examples"] {
      for (name, example) in try examples.members() {
        guard let shape = try example[optional: "shape"]?.integers() else { continue }
        if name.hasSuffix("attn.rel_pos_h"), shape.count == 2, shape[1] > 0 { heads = width / shape[1] }
        if name.hasSuffix("patch_embed.proj.weight"), shape.count == 4 { patchSize = shape[3] }
      }
    }
    guard heads > 0, width % heads == 0, (1...64).contains(patchSize) else {
      throw file.unexpected(
        "of a vision transformer: width \(width), \(heads) heads, patches of \(patchSize)")
    }
    let quarters = Set((1...4).map { $0 * depth / 4 - 1 }.filter { $0 >= 0 })
    let encoder = ViTConfiguration(
      width: width, depth: depth, heads: heads, mlpWidth: 4 * width, patchSize: patchSize,
      globalBlocks: known?.globalBlocks ?? quarters, storedPositions: grid)
    return (
      encoder,
      ModelConfiguration(
        imageSize: grid * patchSize, encoder: .viT(encoder),
        decoder: DecoderConfiguration(width: embedding[1]))
    )
  }

  /// The limit of a quantity; a model may have limits of its own, for everything or for some quantities.
  private func limit(_ quantity: String) throws(VerificationError) -> Limit {
    quantity == "iou_predictions" || quantity == "mask_areas"
      ? try tolerances.limit("fullsize.\(kind).\(quantity)", "fullsize.\(quantity)")
      : try tolerances.limit("fullsize.\(kind).\(quantity)", "fullsize.\(kind)", "fullsize.\(quantity)")
  }

  func run() throws(VerificationError) {
    recorder.attempt("image") { () throws(VerificationError) in
      try recorder.check(image, with: try file.member("image"))
    }
    let model = try model()
    let embedding = try embed(model)
    for prompt in try file.member("prompts").elements() {
      recorder.attempt(prompt.place) { () throws(VerificationError) in
        try answer(prompt, model, embedding)
      }
    }
  }

  // MARK: - Weights

  private func model() throws(VerificationError) -> SAM {
    // Weights go back to the system when the model goes, so that the next model does not find them in its way.
    let memory = Compute(threads: Compute.shared.threads, keeping: 0)
    let shapes = ParameterShapes(encoder, configuration).shapes
    var parameters: [String: Tensor] = [:]
    var count = 0
    for (name, shape) in shapes {
      if parameters.count % 32 == 0 { recorder.announce("weights, \(count / 1_000_000)M so far") }
      parameters[name] = formula.weight(name, shape, on: memory)
      count += shape.elementCount
    }
    if let examples = file[optional: "weight_examples"] {
      recorder.attempt("weight_examples") { () throws(VerificationError) in try check(examples, parameters) }
    }
    do throws(ModelError) {
      return try SAM(
        parameters: parameters, configuration: configuration,
        info: ModelInfo(
          name: kind, path: nil, parameterCount: count, fingerprint: ModelFingerprint(of: parameters),
          notice: nil))
    } catch {
      throw .model(.model(path: file.path, error))
    }
  }

  /// Hashes, rules, and the first and last values of some parameters.
  private func check(_ examples: ReferenceValue, _ parameters: [String: Tensor]) throws(VerificationError) {
    for (name, example) in try examples.members() {
      guard let tensor = parameters[name] else {
        throw example.unexpected("a parameter of this build's \(kind)")
      }
      guard try example.member("shape").integers().elementsEqual(tensor.shape) else {
        throw example.unexpected("of this build's shape, \(tensor.shape)")
      }
      let rule = FormulaWeight(name: name, shape: tensor.shape)
      let hash = formula.hash(name)
      if let text = try example[optional: "fnv1a64"]?.text() {
        guard UInt64(text.dropFirst(text.hasPrefix("0x") ? 2 : 0), radix: 16) == hash else {
          throw example.unexpected("of this build's hash, 0x\(String(hash, radix: 16))")
        }
      }
      var (values, expected): ([Double], [Double]) = ([], [])
      func compare(_ key: String, _ own: (Int) -> Double) throws(VerificationError) {
        guard let reference = try example[optional: key]?.flatNumbers() else { return }
        guard reference.count <= tensor.count else { throw example.unexpected("within the parameter's size") }
        values += reference.indices.map(own)
        expected += reference
      }
      let elements = tensor.withUnsafeBuffer { Array($0.prefix(64)) }
      let last = tensor.withUnsafeBuffer { $0.last } ?? 0
      try compare("a") { _ in rule.offset }
      try compare("b") { _ in rule.scale }
      try compare("first5_u") { Formula.uniform(hash, $0) }
      try compare("first5") { $0 < elements.count ? Double(elements[$0]) : .nan }
      try compare("last") { _ in Double(last) }
      recorder.record("weights \(name)", Difference(values, expected), .exact, note: "\(values.count) values")
    }
  }

  // MARK: - Encoder

  private func embed(_ model: SAM) throws(VerificationError) -> ImageEmbedding {
    let blocks = try file.member("blocks")
    let limit = try limit("blocks")
    var seen: Set<String> = []
    let input = ModelInput(image, size: configuration.imageSize, compute: model.compute)
    recorder.announce("encoding")
    let embedding: ImageEmbedding
    do throws(SAMError) {
      embedding = try model.embed(
        input.tensor, width: image.width, height: image.height,
        observe: ActivationObserver { name, value in
          guard let reference = blocks[optional: name] else { return }
          seen.insert(name)
          compare(name, reference, value, limit)
          recorder.announce("encoding, \(name) done")
        })
    } catch {
      throw .model(error)
    }
    for (name, _) in try blocks.members() where !seen.contains(name) { recorder.skip(name) }
    let size = configuration.embeddingSize
    compare(
      "image_embedding", try file.member("image_embedding"),
      Layout.channelsFirst.arrange(
        embedding.embedding.reshaped([1, size, size, configuration.decoder.width])),
      try self.limit("image_embedding"))
    return embedding
  }

  private func compare(_ name: String, _ reference: ReferenceValue, _ value: Tensor, _ limit: Limit) {
    recorder.attempt(name) { () throws(VerificationError) in
      let record = try SampledRecord(reference)
      let (samples, statistics) = try record.differences(from: value)
      recorder.record(name, samples, limit, note: "\(record.values.count) values")
      if !record.statistics.isEmpty { recorder.record(name + " statistics", statistics, limit) }
    }
  }

  // MARK: - Prompts

  private func answer(
    _ reference: ReferenceValue, _ model: SAM, _ embedding: ImageEmbedding
  ) throws(VerificationError) {
    let name = try reference[optional: "name"]?.text() ?? reference.place
    let prompt = try prompt(reference)
    for (mode, multimask) in [("multimask", true), ("single", false)] {
      guard let expected = reference[optional: mode] else { continue }
      let prediction: Prediction
      do throws(SAMError) {
        prediction = try model.predict([prompt], in: embedding, multimask: multimask)[0]
      } catch {
        throw .model(error)
      }
      let prefix = "\(name) \(mode)"
      if let record = expected[optional: "low_res_logits"] {
        let logits = prediction.lowResolutionLogits
        compare(
          prefix + " low_res_logits", record,
          logits.reshaped([1, logits.shape[0], logits.shape[1], logits.shape[2]]),
          try limit("low_res_logits"))
      }
      try compare(
        prefix + " iou_predictions", expected[optional: "iou_predictions"],
        prediction.iouPredictions.map(Double.init),
        try limit("iou_predictions"))
      try compare(
        prefix + " mask_areas", expected[optional: "mask_areas"], prediction.masks.map { Double($0.area) },
        try limit("mask_areas"))
    }
  }

  private func compare(
    _ name: String, _ reference: ReferenceValue?, _ values: [Double], _ limit: Limit
  ) throws(VerificationError) {
    guard let reference else { return }
    recorder.record(name, Difference(values, try reference.numbers(values.count)), limit)
  }

  private func prompt(_ reference: ReferenceValue) throws(VerificationError) -> Prompt {
    var prompt = Prompt()
    if let points = reference[optional: "point"] ?? reference[optional: "points"] {
      let labels = try reference.member(reference[optional: "label"] == nil ? "labels" : "label")
      prompt.points = try PromptReading.points(points, labels)
    }
    if let box = reference[optional: "box"] { prompt.box = try PromptReading.boxes(box).first }
    return prompt
  }
}
