internal import Imaging
internal import Modeling
internal import SegmentAnything
internal import Tensors

extension StagesCheck {
  /// Every case twice: the batch as a whole through prompt encoder and mask decoder, and prompt by prompt through the
  /// library's interface.
  func comparePrompts(_ embedding: ImageEmbedding) throws(VerificationError) {
    let list = try folder.json("prompts.json")
    let file = try folder.tensors("prompts.safetensors")
    if let size = try list[optional: "original_hw"]?.numbers(2) {
      recorder.record("original_hw", Difference([Double(image.height), Double(image.width)], size), .exact)
    }
    if let size = try list[optional: "input_hw"]?.numbers(2) {
      recorder.record(
        "input_hw", Difference([Double(geometry.inputHeight), Double(geometry.inputWidth)], size), .exact)
    }
    for reference in try list.member("cases").elements() {
      recorder.attempt(reference.place) { () throws(VerificationError) in
        try compare(reference, file, embedding)
      }
    }
  }

  private func compare(
    _ reference: ReferenceValue, _ file: ReferenceTensors, _ embedding: ImageEmbedding
  ) throws(VerificationError) {
    var prompt = try PromptedCase(reference)
    let name = prompt.name
    let side = model.configuration.lowResolutionSize
    if let mask = file[optional: "\(name).mask_input"] {
      let batch = mask.shape.first == prompt.batch ? prompt.batch : 1
      prompt.masks = try mask.tensor([batch, 1, side, side]).reshaped([batch, side, side])
    } else if reference[optional: "has_mask_input"]?.isTrue == true {
      _ = try file.tensor("\(name).mask_input")
    }
    let isMultimask = reference[optional: "multimask_output"]?.isTrue == true
    let points = prompt.modelPoints(geometry)
    try compareInput(prompt, points.coordinates, file)

    let encoded = model.promptEncoder(
      coordinates: points.coordinates, kinds: points.kinds, masks: prompt.masks)
    recorder.compare(
      "\(name).sparse", encoded.sparse, with: file[optional: "\(name).sparse"],
      try tolerances.limit("stages.sparse"))
    try compareDense(name, encoded.dense, file)

    let features = MaskDecoder.ImageFeatures(
      embedding: embedding.embedding, positions: model.positions, highResolution: embedding.highResolution)
    try compareInternals(name, features, encoded, file)
    let masks = isMultimask ? model.maskDecoder.multimaskRange : 0..<1
    let output = model.maskDecoder(features, prompts: encoded, masks: masks)
    let answer = Answer(
      logits: output.logits.reshaped([prompt.batch * masks.count, side, side]),
      iouPredictions: output.iouPredictions.elements)
    try compare(answer, name, label: name, reference, file)

    let predictions: [Prediction]
    do throws(SAMError) {
      predictions = try model.predict(prompt.prompts(), in: embedding, multimask: isMultimask)
    } catch {
      throw .model(error)
    }
    try compare(
      Answer(
        logits: Tensor.concatenating(predictions.map(\.lowResolutionLogits)),
        iouPredictions: predictions.flatMap(\.iouPredictions), masks: predictions.flatMap(\.masks).map(\.bits)
      ),
      name, label: name + " predict", reference, file)
  }

  /// What the prompt encoder is given, in the model's frame.
  private func compareInput(
    _ prompt: PromptedCase, _ coordinates: Tensor, _ file: ReferenceTensors
  ) throws(VerificationError) {
    let rows = (0..<prompt.batch).map { coordinates[outermost: $0] }
    let name = prompt.name
    if let points = prompt.points {
      let count = points[0].count
      recorder.compare(
        "\(name).point_coords",
        Tensor.concatenating(rows.map { $0[outermost: 0..<count] }).reshaped([prompt.batch, count, 2]),
        with: file[optional: "\(name).point_coords"], try tolerances.limit("stages.point_coords"))
      recorder.compare(
        "\(name).point_labels",
        Tensor(points.joined().map { Float($0.label.rawValue) }, shape: [prompt.batch, count]),
        with: file[optional: "\(name).point_labels"], try tolerances.limitOrExact("stages.point_labels"))
    }
    if prompt.boxes != nil {
      let corners = rows.map { row in row[outermost: row.shape[0] - 2..<row.shape[0]] }
      recorder.compare(
        "\(name).boxes", Tensor.concatenating(corners).reshaped([prompt.batch, 4]),
        with: file[optional: "\(name).boxes"], try tolerances.limit("stages.boxes"))
    }
  }

