public import Tensors

// Prompts without projecting image positions: on a prepared image see `PreparedImage`, with a mask or many tokens
// `ImagePass`. The modules' own definition in `TwoWayTransformer` is the one that training differentiates, and the oracle of both
// in the tests.

extension MaskDecoder {
  /// Computes what prompts without a mask share, so that ``callAsFunction(_:prompts:masks:observe:)`` is faster.
  ///
  /// - Parameters:
  ///   - image: an image's features.
  ///   - noMask: the dense embedding of prompts without a mask, ``PromptEncoder/noMaskEmbedding``.
  public func prepared(_ image: ImageFeatures, noMask: Tensor) -> ImageFeatures {
    let source = image.embedding.reshaped([image.positions.shape[0], width]).adding(noMask)
    var result = image
    result.prepared = PreparedImage(source, encoding: image.positions, transformer, maskHead)
    result.maskFeatures = maskFeatures(image)
    return result
  }

  /// The high-resolution features as the mask head takes them.
  private func maskFeatures(_ image: ImageFeatures) -> MaskHead.Features? {
    image.maskFeatures ?? image.highResolution.map { maskHead.features(s0: $0.s0, s1: $0.s1) }
  }

  /// The masks of one prompt that are worth having.
  public struct Selection: Sendable {
    /// The predicted IoU of all masks asked for.
    public var iouPredictions: [Float]
    /// Which of them were made, counted from the first one asked for.
    public var made: [Int]
    /// made x size/4 x size/4; nil where none was.
    public var logits: Tensor?
  }

  /// Prompts without masks, and with as many points each, that are best given to ``select(_:prompts:masks:where:)`` at a time.
  public static var promptsTogether: Int { FactoredTransformer.prompts }

  /// Decodes prompts, but makes only the masks whose predicted IoU is good enough; where none is, half of the work is saved.
  ///
  /// Prompts without masks are decoded a few at a time; each comes out the same, bit for bit, as by itself.
  ///
  /// - Parameters:
  ///   - image: the image's features.
  ///   - prompts: the encoded prompts.
  ///   - masks: which of the masks to look at.
  ///   - isWanted: whether a mask of that predicted IoU is to be made.
  /// - Returns: one for each prompt, in their order.
  public func select(
    _ image: ImageFeatures, prompts: PromptEncoder.Output, masks: Range<Int>, where isWanted: (Float) -> Bool
  ) -> [Selection] {
    let (batch, compute) = (prompts.sparse.shape[0], prompts.sparse.compute)
    let tokens = outputTokens.on(compute).reshaped([1, outputTokens.shape[0], width]).repeated(batch)
      .appendingTokens(prompts.sparse)
    let wanted = [0] + masks.map { 1 + $0 }
    if prompts.dense.count == width, let prepared = image.prepared,
      prepared.suits(tokens: tokens.shape[1], heads: transformer.finalAttention.heads)
    {
      let together = FactoredTransformer.prompts(tokens: tokens.shape[1])
      return stride(from: 0, to: batch, by: together).flatMap { first in
        let some = tokens[outermost: first..<Swift.min(batch, first + together)]
        var factored = FactoredTransformer(transformer, tokens: some, image: prepared)
        let (queries, images) = factored(wanted: wanted, maskHead)
        return select(image, queries, images, masks: masks, where: isWanted)
      }
    }
    let positions = image.positions.shape[0]
    let pixels = image.embedding.on(compute).reshaped([positions, width])
    return (0..<batch).flatMap { prompt in
      let source: Tensor
      if prompts.dense.count == width {
        source = pixels.adding(prompts.dense)
      } else {
        // One dense embedding, or one for each.
        let dense = prompts.dense.on(compute).reshaped([
          prompts.dense.count / (positions * width), positions, width,
        ])
        source = dense[outermost: Swift.min(prompt, dense.shape[0] - 1)].adding(pixels)
      }
      let (queries, keys) = transformer.decodeOne(
        tokens: tokens[outermost: prompt..<prompt + 1], image: source, encoding: image.positions)
      return select(image, queries.tokens(wanted), [.positions(keys)], masks: masks, where: isWanted)
    }
  }

