internal import Kernels

/// One visit to an image's positions in their factored form: they attend to a few tokens, and the tokens then to them.
///
/// Rows that belong to tokens and heads are ordered head by head, and by token within a head.
public struct FactoredPass: Sendable {
  /// What projected positions are multiplied with, x · W for the form of ``FactoredPositions``.
  public struct Projection: Sendable {
    /// The base projected, inner width channels.
    public var base: LaneBlocks
    /// What is added whatever the scale: the positional encoding projected. Nil where the base has it.
    public var encoding: LaneBlocks?

    /// A projection of the given parts.
    public init(base: LaneBlocks, encoding: LaneBlocks? = nil) {
      self.base = base
      self.encoding = encoding
    }
  }

  /// The scores of positions and tokens.
  public struct Scores: Sendable {
    /// The positions' side.
    public var projection: Projection
    /// The tokens' side, tokens x inner width.
    public var tokens: Tensor
    /// For the rows of the positions' form: (heads · tokens) x rows; nil before the first update.
    public var rows: Tensor?

    /// Scores of the given operands.
    public init(projection: Projection, tokens: Tensor, rows: Tensor?) {
      self.projection = projection
      self.tokens = tokens
      self.rows = rows
    }
  }

  /// What the length of a position's new value, about its mean, is found from: |scale · base + Σ weights · rows|² is
  /// scale² · |base|² + Σ weights · (2 scale · (base · rows) + products of rows · weights).
  public struct Lengths: Sendable {
    /// |base|², one for each position, a channel.
    public var base: LaneBlocks
    /// For each update so far and the new one: the base projected by what made the update's rows of the tokens' values, inner width
    /// channels.
    public var projections: [LaneBlocks]
    /// The tokens' values of each, times 2: tokens x inner width.
    public var values: [Tensor]
    /// For each, 2 (base · what its first head's rows have besides), a channel.
    public var offsets: [LaneBlocks]
    /// All rows' products with each other, as a square matrix of which row i's columns up to the end of its strip are read: twice the
    /// products with rows of earlier strips, once those within its own (``Tensor/rowProducts(group:)``).
    public var products: Tensor
    /// Channels that lengths are a sum of.
    public var channels: Int
    /// Added to the variance.
    public var epsilon: Float

    /// Rows of a strip: an update's rows come in strips, of which the last may be shorter.
    static let strip = 12

    /// Lengths from the given operands.
    public init(
      base: LaneBlocks, projections: [LaneBlocks], values: [Tensor], offsets: [LaneBlocks], products: Tensor,
      channels: Int, epsilon: Float
    ) {
      self.base = base
      self.projections = projections
      self.values = values
      self.offsets = offsets
      self.products = products
      self.channels = channels
      self.epsilon = epsilon
    }
  }

  /// How the positions attend to the tokens.
  public struct Update: Sendable {
    /// Of positions and tokens.
    public var scores: Scores
    /// Added to the scores, heads · tokens.
    public var bias: Tensor
    /// What normalises the result.
    public var lengths: Lengths
    /// The number of tokens.
    var tokens: Int { scores.tokens.shape.rows }

    /// An update of the given parts.
    public init(scores: Scores, bias: Tensor, lengths: Lengths) {
      self.scores = scores
      self.bias = bias
      self.lengths = lengths
    }
  }

  /// The number of heads.
  public var heads: Int
  /// What scores are multiplied by.
  public var scale: Float
  /// The positions' attention to the tokens, which comes first; nil where they are only read.
  public var update: Update?
  /// The tokens' attention to the positions.
  public var scores: Scores
  /// The base projected to values, positions x inner width.
  public var values: Tensor

  /// A pass of the given parts.
  public init(
    heads: Int, scale: Float, update: Update?, scores: Scores, values: Tensor
  ) {
    self.heads = heads
    self.scale = scale
    self.update = update
    self.scores = scores
    self.values = values
  }

  /// What the tokens found: for each head and token, the mean by attention of the base's values that belong to the head,
  /// (heads · tokens) x head width, and of the weights, rows x (heads · tokens).
  public struct Found: Sendable {
    /// (heads · tokens) x head width.
    public var values: Tensor
    /// Rows x (heads · tokens).
    public var weights: Tensor
  }
}
