public import Tensors

/// Receives named intermediate results, to compare them with a reference. What a model computes does not depend on
/// whether it is observed.
public struct ActivationObserver {
  /// Whether results inside a block are wanted as well. The model keeps no such result where it adds a residual within
  /// the operation that makes it, and so computes it once more: a block takes almost twice its time.
  public let seesInternals: Bool
  private let receive: (_ name: String, _ value: Tensor) -> Void

  /// An observer of every stage's output.
  public init(internals: Bool = false, _ receive: @escaping (_ name: String, _ value: Tensor) -> Void) {
    seesInternals = internals
    self.receive = receive
  }

  func callAsFunction(_ name: String, _ value: Tensor) { receive(name, value) }

  /// The same observer where it wants to see inside blocks.
  var forInternals: ActivationObserver? { seesInternals ? self : nil }
}
