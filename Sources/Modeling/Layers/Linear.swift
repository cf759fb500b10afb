public import Tensors

/// A fully connected layer, keys `weight` (outputs x inputs) and `bias`.
public struct Linear: Sendable {
  let weight: Tensor
  let bias: Tensor?

  init(_ parameters: Parameters, _ inputs: Int, _ outputs: Int, hasBias: Bool = true) throws(ModelError) {
    weight = try parameters.tensor("weight", [outputs, inputs])
    bias = hasBias ? try parameters.tensor("bias", [outputs]) : nil
  }

  /// … x inputs to … x outputs.
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .identity, adding residual: Tensor? = nil
  ) -> Tensor {
    x.linear(weight, bias, activation: activation, adding: residual)
  }
}
