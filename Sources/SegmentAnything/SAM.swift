public import Imaging
public import Modeling
public import Tensors

/// A Segment Anything model: load it, embed an image, ask for masks.
///
/// ```swift
/// let sam = try SAM.embedded()                       // or SAM(checkpoint: "sam_vit_b_01ec64.pth")
/// let embedding = try sam.embed(Image(contentsOfFile: "cat.jpg"))
/// let answer = try sam.predict([.point(210, 140)], in: embedding, multimask: true)[0]
/// try answer.masks[answer.mostConfident].write(to: "cat.png")
/// ```
///
/// A value that can be shared: several tasks may embed and predict at the same time. ``Predictor`` wraps it in the
/// reference's interface of one current image.
public struct SAM: Sendable {
  /// The model's sizes.
  public let configuration: ModelConfiguration
  /// What the model is and where it came from.
  public let info: ModelInfo
  /// How its image encoder computes.
  public let precision: Precision
  /// Where it runs.
  public let compute: Compute
  let imageEncoder: ImageEncoder
  package let promptEncoder: PromptEncoder
  package let maskDecoder: MaskDecoder
  /// The positional encoding of the embedding's positions.
  package let positions: Tensor
  /// Prompts of a batch run side by side, each on one thread.
  let serial = Compute(threads: 1)

  /// A model made of parameters under their official names.
  ///
  /// - Parameters:
  ///   - parameters: the tensors by name.
  ///   - configuration: the model's sizes.
  ///   - info: what the model is and where it came from.
  ///   - precision: how the image encoder computes; ``Precision/int8`` is for the plain vision transformer.
  ///   - compute: where the model runs.
  /// - Throws: ``ModelError`` where a tensor is missing or has another shape than the configuration calls for.
  public init(
    parameters: [String: Tensor], configuration: ModelConfiguration, info: ModelInfo,
    precision: Precision = .float32, compute: Compute = .shared
  ) throws(ModelError) {
    let parameters = Parameters(parameters, on: compute)
    self.configuration = configuration
    self.info = info
    self.precision = precision
    self.compute = compute
    imageEncoder = try ImageEncoder(parameters["image_encoder"], configuration, precision: precision)
    promptEncoder = try PromptEncoder(parameters["prompt_encoder"], configuration)
    maskDecoder = try MaskDecoder(parameters["mask_decoder"], configuration)
    positions = promptEncoder.densePositions(configuration.embeddingSize)
  }
}

// MARK: - Embedding an image

extension SAM {
  /// Computes what all prompts on an image share; the slow part.
  ///
  /// - Parameters:
  ///   - image: of any size.
  ///   - isCancelled: asked between blocks; by default, whether the surrounding task has been cancelled.
  /// - Throws: ``SAMError/cancelled``.
  public func embed(
    _ image: Image, isCancelled: () -> Bool = { Task.isCancelled }
  ) throws(SAMError) -> ImageEmbedding {
    let input = ModelInput(image, size: configuration.imageSize, compute: compute)
    return try embed(input.tensor, width: image.width, height: image.height, isCancelled: isCancelled)
  }

  /// Computes the embedding of an image that has been resized, normalised and padded already.
  ///
  /// - Parameters:
  ///   - input: size x size x 3, normalised RGB; the image stands at the top left, zeros elsewhere.
  ///   - width: of the original image, to which prompts refer.
  ///   - height: of the original image.
  ///   - isCancelled: asked between blocks.
  ///   - observe: receives intermediate results under the names of the reference activations.
  /// - Throws: ``SAMError/cancelled``.
  public func embed(
    _ input: Tensor, width: Int, height: Int, isCancelled: () -> Bool = { Task.isCancelled },
    observe: ActivationObserver? = nil
  ) throws(SAMError) -> ImageEmbedding {
    let size = configuration.imageSize
    let encoded: ImageEncoder.Output
    do throws(ModelError) {
      encoded = try imageEncoder(
        input.on(compute).reshaped([1, size, size, 3]), isCancelled: isCancelled,
        observe: observe)
    } catch {
      throw error == .cancelled ? .cancelled : .model(path: info.name, error)
    }
    let features = maskDecoder.imageFeatures(encoded, positions: positions)
    let embedding = ImageEmbedding(
      width: width, height: height, imageSize: size, fingerprint: info.fingerprint,
      embedding: features.embedding,
      highResolution: features.highResolution)
    _ = prepared(embedding)
    return embedding
  }

