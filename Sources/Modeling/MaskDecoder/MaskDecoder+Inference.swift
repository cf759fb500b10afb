public import Tensors

// One prompt at a time, without projecting image positions: see `ImagePass`. The modules' own definition in
// `TwoWayTransformer` is the one that training differentiates, and the oracle of this one in the tests.

extension MaskDecoder {
  /// What prompts without a mask share on one image.
  struct Prepared: Sendable {
    /// Embedding plus the embedding of "no mask", positions x width.
    let source: Tensor
    /// The first layer's keys and values for tokens, 1 x positions x inner width.
    let keys: Tensor, values: Tensor
    /// The first layer's queries of the image, positions x inner width.
    let queries: Tensor
  }

  /// Computes what prompts without a mask share, so that ``callAsFunction(_:prompts:masks:observe:)`` is faster.
  ///
  /// - Parameters:
  ///   - image: an image's features.
  ///   - noMask: the dense embedding of prompts without a mask, ``PromptEncoder/noMaskEmbedding``.
  public func prepared(_ image: ImageFeatures, noMask: Tensor) -> ImageFeatures {
    guard let first = transformer.layers.first else { return image }
    let source = image.embedding.reshaped([image.positions.shape[0], width]).adding(noMask)
    let located = source.adding(image.positions)
    func batched(_ x: Tensor) -> Tensor { x.reshaped([1, x.shape[0], x.shape[1]]) }
    var result = image
    result.prepared = Prepared(
      source: source, keys: batched(first.tokensToImage.key(located)),
      values: batched(first.tokensToImage.value(source)), queries: first.imageToTokens.query(located))
    return result
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
    let (queries, keys) = attend(image, prompts: prompts)
    let predictions = iouHead(queries.tokens(0..<1)).elements
    let iouPredictions = masks.map { predictions[$0] }
    let made = iouPredictions.indices.filter { isWanted(iouPredictions[$0]) }
    guard !made.isEmpty else { return Selection(iouPredictions: iouPredictions, made: [], logits: nil) }

    let rows = made.map { index in
      let mask = masks.lowerBound + index
      return hypernetworks[mask](queries.tokens(1 + mask..<2 + mask))[outermost: 0]
    }
    let logits = maskHead(
      keys, height: height, width: columns,
      weights: Tensor.concatenating(rows, on: prompts.sparse.compute), highResolution: image.highResolution)
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

  /// Tokens and image after attending to each other: 1 x tokens x width and positions x width.
  private func attend(
    _ image: ImageFeatures, prompts: PromptEncoder.Output
  ) -> (tokens: Tensor, image: Tensor) {
    let compute = prompts.sparse.compute
    let positions = image.embedding.shape[0] * image.embedding.shape[1]
    let tokens = outputTokens.on(compute).reshaped([1, outputTokens.shape[0], width]).appendingTokens(
      prompts.sparse)
    let hasMask = prompts.dense.count != width
    let prepared = hasMask ? nil : image.prepared
    let pixels = image.embedding.on(compute).reshaped([positions, width])
    let source =
      prepared?.source.on(compute)
      ?? (hasMask
        ? prompts.dense.on(compute).reshaped([positions, width]).adding(pixels)
        : pixels.adding(prompts.dense))
    return transformer.decodeOne(
      tokens: tokens, image: source, encoding: image.positions, prepared: prepared)
  }
}

extension TwoWayTransformer {
  /// - Parameters:
  ///   - tokens: 1 x tokens x width.
  ///   - image: positions x width.
  ///   - encoding: positions x width.
  func decodeOne(
    tokens: Tensor, image: Tensor, encoding: Tensor, prepared: MaskDecoder.Prepared?
  ) -> (tokens: Tensor, image: Tensor) {
    var queries = tokens
    var keys = image
    // What the last layer's tokens have for the image: it is brought up to date when it is next read.
    var update: ImagePass.Update?

    func read(_ attention: DecoderAttention) -> Tensor {
      let wanted = attention.query(queries.adding(tokens))[outermost: 0]
      let pass = ImagePass(
        tokens: tokens.shape[1], heads: attention.heads, scale: attention.scale, update: update,
        queries: wanted.absorbing(attention.key.weight, heads: attention.heads))
      let (updated, gathered) = keys.imagePass(pass, encoding: encoding)
      keys = updated
      let found = attention.projectGathered(gathered)
      return attention.output(found.reshaped([1, found.shape[0], found.shape[1]]), adding: queries)
    }

    for (index, layer) in layers.enumerated() {
      queries = layer.attendToTokens(queries, positions: tokens)
      if index == 0, let prepared {
        let attention = layer.tokensToImage
        let found = attention.query(queries.adding(tokens))
          .attention(keys: prepared.keys, values: prepared.values, heads: attention.heads)
        queries = attention.output(found, adding: queries)
      } else {
        queries = read(layer.tokensToImage)
      }
      queries = layer.norm2(queries)
      queries = layer.norm3(layer.mlp(queries, adding: queries))
      update = layer.imageUpdate(queries, positions: tokens, source: index == 0 ? prepared?.queries : nil)
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
  ///   - source: the image's projected queries where they are at hand.
  fileprivate func imageUpdate(_ queries: Tensor, positions: Tensor, source: Tensor?) -> ImagePass.Update {
    let heads = imageToTokens.heads
    let keys = imageToTokens.key(queries.adding(positions))[outermost: 0]
    let values = imageToTokens.value(queries)[outermost: 0]
    return ImagePass.Update(
      source: source,
      keys: source == nil
        ? keys.absorbing(imageToTokens.query.weight, heads: heads) : keys.separatingHeads(heads),
      keyBias: source == nil ? imageToTokens.query.bias.map { keys.headProducts($0, heads: heads) } : nil,
      values: values.absorbing(imageToTokens.outputTransposed, heads: heads),
      bias: imageToTokens.output.bias ?? Tensor(repeating: 0, shape: [queries.shape[2]], on: queries.compute),
      normWeight: norm4.weight, normBias: norm4.bias, epsilon: norm4.epsilon)
  }
}
