internal import Kernels

/// An image's positions after attending to a few tokens, without ever holding them: x = scale · base + Σ weights · rows + constant.
///
/// A layer of the decoder adds to each position a mix of the tokens' values, and normalises. Both keep this form: the mix is one
/// more set of weights (the attention's probabilities, one for each token and head) on rows that all
/// positions share, and the norm multiplies scale and weights by one number for each position. So what a prompt changes
/// is a scale and 56 weights or twice that for a position, instead of 256 channels; products with whatever the base
/// is projected to are made once per image, and those with the rows are products of small matrices.
///
/// This holds the scale and the weights; bases and rows are known to who asks (`FactoredPass`, `MaskHead`).
public struct FactoredPositions: Sendable {
  /// Positions.
  let count: Int
  /// Weights of a position that are in use, and those there is room for.
  private(set) var rows = 0
  let capacity: Int
  /// Blocks x 64.
  private(set) var scales: Tensor
  /// Blocks x capacity x 64.
  private(set) var weights: Tensor

  /// Positions that equal their base.
  ///
  /// - Parameters:
  ///   - count: positions.
  ///   - capacity: weights that a position will have at most.
  public init(count: Int, capacity: Int, on compute: Compute) {
    let blocks = LaneBlocks.blocks(of: count)
    self.count = count
    self.capacity = capacity
    scales = Tensor(repeating: 1, shape: [blocks, LaneBlocks.lanes], on: compute)
    weights = Tensor(uninitialized: [blocks, capacity, LaneBlocks.lanes], on: compute)
  }

  /// Leaves copies of this value as they are when it is written.
  mutating func makeUnique() {
    scales.makeUnique()
    weights.makeUnique()
  }

  /// One more update's weights are in use.
  mutating func grow(by rows: Int) {
    precondition(self.rows + rows <= capacity, "room for an update")
    self.rows += rows
  }

  /// A block's scales.
  func scales(_ block: Int) -> UnsafeMutablePointer<Float> { scales.start + block * LaneBlocks.lanes }
  /// A block's weights.
  func weights(_ block: Int) -> UnsafeMutablePointer<Float> {
    weights.start + block * capacity * LaneBlocks.lanes
  }
}
