public import Tensors

/// Why a model cannot be built from a set of parameters, or did not finish.
public enum ModelError: Error, Sendable, Equatable {
  /// A tensor that the configuration calls for is not there.
  case missingTensor(name: String)
  /// A tensor has another shape than the configuration calls for.
  case misshapenTensor(name: String, expected: Shape, found: Shape)
  /// Sizes that do not fit each other.
  case invalidConfiguration(Inconsistency)
  /// The task that ran the model was cancelled.
  case cancelled

  /// Sizes that do not fit each other.
  public enum Inconsistency: Sendable, Equatable {
    /// A width is not a multiple of its number of heads.
    case heads(part: String, width: Int, heads: Int)
    /// A size is zero, negative or otherwise out of range.
    case size(name: String, value: Int)
    /// The input's side is not a multiple of what the encoder reduces it by.
    case imageSize(value: Int, multiple: Int)
    /// 8 bits were asked of an encoder that is not the plain vision transformer.
    case precision(encoder: String)
  }
}
