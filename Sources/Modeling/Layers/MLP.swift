internal import Tensors

/// The two-layer perceptron of a transformer block, keys `lin1` and `lin2`.
struct TransformerMLP: Sendable {
  let lin1: Linear
  let lin2: Linear
  let activation: Activation

  init(
    _ parameters: Parameters, _ width: Int, hidden: Int, activation: Activation, form: Linear.Form = .floats
  ) throws(ModelError) {
    lin1 = try Linear(parameters["lin1"], width, hidden, form: form)
    lin2 = try Linear(parameters["lin2"], hidden, width, form: form)
    self.activation = activation
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor?) -> Tensor {
    lin2(lin1(x, activation: activation), adding: residual)
  }
}

/// The perceptron of the decoder's heads: linear layers with ReLU between, keys `layers.0`, `layers.1`, …
struct HeadMLP: Sendable {
  let layers: [Linear]

  init(_ parameters: Parameters, _ width: Int, hidden: Int, outputs: Int, depth: Int) throws(ModelError) {
    var layers: [Linear] = []
    for index in 0..<depth {
      layers.append(
        try Linear(
          parameters["layers.\(index)"], index == 0 ? width : hidden, index == depth - 1 ? outputs : hidden))
    }
    self.layers = layers
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    var x = x
    for (index, layer) in layers.enumerated() {
      x = layer(x, activation: index < layers.count - 1 ? .relu : .identity)
    }
    return x
  }
}