  /// The dense embedding, which the file may hold at a few positions only.
  private func compareDense(
    _ name: String, _ dense: Tensor, _ file: ReferenceTensors
  ) throws(VerificationError) {
    guard let reference = file[optional: "\(name).dense"] else { return }
    let width = model.configuration.decoder.width
    let grid = model.configuration.embeddingSize
    let whole =
      dense.count == width
      ? dense.reshaped([1, width]).repeated(grid * grid).reshaped([1, grid, grid, width]) : dense
    guard reference.shape.count == 4,
      let thinned = whole.thinned(height: reference.shape[2], width: reference.shape[3])
    else { throw reference.mismatch([1, width, grid, grid]) }
    recorder.compare(
      "\(name).dense", Layout.channelsFirst.arrange(thinned), with: reference,
      try tolerances.limit("stages.dense"))
  }

  /// The decoder's inner values, for cases that have them: tensors `CASE.decoder.NAME`.
  private func compareInternals(
    _ name: String, _ features: MaskDecoder.ImageFeatures, _ encoded: PromptEncoder.Output,
    _ file: ReferenceTensors
  ) throws(VerificationError) {
    let prefix = "\(name).decoder."
    let expected = file.names.filter { $0.hasPrefix(prefix) }
    guard !expected.isEmpty else { return }
    let limit = try tolerances.limit("stages.decoder_internals")
    var seen: Set<String> = []
    func compare(_ stage: String, _ value: Tensor, _ layout: Layout = .channelsLast) {
      seen.insert(prefix + stage)
      recorder.compare(prefix + stage, layout.arrange(value), with: file[optional: prefix + stage], limit)
    }
    let masks = 0..<model.maskDecoder.multimaskRange.upperBound
    let output = model.maskDecoder(
      features, prompts: encoded, masks: masks,
      observe: ActivationObserver { stage, value in
        compare(stage, value, stage == "upscaled" ? .channelsFirst : .channelsLast)
      })
    compare("iou_all\(masks.count)", output.iouPredictions)
    compare("masks_all\(masks.count)", output.logits)
    for name in expected where !seen.contains(name) { recorder.skip(name) }
  }

  /// What the model answers.
  private struct Answer {
    /// (batch · masks) x size/4 x size/4
    var logits: Tensor
    var iouPredictions: [Float]
    /// At the original size; nil where they are to be made from the logits here.
    var masks: [[UInt8]]?
  }

  private func compare(
    _ answer: Answer, _ name: String, label: String, _ reference: ReferenceValue, _ file: ReferenceTensors
  ) throws(VerificationError) {
    let side = model.configuration.lowResolutionSize
    let count = answer.logits.shape[0]
    func shaped(_ tensor: Tensor, like reference: ReferenceTensor?) -> Tensor {
      // Batch and masks are one dimension here, two in the file.
      guard let sizes = reference?.shape, let shape = Shape(checking: sizes),
        shape.elementCount == tensor.count,
        sizes.suffix(2).elementsEqual(tensor.shape.suffix(2))
      else { return tensor }
      return tensor.reshaped(shape)
    }
    let logits = file[optional: "\(name).low_res_logits"]
    recorder.compare(
      "\(label).low_res_logits", shaped(answer.logits.reshaped([count, side, side]), like: logits),
      with: logits,
      try tolerances.limit("stages.low_res_logits"))

    let iouLimit = try tolerances.limit("stages.iou_predictions")
    if let reference = file[optional: "\(name).iou_predictions"] {
      let shape = Shape(checking: reference.shape).flatMap { $0.elementCount == count ? $0 : nil } ?? [count]
      recorder.compare(
        "\(label).iou_predictions", Tensor(answer.iouPredictions, shape: shape), with: reference, iouLimit)
    }
    try recorder.compare(
      "\(label) iou_predictions in prompts.json", answer.iouPredictions,
      with: reference[optional: "iou_predictions"],
      iouLimit)

    if let reference = file[optional: "\(name).mask_logits"] {
      recorder.compare(
        "\(label).mask_logits", shaped(geometry.upsampling.logits(answer.logits), like: reference),
        with: reference,
        try tolerances.limit("stages.mask_logits"))
    }
    let masks = answer.masks ?? geometry.upsampling.masks(answer.logits)
    let maskLimit = try tolerances.limit("stages.masks")
    try recorder.compare("\(label).masks", masks: masks, with: file[optional: "\(name).masks"], maskLimit)
    try recorder.compare(
      "\(label) areas in prompts.json", areas: masks.map { $0.count { $0 != 0 } },
      pixels: image.width * image.height,
      with: reference[optional: "areas"], maskLimit)
  }
}