  /// What the mask decoder needs of an image.
  func prepared(_ embedding: ImageEmbedding) -> MaskDecoder.ImageFeatures {
    embedding.features { features, highResolution in
      maskDecoder.prepared(
        MaskDecoder.ImageFeatures(embedding: features, positions: positions, highResolution: highResolution),
        noMask: promptEncoder.noMaskEmbedding)
    }
  }
}

// MARK: - Answering prompts

extension SAM {
  /// Answers prompts on one image; several run side by side.
  ///
  /// - Parameters:
  ///   - prompts: each gets an answer of its own.
  ///   - embedding: of an image, made by this model.
  ///   - multimask: three candidates for each prompt instead of one; best for a single point.
  /// - Returns: one prediction for each prompt, in their order.
  /// - Throws: ``SAMError/prompt(_:)`` for the first prompt that makes no sense, ``SAMError/embedding(_:)`` for an embedding
  ///   of another model.
  public func predict(
    _ prompts: [Prompt], in embedding: ImageEmbedding, multimask: Bool
  ) throws(SAMError) -> [Prediction] {
    try check(embedding)
    let geometry = ImageGeometry(
      width: embedding.width, height: embedding.height, model: configuration)
    for prompt in prompts { try prompt.check(geometry) }
    let masks = multimask ? maskDecoder.multimaskRange : 0..<1
    if prompts.count == 1 {
      return [answer(prompts[0], embedding, geometry, masks: masks, compute: compute)]
    }
    let groups = groups(prompts, geometry)
    var results = [Prediction?](repeating: nil, count: prompts.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let slots = results
      compute.forEach(groups.count) { index in
        let group = groups[index]
        let answers = answers(group.map { prompts[$0] }, embedding, geometry, masks: masks)
        // What follows a batch may use all threads again.
        for (place, answer) in zip(group, answers) { slots[place] = answer.on(compute) }
      }
    }
    return results.compactMap { $0 }
  }

  /// Places of prompts that are decoded together, by one thread.
  private func groups(_ prompts: [Prompt], _ geometry: ImageGeometry) -> [[Int]] {
    let most = min(MaskDecoder.promptsTogether, (prompts.count + compute.threads - 1) / compute.threads)
    var groups: [[Int]] = []
    /// By the number of points, the group that has room.
    var open: [Int: Int] = [:]
    for (place, prompt) in prompts.enumerated() {
      let points = prompt.modelPoints(geometry).points.count
      if prompt.mask == nil, let group = open[points], groups[group].count < most {
        groups[group].append(place)
      } else {
        if prompt.mask == nil { open[points] = groups.count }
        groups.append([place])
      }
    }
    return groups
  }

  /// Answers a group on the calling thread.
  private func answers(
    _ prompts: [Prompt], _ embedding: ImageEmbedding, _ geometry: ImageGeometry, masks: Range<Int>
  ) -> [Prediction] {
    guard prompts.count > 1 else {
      return prompts.map { answer($0, embedding, geometry, masks: masks, compute: serial) }
    }
    let points = prompts.map { $0.modelPoints(geometry).points }
    let encoded = encode(points, compute: serial)
    return maskDecoder.select(prepared(embedding), prompts: encoded, masks: masks, where: { _ in true }).map {
      Prediction(
        iouPredictions: $0.iouPredictions,
        lowResolutionLogits: $0.logits ?? Tensor(uninitialized: [0, 0, 0], on: serial),
        upsampling: geometry.upsampling)
    }
  }

