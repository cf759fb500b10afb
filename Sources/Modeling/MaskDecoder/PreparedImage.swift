internal import Tensors

/// What prompts without a mask share on one image: the image projected to whatever the decoder's attentions ask of it.
///
/// After its attention to the tokens, a position is scale · base + Σ weights · rows + constant (``FactoredPositions``). The base is the image
/// itself, about its mean and times the norms' weights so far; all its projections are made here, once.
struct PreparedImage: Sendable {
  /// A reading of the positions by the tokens.
  struct Read: Sendable {
    let keys: FactoredPass.Projection
    /// Positions x inner width.
    let values: Tensor
    /// What the values have whatever the position, inner width; nil where the values have it.
    let bias: Tensor?
  }

  /// An update of the positions by the tokens.
  struct Update: Sendable {
    let queries: FactoredPass.Projection
    /// What the queries have whatever the position, inner width; nil where the projection has it.
    let queryBias: Tensor?
    /// What the new value has besides the tokens' values, about its mean: channels.
    let shift: Tensor
    /// The squared length of the base, and its products with this and earlier updates' rows (``FactoredPass/Lengths``).
    let base: LaneBlocks
    let projections: [LaneBlocks]
    let offsets: [LaneBlocks]
  }

  /// Embedding plus the embedding of "no mask", positions x width.
  let source: Tensor
  /// One before each layer's update, and one after the last.
  let reads: [Read]
  let updates: [Update]
  /// The final base and constant after the mask head's first convolution.
  let widened: LaneBlocks
  let widenedConstant: Tensor

  init(_ source: Tensor, encoding: Tensor, _ transformer: TwoWayTransformer, _ head: MaskHead) {
    self.source = source
    let located = source.adding(encoding)
    var reads: [Read] = []
    var updates: [Update] = []
    var shifts: [Tensor] = []
    /// The base, and what all positions have: nil before the first update, when the image is as it came.
    var base = source
    var constant: Tensor?

    func read(_ attention: DecoderAttention) -> Read {
      guard let constant else {
        return Read(
          keys: .init(base: LaneBlocks(attention.key(located))),
          values: attention.value(source), bias: nil)
      }
      return Read(
        keys: .init(
          base: LaneBlocks(base.linear(attention.key.weight)),
          encoding: LaneBlocks(encoding.linear(attention.key.weight))),
        values: base.linear(attention.value.weight), bias: attention.value(constant))
    }

    for (index, layer) in transformer.layers.enumerated() {
      reads.append(read(layer.tokensToImage))
      let attention = layer.imageToTokens
      let queries: FactoredPass.Projection
      if constant == nil {
        queries = .init(base: LaneBlocks(attention.query(located)))
      } else {
        queries = .init(
          base: LaneBlocks(base.linear(attention.query.weight)),
          encoding: LaneBlocks(encoding.linear(attention.query.weight)))
      }
      let added =
        attention.output.bias ?? Tensor(repeating: 0, shape: [source.shape[1]], on: source.compute)
      shifts.append((constant.map { added.reshaped($0.shape).adding($0) } ?? added).centred())
      base = base.centred()
      // An earlier update's rows have since been multiplied by norms' weights and centred; here the base is, instead.
      var view = base
      var projections: [LaneBlocks] = []
      var offsets: [LaneBlocks] = []
      for earlier in (0...index).reversed() {
        if earlier < index {
          view = view.scalingColumns(by: transformer.layers[earlier].norm4.weight).centred()
        }
        let shift = shifts[earlier].reshaped([1, shifts[earlier].count])
        projections.insert(
          LaneBlocks(view.linear(transformer.layers[earlier].imageToTokens.outputTransposed)), at: 0)
        offsets.insert(LaneBlocks(view.linear(shift.adding(shift))), at: 0)
      }
      updates.append(
        Update(
          queries: queries, queryBias: constant.map { attention.query($0) }, shift: shifts[index],
          base: LaneBlocks(base.rowSquares()), projections: projections, offsets: offsets))
      base = base.scalingColumns(by: layer.norm4.weight)
      constant = layer.norm4.bias.reshaped([1, layer.norm4.bias.count])
    }
    reads.append(read(transformer.finalAttention))
    self.reads = reads
    self.updates = updates
    widened = LaneBlocks(head.widened(base))
    widenedConstant = head.widened(
      constant ?? Tensor(repeating: 0, shape: [1, source.shape[1]], on: source.compute), addingBias: true)
  }

  /// Whether the factored form is the shorter one for so many tokens: with fewer weights of a position than channels.
  func suits(tokens: Int, heads: Int) -> Bool {
    !updates.isEmpty && tokens * heads * updates.count <= source.shape[1]
  }
}
