internal import Tensors

/// The two-way transformer for a few prompts on a prepared image: the tokens' side of ``FactoredPositions``.
///
/// Prompts with as many tokens each go through it together: what the image is projected to is then read once for all, and so are the
/// weights. The modules' own definition in `TwoWayTransformer` is the one that training differentiates, and the oracle of this one in the
/// tests.
struct FactoredTransformer {
  private let transformer: TwoWayTransformer
  private let image: PreparedImage
  /// Prompts x tokens x width; also the tokens' positional encoding.
  private let tokens: Tensor
  private var queries: Tensor
  /// Of each prompt.
  private var positions: [FactoredPositions]
  /// What each prompt's positions' weights are multiplied with, rows x width; empty before the first update. Their products are made prompt
  /// by prompt: there are so many rows that those of all prompts would be multiplied in another order.
  private var rows: [Tensor] = []
  /// The values of each update, times 2, prompts x tokens x inner width.
  private var values: [Tensor] = []
  /// What each prompt's image has not yet seen.
  private var updates: [FactoredPass.Update] = []

  /// Prompts that go through it together at most: so many that what they share is seldom read, and so few that what each has of its own
  /// stays in the second-level cache with it.
  static let prompts = 4

  /// The same for prompts of so many tokens each: they are so few that a prompt's answer is the same, bit for bit, whatever the others.
  static func prompts(tokens: Int) -> Int { Swift.max(1, Swift.min(prompts, (Tensor.fewRows - 1) / tokens)) }

  /// - Parameters:
  ///   - tokens: prompts x tokens x width.
  ///   - image: of prompts without masks.
  init(_ transformer: TwoWayTransformer, tokens: Tensor, image: PreparedImage) {
    self.transformer = transformer
    self.image = image
    self.tokens = tokens
    queries = tokens
    let capacity = transformer.layers.count * transformer.finalAttention.heads * tokens.shape[1]
    positions = (0..<tokens.shape[0]).map { _ in
      FactoredPositions(count: image.source.shape[0], capacity: capacity, on: tokens.compute)
    }
  }

  private var count: Int { positions.count }

  /// Lets tokens and image attend to each other.
  ///
  /// - Parameters:
  ///   - wanted: the tokens that something is to be made of: only they look at the image at the end.
  ///   - head: what the image is for.
  /// - Returns: the wanted tokens, prompts x wanted x width, and each prompt's image as the mask head takes it.
  mutating func callAsFunction(
    wanted: [Int], _ head: MaskHead
  ) -> (tokens: Tensor, images: [MaskHead.Source]) {
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
    let none = Tensor(uninitialized: [0, tokens.shape[2]], on: tokens.compute)
    return (
      queries,
      positions.enumerated().map { prompt, positions in
        .factored(
          positions, base: image.widened, rows: head.widened(rows.isEmpty ? none : rows[prompt]),
          constant: image.widenedConstant)
      }
    )
  }

  /// Tokens attend to the image, once it is up to date.
  ///
  /// - Parameters:
  ///   - queries: prompts x tokens x width.
  ///   - located: the same plus their positional encoding.
  private mutating func look(
    _ attention: DecoderAttention, _ read: PreparedImage.Read, queries: Tensor, located: Tensor
  ) -> Tensor {
    let wanted = attention.query(located)
    let passes = (0..<count).map { prompt in
      FactoredPass(
        heads: attention.heads, scale: attention.scale,
        update: updates.isEmpty ? nil : updates[prompt],
        scores: .init(
          projection: read.keys, tokens: wanted[outermost: prompt],
          rows: absorbed(wanted[outermost: prompt], attention.key.weight, attention.heads, prompt)),
        values: read.values)
    }
    let found = FactoredPositions.visit(&positions, passes).enumerated().map { prompt, found in
      found.merged(
        heads: attention.heads, rows: rows.isEmpty ? nil : rows[prompt].linear(attention.value.weight),
        bias: read.bias)
    }
    let together = Tensor.concatenating(found, on: queries.compute)
    return attention.output(
      together.reshaped([count, found[0].shape[0], found[0].shape[1]]), adding: queries)
  }

  /// What the tokens now are for the image: it is brought up to date when it is next looked at.
  private mutating func show(_ layer: TwoWayLayer, _ prepared: PreparedImage.Update) {
    let attention = layer.imageToTokens
    let (heads, compute) = (attention.heads, tokens.compute)
    let keys = attention.key(queries.adding(tokens))
    let value = attention.value(queries)
    values.append(value.adding(value))
    var all: [Tensor] = []
    updates = (0..<count).map { prompt in
      let keys = keys[outermost: prompt]
      let scores = FactoredPass.Scores(
        projection: prepared.queries, tokens: keys,
        rows: absorbed(keys, attention.query.weight, heads, prompt))
      let bias =
        prepared.queryBias.map { keys.headSums($0, heads: heads, order: .byHead) }
        ?? Tensor(repeating: 0, shape: [heads * tokens.shape[1]], on: compute)
      // A head's probabilities add up to 1: what is added whatever the tokens can stand with the first head's values.
      let new = value[outermost: prompt].headRows(attention.outputTransposed, heads: heads, order: .byHead)
        .centred().addingToFirstRows(prepared.shift, count: tokens.shape[1])
      let own = rows.isEmpty ? new : Tensor.concatenating([rows[prompt].centred(), new], on: compute)
      all.append(own)
      return FactoredPass.Update(
        scores: scores, bias: bias,
        lengths: .init(
          base: prepared.base, projections: prepared.projections,
          values: values.map { $0[outermost: prompt] }, offsets: prepared.offsets,
          products: own.rowProducts(group: heads * tokens.shape[1]), channels: tokens.shape[2],
          epsilon: layer.norm4.epsilon))
    }
    rows = all.map { $0.scalingColumns(by: layer.norm4.weight) }
  }

  /// Projected tokens as the rows of a prompt's positions see them, (heads · tokens) x rows; nil before the first update.
  private func absorbed(_ tokens: Tensor, _ weight: Tensor, _ heads: Int, _ prompt: Int) -> Tensor? {
    guard !rows.isEmpty else { return nil }
    return tokens.headRows(weight, heads: heads, order: .byHead).linear(rows[prompt])
  }
}