  /// Answers one prompt on the calling thread alone, the way to masks included: for callers who answer many side by
  /// side, each with prompts that follow from the answers before.
  package func predictOnOneThread(
    _ prompt: Prompt, in embedding: ImageEmbedding, multimask: Bool
  ) throws(SAMError) -> Prediction {
    try check(embedding)
    let geometry = ImageGeometry(
      width: embedding.width, height: embedding.height, model: configuration)
    try prompt.check(geometry)
    return answer(
      prompt, embedding, geometry, masks: multimask ? maskDecoder.multimaskRange : 0..<1, compute: serial)
  }

  /// - Throws: ``SAMError/embedding(_:)`` where this model cannot use an embedding.
  func check(_ embedding: ImageEmbedding) throws(SAMError) {
    guard embedding.fingerprint == info.fingerprint else {
      throw .embedding(
        .otherModel(
          path: nil, embedding: embedding.fingerprint.description, model: info.fingerprint.description))
    }
    func describe(_ size: Int, _ shapes: [Shape]) -> String {
      "an input size of \(size) and features of " + shapes.map(\.description).joined(separator: ", ")
    }
    let (side, width) = (configuration.embeddingSize, configuration.decoder.width)
    var expected: [Shape] = [[side, side, width]]
    if configuration.decoder.hasHighResolutionFeatures {
      expected += [[4 * side, 4 * side, width / 8], [2 * side, 2 * side, width / 4]]
    }
    let found =
      [embedding.embedding.shape] + (embedding.highResolution.map { [$0.s0.shape, $0.s1.shape] } ?? [])
    guard embedding.imageSize == configuration.imageSize, found == expected else {
      throw .embedding(
        .otherForm(
          expected: describe(configuration.imageSize, expected), found: describe(embedding.imageSize, found)))
    }
  }

  private func answer(
    _ prompt: Prompt, _ embedding: ImageEmbedding, _ geometry: ImageGeometry, masks: Range<Int>,
    compute: Compute
  ) -> Prediction {
    guard case .binary(let mask) = prompt.mask, prompt.points.isEmpty, prompt.box == nil,
      var alone = MaskAlone(mask)
    else { return decode(prompt, embedding, geometry, masks: masks, compute: compute) }
    for _ in 0...MaskAlone.corrections {
      let answer = decode(alone.prompt, embedding, geometry, masks: 0..<1, compute: compute)
      guard alone.correct(answer.masks[0]) else { break }
    }
    return decode(alone.best, embedding, geometry, masks: masks, compute: compute)
  }

  private func decode(
    _ prompt: Prompt, _ embedding: ImageEmbedding, _ geometry: ImageGeometry, masks: Range<Int>,
    compute: Compute
  ) -> Prediction {
    let encoded = encode(prompt, geometry, compute: compute)
    let output = maskDecoder(prepared(embedding), prompts: encoded, masks: masks)
    return Prediction(
      iouPredictions: output.iouPredictions.elements, lowResolutionLogits: output.logits[outermost: 0],
      upsampling: geometry.upsampling)
  }

  /// Prompts without masks as tokens; all have as many points.
  func encode(_ points: [[Prompt.ModelPoint]], compute: Compute) -> PromptEncoder.Output {
    let coordinates = Tensor(
      points.flatMap { $0.flatMap { [$0.x, $0.y] } }, shape: [points.count, points[0].count, 2], on: compute)
    return promptEncoder(coordinates: coordinates, kinds: points.flatMap { $0.map(\.kind) }, masks: nil)
  }

  /// A prompt as tokens and a dense embedding.
  func encode(_ prompt: Prompt, _ geometry: ImageGeometry, compute: Compute) -> PromptEncoder.Output {
    let (points, logits) = prompt.modelPoints(geometry)
    let coordinates = Tensor(
      points.flatMap { [$0.x, $0.y] }, shape: [1, points.count, 2], on: compute)
    return promptEncoder(
      coordinates: coordinates, kinds: points.map(\.kind),
      masks: logits.map {
        $0.on(compute).reshaped([1, configuration.lowResolutionSize, configuration.lowResolutionSize])
      })
  }
}
