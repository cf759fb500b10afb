internal import Tensors

/// The two-way transformer for one prompt on a prepared image: the tokens' side of ``FactoredPositions``.
///
/// The modules' own definition in `TwoWayTransformer` is the one that training differentiates, and the oracle of this one in the tests.
struct FactoredTransformer {
  private let transformer: TwoWayTransformer
  private let image: PreparedImage
  /// 1 x tokens x width; also the tokens' positional encoding.
  private let tokens: Tensor
  private var queries: Tensor
  private var positions: FactoredPositions
  /// What positions' weights are multiplied with, rows x width; nil before the first update.
  private var rows: Tensor?
  /// The values of each update, times 2.
  private var values: [Tensor] = []
  /// What the image has not yet seen.
  private var update: FactoredPass.Update?

  /// - Parameters:
  ///   - tokens: 1 x tokens x width.
  ///   - image: of a prompt without a mask.
  init(_ transformer: TwoWayTransformer, tokens: Tensor, image: PreparedImage) {
    self.transformer = transformer
    self.image = image
    self.tokens = tokens
    queries = tokens
    let heads = transformer.finalAttention.heads
    positions = FactoredPositions(
      count: image.source.shape[0], capacity: transformer.layers.count * heads * tokens.shape[1],
      on: tokens.compute)
  }

  /// Lets tokens and image attend to each other.
  ///
  /// - Parameters:
  ///   - wanted: the tokens that something is to be made of: only they look at the image at the end.
  ///   - head: what the image is for.
  /// - Returns: the wanted tokens, 1 x wanted x width, and the image as the mask head takes it.
  mutating func callAsFunction(
    wanted: [Int], _ head: MaskHead
  ) -> (tokens: Tensor, image: MaskHead.Source) {
    for (index, layer) in transformer.layers.enumerated() {
      queries = layer.attendToTokens(queries, positions: tokens)
      queries = layer.norm2(
        look(layer.tokensToImage, image.reads[index], queries: queries, located: queries.adding(tokens)))
      queries = layer.norm3(layer.mlp(queries, adding: queries))
      show(layer, image.updates[index])
    }
    let last = queries.tokens(wanted)
    queries = transformer.finalNorm(
      look(
        transformer.finalAttention, image.reads[transformer.layers.count], queries: last,
        located: last.adding(tokens.tokens(wanted))))
    let rows = rows ?? Tensor(uninitialized: [0, tokens.shape[2]], on: tokens.compute)
    return (
      queries,
      .factored(
        positions, base: image.widened, rows: head.widened(rows), constant: image.widenedConstant)
    )
  }

  /// Tokens attend to the image, once it is up to date.
  ///
  /// - Parameters:
  ///   - queries: 1 x tokens x width.
  ///   - located: the same plus their positional encoding.
  private mutating func look(
    _ attention: DecoderAttention, _ read: PreparedImage.Read, queries: Tensor, located: Tensor
  ) -> Tensor {
    let wanted = attention.query(located)
    let pass = FactoredPass(
      heads: attention.heads, scale: attention.scale, update: update,
      scores: .init(
        projection: read.keys, tokens: wanted,
        rows: rows.map {
          wanted.headRows(attention.key.weight, heads: attention.heads, order: .byHead).linear($0)
        }),
      values: read.values)
    let found = positions.visit(pass).merged(
      heads: attention.heads, rows: rows?.linear(attention.value.weight), bias: read.bias)
    return attention.output(found.reshaped([1, found.shape[0], found.shape[1]]), adding: queries)
  }

  /// What the tokens now are for the image: it is brought up to date when it is next looked at.
  private mutating func show(_ layer: TwoWayLayer, _ prepared: PreparedImage.Update) {
    let attention = layer.imageToTokens
    let heads = attention.heads
    let keys = attention.key(queries.adding(tokens))
    let value = attention.value(queries)
    values.append(value.adding(value))
    let scores = FactoredPass.Scores(
      projection: prepared.queries, tokens: keys,
      rows: rows.map { keys.headRows(attention.query.weight, heads: heads, order: .byHead).linear($0) })
    let bias =
      prepared.queryBias.map { keys.headSums($0, heads: heads, order: .byHead) }
      ?? Tensor(repeating: 0, shape: [heads * tokens.shape[1]], on: keys.compute)
    // A head's probabilities add up to 1: what is added whatever the tokens can stand with the first head's values.
    let new = value.headRows(attention.outputTransposed, heads: heads, order: .byHead).centred()
      .addingToFirstRows(prepared.shift, count: tokens.shape[1])
    let all = rows.map { Tensor.concatenating([$0.centred(), new], on: new.compute) } ?? new
    update = FactoredPass.Update(
      scores: scores, bias: bias,
      lengths: .init(
        base: prepared.base, projections: prepared.projections, values: values, offsets: prepared.offsets,
        products: all.rowProducts(group: heads * tokens.shape[1]), channels: tokens.shape[2],
        epsilon: layer.norm4.epsilon))
    rows = all.scalingColumns(by: layer.norm4.weight)
  }
}
