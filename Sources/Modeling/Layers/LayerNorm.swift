public import Tensors

/// Layer normalisation over the channels, keys `weight` and `bias`. On channels-last images it is also the
/// reference's `LayerNorm2d`.
public struct LayerNorm: Sendable {
  let weight: Tensor
  let bias: Tensor
  let epsilon: Float

  init(_ parameters: Parameters, _ channels: Int, epsilon: Float) throws(ModelError) {
    weight = try parameters.tensor("weight", [channels])
    bias = try parameters.tensor("bias", [channels])
    self.epsilon = epsilon
  }

  /// … x channels to the same.
  public func callAsFunction(_ x: consuming Tensor, activation: Activation = .identity) -> Tensor {
    x.layerNorm(weight, bias, epsilon: epsilon, activation: activation)
  }
}
