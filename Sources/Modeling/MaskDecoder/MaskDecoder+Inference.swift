public import Tensors

// One prompt at a time, without projecting image positions: on a prepared image see `PreparedImage`, with a mask or many tokens
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

  /// Decodes one prompt, but makes only the masks whose predicted IoU is good enough; where none is, half of the work is
  /// saved.
  ///
  /// - Parameters:
  ///   - image: the image's features.
  ///   - prompts: a batch of one.
  ///   - masks: which of the masks to look at.
  ///   - isWanted: whether a mask of that predicted IoU is to be made.
  public func select(
    _ image: ImageFeatures, prompts: PromptEncoder.Output, masks: Range<Int>, where isWanted: (Float) -> Bool
  ) -> Selection {
    precondition(prompts.sparse.shape[0] == 1, "one prompt")
    let (height, columns) = (image.embedding.shape[0], image.embedding.shape[1])
    let (queries, positions) = attend(image, prompts: prompts, masks: masks)
    let predictions = iouHead(queries.tokens(0..<1)).elements
    let iouPredictions = masks.map { predictions[$0] }
    let made = iouPredictions.indices.filter { isWanted(iouPredictions[$0]) }
    guard !made.isEmpty else { return Selection(iouPredictions: iouPredictions, made: [], logits: nil) }

    let rows = made.map { index in
      hypernetworks[masks.lowerBound + index](queries.tokens(1 + index..<2 + index))[outermost: 0]
    }
    let logits = maskHead(
      positions, height: height, width: columns,
      weights: Tensor.concatenating(rows, on: prompts.sparse.compute), adding: maskFeatures(image))
    return Selection(iouPredictions: iouPredictions, made: made, logits: logits)
  }

  /// Decodes one prompt.
  func decodeOne(_ image: ImageFeatures, prompts: PromptEncoder.Output, masks: Range<Int>) -> Output {
    let selection = select(image, prompts: prompts, masks: masks) { _ in true }
    let compute = prompts.sparse.compute
    let side = 4 * image.embedding.shape[0]
    return Output(
      logits: (selection.logits ?? Tensor(uninitialized: [0, side, side], on: compute))
        .reshaped([1, masks.count, side, 4 * image.embedding.shape[1]]),
      iouPredictions: Tensor(selection.iouPredictions, shape: [1, masks.count], on: compute))
  }

  /// Tokens and image after attending to each other. Of the tokens that of predicted IoU and the masks' are returned,
  /// 1 x (1 + masks) x width.
  private func attend(
    _ image: ImageFeatures, prompts: PromptEncoder.Output, masks: Range<Int>
  ) -> (tokens: Tensor, image: MaskHead.Source) {
    let wanted = [0] + masks.map { 1 + $0 }
    let compute = prompts.sparse.compute
    let tokens = outputTokens.on(compute).reshaped([1, outputTokens.shape[0], width]).appendingTokens(
      prompts.sparse)
    let hasMask = prompts.dense.count != width
    if !hasMask, let prepared = image.prepared,
      prepared.suits(tokens: tokens.shape[1], heads: transformer.finalAttention.heads)
    {
      var factored = FactoredTransformer(transformer, tokens: tokens, image: prepared)
      return factored(wanted: wanted, maskHead)
    }
    let positions = image.embedding.shape[0] * image.embedding.shape[1]
    let pixels = image.embedding.on(compute).reshaped([positions, width])
    let source =
      hasMask
      ? prompts.dense.on(compute).reshaped([positions, width]).adding(pixels)
      : pixels.adding(prompts.dense)
    let (queries, keys) = transformer.decodeOne(tokens: tokens, image: source, encoding: image.positions)
    return (queries.tokens(wanted), .positions(keys))
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
  /// Some tokens of a batch of one: 1 x tokens x width to 1 x indices x width.
  func tokens(_ indices: [Int]) -> Tensor {
    gatheringRows(indices).reshaped([1, indices.count, shape.innermost])
  }
}
