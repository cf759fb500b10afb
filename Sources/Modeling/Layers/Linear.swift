public import Tensors

/// A fully connected layer, keys `weight` (outputs x inputs) and `bias`.
public struct Linear: Sendable {
  let weight: Tensor
  let bias: Tensor?

  /// - Parameter isLarge: whether the weights stay as they are stored (``Parameters/matrix(_:_:)``), for layers that are
  ///   applied to an image's tokens, many at once.
  init(
    _ parameters: Parameters, _ inputs: Int, _ outputs: Int, hasBias: Bool = true, isLarge: Bool = false
  ) throws(ModelError) {
    let shape: Shape = [outputs, inputs]
    weight = isLarge ? try parameters.matrix("weight", shape) : try parameters.tensor("weight", shape)
    bias = hasBias ? try parameters.tensor("bias", [outputs]) : nil
  }

  /// … x inputs to … x outputs.
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .identity, adding residual: Tensor? = nil
  ) -> Tensor {
    x.linear(weight, bias, activation: activation, adding: residual)
  }
}
