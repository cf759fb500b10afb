internal import Tensors

/// Lets prompt tokens and image positions attend to each other (paper, appendix A, figure 14).
struct TwoWayTransformer: Sendable {
  let layers: [TwoWayLayer]
  let finalAttention: DecoderAttention
  let finalNorm: LayerNorm

  init(_ parameters: Parameters, _ sizes: DecoderConfiguration) throws(ModelError) {
    var layers: [TwoWayLayer] = []
    for index in 0..<sizes.depth {
      layers.append(try TwoWayLayer(parameters["layers.\(index)"], sizes, isFirst: index == 0))
    }
    self.layers = layers
    finalAttention = try DecoderAttention(
      parameters["final_attn_token_to_image"], sizes.width, heads: sizes.heads,
      downsampling: sizes.attentionDownsampling)
    finalNorm = try LayerNorm(parameters["norm_final_attn"], sizes.width, epsilon: 1e-5)
  }

  /// - Parameters:
  ///   - tokens: batch x tokens x width; also the tokens' positional encoding, which is added again at each attention.
  ///   - image: batch (or images) x positions x width.
  ///   - imagePositions: positions x width, the image's positional encoding.
  ///   - owners: the image of each of the batch; nil where there is one.
  /// - Returns: the tokens and the image after attending to each other, both of the whole batch.
  func callAsFunction(
    tokens: Tensor, image: Tensor, imagePositions: Tensor, owners: [Int]? = nil,
    observe: ActivationObserver?
  ) -> (tokens: Tensor, image: Tensor) {
    var queries = tokens
    var keys = image
    for (index, layer) in layers.enumerated() {
      (queries, keys) = layer(
        queries: queries, keys: keys, queryPositions: tokens, keyPositions: imagePositions, owners: owners)
      observe?("layer\(index).queries", queries)
      observe?("layer\(index).keys", keys)
    }
    queries = finalNorm(
      finalAttention(
        queries: queries.adding(tokens), keys: keys.adding(imagePositions), values: keys, adding: queries,
        owners: owners))
    observe?("transformer.queries", queries)
    observe?("transformer.keys", keys)
    return (queries, keys)
  }
}

/// Token self-attention, tokens to image, token MLP, image to tokens.
struct TwoWayLayer: Sendable {
  let selfAttention: DecoderAttention
  let norm1: LayerNorm
  let tokensToImage: DecoderAttention
  let norm2: LayerNorm
  let mlp: TransformerMLP
  let norm3: LayerNorm
  let imageToTokens: DecoderAttention
  let norm4: LayerNorm
  /// The first layer's tokens are their own positional encoding: it attends without adding it, nor a residual.
  let isFirst: Bool
  /// Self-attention, tokens to image, MLP, image to tokens.
  let branches: [Branch]

  init(_ parameters: Parameters, _ sizes: DecoderConfiguration, isFirst: Bool) throws(ModelError) {
    let width = sizes.width
    selfAttention = try DecoderAttention(parameters["self_attn"], width, heads: sizes.heads, downsampling: 1)
    norm1 = try LayerNorm(parameters["norm1"], width, epsilon: 1e-5)
    tokensToImage = try DecoderAttention(
      parameters["cross_attn_token_to_image"], width, heads: sizes.heads,
      downsampling: sizes.attentionDownsampling)
    norm2 = try LayerNorm(parameters["norm2"], width, epsilon: 1e-5)
    mlp = try TransformerMLP(parameters["mlp"], width, hidden: sizes.mlpWidth, activation: .relu)
    norm3 = try LayerNorm(parameters["norm3"], width, epsilon: 1e-5)
    imageToTokens = try DecoderAttention(
      parameters["cross_attn_image_to_token"], width, heads: sizes.heads,
      downsampling: sizes.attentionDownsampling)
    norm4 = try LayerNorm(parameters["norm4"], width, epsilon: 1e-5)
    self.isFirst = isFirst
    branches = ["self_attn", "cross_attn_token_to_image", "mlp", "cross_attn_image_to_token"].map {
      Branch(parameters, $0, depth: nil)
    }
  }

  func callAsFunction(
    queries: Tensor, keys: Tensor, queryPositions: Tensor, keyPositions: Tensor, owners: [Int]?
  ) -> (queries: Tensor, keys: Tensor) {
    var queries = attendToTokens(queries, positions: queryPositions)
    let locatedKeys = keys.adding(keyPositions)
    queries = norm2(
      branches[1].add(to: queries) {
        tokensToImage(
          queries: queries.adding(queryPositions), keys: locatedKeys, values: keys, adding: $0,
          owners: owners)
      })
    queries = norm3(branches[2].add(to: queries) { mlp(queries, adding: $0) })

    let newKeys = norm4(
      branches[3].add(to: keys.spread(over: queries.shape[0], owners)) {
        imageToTokens(
          queries: locatedKeys, keys: queries.adding(queryPositions), values: queries, adding: $0,
          owners: owners)
      })
    return (queries, newKeys)
  }

  /// Self-attention of the tokens, normalised.
  func attendToTokens(_ queries: Tensor, positions: Tensor) -> Tensor {
    guard !isFirst else { return norm1(selfAttention(queries: queries, keys: queries, values: queries)) }
    let located = queries.adding(positions)
    return norm1(
      branches[0].add(to: queries) {
        selfAttention(queries: located, keys: located, values: queries, adding: $0)
      })
  }
}
