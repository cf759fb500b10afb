public import Tensors

/// A fully connected layer, keys `weight` (outputs x inputs) and `bias`.
public struct Linear: Sendable {
  let weight: Tensor
  let bias: Tensor?
  /// The weights rounded to 8 bits, where the layer computes with those.
  private let rounded: QuantizedMatrix?

  /// How a layer holds its weights.
  enum Form: Sendable {
    /// As floats.
    case floats
    /// As they are stored, for large layers that are applied to many tokens at once; see ``Parameters/matrix(_:_:)``.
    case stored
    /// Rounded to 8 bits, for the same layers.
    case rounded
  }

  init(
    _ parameters: Parameters, _ inputs: Int, _ outputs: Int, hasBias: Bool = true, form: Form = .floats
  ) throws(ModelError) {
    let shape: Shape = [outputs, inputs]
    let weight =
      form == .floats ? try parameters.tensor("weight", shape) : try parameters.matrix("weight", shape)
    let bias = hasBias ? try parameters.tensor("bias", [outputs]) : nil
    self.init(weight: weight, bias: bias, form: form)
  }

  /// A layer of the given weights.
  init(weight: Tensor, bias: Tensor?, form: Form = .floats) {
    self.weight = weight
    self.bias = bias
    rounded =
      form == .rounded && weight.shape[1] <= QuantizedMatrix.maximumInputs ? QuantizedMatrix(weight) : nil
  }

  /// … x inputs to … x outputs.
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .identity, adding residual: Tensor? = nil
  ) -> Tensor {
    if let rounded { return x.linear(rounded, bias, activation: activation, adding: residual) }
    return x.linear(weight, bias, activation: activation, adding: residual)
  }
}