  /// - Parameters:
  ///   - queries: prompts x (1 + masks) x width: the tokens of predicted IoU and of the masks looked at.
  ///   - positions: of each prompt.
  private func select(
    _ image: ImageFeatures, _ queries: Tensor, _ positions: [MaskHead.Source], masks: Range<Int>,
    where isWanted: (Float) -> Bool
  ) -> [Selection] {
    let compute = queries.compute
    let predictions = iouHead(queries.tokens(0..<1)).elements
    let all = predictions.count / positions.count
    var selections = positions.indices.map { prompt in
      let found = masks.map { predictions[prompt * all + $0] }
      return Selection(
        iouPredictions: found, made: found.indices.filter { isWanted(found[$0]) }, logits: nil)
    }
    // Prompts x 1 x channels for each mask that any prompt wants.
    let weights = masks.enumerated().map { place, mask in
      selections.contains { $0.made.contains(place) }
        ? hypernetworks[mask](queries.tokens(1 + place..<2 + place)) : nil
    }
    let features = maskFeatures(image)
    for prompt in positions.indices where !selections[prompt].made.isEmpty {
      let rows = selections[prompt].made.compactMap { weights[$0].map { $0[outermost: prompt] } }
      selections[prompt].logits = maskHead(
        positions[prompt], height: image.embedding.shape[0], width: image.embedding.shape[1],
        weights: Tensor.concatenating(rows, on: compute), adding: features)
    }
    return selections
  }

  /// Decodes one prompt.
  func decodeOne(_ image: ImageFeatures, prompts: PromptEncoder.Output, masks: Range<Int>) -> Output {
    let selection = select(image, prompts: prompts, masks: masks) { _ in true }[0]
    let compute = prompts.sparse.compute
    let side = 4 * image.embedding.shape[0]
    return Output(
      logits: (selection.logits ?? Tensor(uninitialized: [0, side, side], on: compute))
        .reshaped([1, masks.count, side, 4 * image.embedding.shape[1]]),
      iouPredictions: Tensor(selection.iouPredictions, shape: [1, masks.count], on: compute))
  }
}

extension TwoWayTransformer {
  /// - Parameters:
  ///   - tokens: 1 x tokens x width.
  ///   - image: positions x width.
  ///   - encoding: positions x width.
  func decodeOne(tokens: Tensor, image: Tensor, encoding: Tensor) -> (tokens: Tensor, image: Tensor) {
    var queries = tokens
    var keys = image
    // What the last layer's tokens have for the image: it is brought up to date when it is next read.
    var update: ImagePass.Update?

    func read(_ attention: DecoderAttention) -> Tensor {
      let wanted = attention.query(queries.adding(tokens))[outermost: 0]
      let pass = ImagePass(
        tokens: tokens.shape[1], heads: attention.heads, scale: attention.scale, update: update,
        queries: wanted.headRows(attention.key.weight, heads: attention.heads, order: .byToken))
      let (updated, gathered) = keys.imagePass(pass, encoding: encoding)
      keys = updated
      let found = attention.projectGathered(gathered)
      return attention.output(found.reshaped([1, found.shape[0], found.shape[1]]), adding: queries)
    }

    for layer in layers {
      queries = layer.attendToTokens(queries, positions: tokens)
      queries = layer.norm2(read(layer.tokensToImage))
      queries = layer.norm3(layer.mlp(queries, adding: queries))
      update = layer.imageUpdate(queries, positions: tokens)
    }
    queries = finalNorm(read(finalAttention))
    return (queries, keys)
  }
}

extension TwoWayLayer {
  /// What the tokens do to the image's positions.
  ///
  /// - Parameters:
  ///   - queries: 1 x tokens x width.
  ///   - positions: the tokens' positional encoding.
  fileprivate func imageUpdate(_ queries: Tensor, positions: Tensor) -> ImagePass.Update {
    let heads = imageToTokens.heads
    let keys = imageToTokens.key(queries.adding(positions))[outermost: 0]
    let values = imageToTokens.value(queries)[outermost: 0]
    return ImagePass.Update(
      keys: keys.headRows(imageToTokens.query.weight, heads: heads, order: .byToken),
      keyBias: imageToTokens.query.bias.map { keys.headSums($0, heads: heads, order: .byToken) },
      values: values.headRows(imageToTokens.outputTransposed, heads: heads, order: .byToken),
      bias: imageToTokens.output.bias ?? Tensor(repeating: 0, shape: [queries.shape[2]], on: queries.compute),
      normWeight: norm4.weight, normBias: norm4.bias, epsilon: norm4.epsilon)
  }
}

extension Tensor {
  /// Some tokens of each of a batch: batch x tokens x width to batch x indices x width.
  func tokens(_ indices: [Int]) -> Tensor {
    let (batch, tokens) = (shape[0], shape[1])
    return gatheringRows((0..<batch).flatMap { item in indices.map { item * tokens + $0 } })
      .reshaped([batch, indices.count, shape[2]])
  }
}
