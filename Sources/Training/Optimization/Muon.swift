internal import Modeling
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

  /// Makes a step of one matrix.
  func step(
    _ name: String, _ parameter: inout Tensor, gradient: Tensor, factor: Float, rate: Float,
    weightDecay: Float,
    moment: inout Tensor
  ) {
    // Queries, keys and values are three matrices that are kept as one.
    let parts = name.contains(".qkv.") && parameter.shape[0] % 3 == 0 ? 3 : 1
    let rows = parameter.shape[0] / parts, columns = parameter.count / max(1, parameter.shape[0])
    parameter.orthogonalStep(
      rate: rate * size * Float(max(rows, columns)).squareRoot(), kept: 1 - rate * weightDecay,
      beta: momentum,
      gradient: gradient, factor: factor, momentum: &moment, parts: parts)
  }
}
