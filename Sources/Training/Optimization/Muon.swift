internal import Modeling
internal import Synchronization
internal import Tensors

/// Steps of matrices along the orthogonal matrix nearest to their momentum (Muon, K. Jordan et al., 2024): every direction that a matrix
/// maps is learned at the same pace, whatever the gradient's lengths.
///
/// Matrices and kernels with at least ``smallestSide`` rows and columns move so; what else there is follows ``AdamW``.
public struct Muon: Sendable, Equatable, Codable {
  /// How much of the old momentum stays.
  public var momentum: Float = 0.95
  /// The root mean square of a step's elements, times the rate: that of AdamW's steps, so that rates mean the same (arXiv 2502.16982).
  public var size: Float = 0.2
  /// Rows and columns that a matrix has at least; kernels are matrices of an output's inputs.
  public static let smallestSide = 16

  /// The usual numbers.
  public init() {}

  /// Whether a parameter moves so.
  func takes(_ name: String, _ parameter: Tensor) -> Bool {
    guard AdamW.isMatrix(name, parameter), let rows = parameter.shape.first, rows > 0 else { return false }
    return min(rows, parameter.count / rows) >= Muon.smallestSide
  }

  /// A matrix that is to move, or has moved.
  struct Move: Sendable {
    let name: String
    var parameter: Tensor
    let gradient: Tensor
    var moment: Tensor
    let rate: Float, weightDecay: Float
  }

  /// Makes a step of each of some matrices, on the gradients' compute; the same for any number of threads.
  func made(_ moves: [Move], factor: Float) -> [Move] {
    guard let compute = moves.first?.gradient.compute else { return [] }
    // The largest first, so that none is left for one thread at the end.
    let order = moves.indices.sorted { (moves[$1].parameter.count, $0) < (moves[$0].parameter.count, $1) }
    let results = Mutex<[Int: Move]>([:])
    let alone = compute.onOneThread
    compute.forEach(order.count) { place in
      var move = moves[order[place]]
      step(&move, factor: factor, on: alone)
      results.withLock { $0[order[place]] = move }
    }
    let made = results.withLock { $0 }
    return moves.indices.compactMap { made[$0] }
  }

  private func step(_ move: inout Move, factor: Float, on compute: Compute) {
    // Queries, keys and values are three matrices that are kept as one.
    let shape = move.parameter.shape
    let parts = move.name.contains(".qkv.") && shape[0] % 3 == 0 ? 3 : 1
    let rows = shape[0] / parts, columns = move.parameter.count / max(1, shape[0])
    let home = move.parameter.compute
    move.parameter = move.parameter.on(compute)
    move.moment = move.moment.on(compute)
    move.parameter.orthogonalStep(
      rate: move.rate * size * Float(max(rows, columns)).squareRoot(), kept: 1 - move.rate * move.weightDecay,
      beta: momentum, gradient: move.gradient.on(compute), factor: factor, momentum: &move.moment,
      parts: parts)
    move.parameter = move.parameter.on(home)
    move.moment = move.moment.on(home)
  }
}
