public import Tensors

/// A convolution over channels-last images, keys `weight` (outputs x inputs x kernel x kernel) and `bias`.
public struct Convolution: Sendable {
  /// outputs x kernel x kernel x inputs
  let weight: Tensor
  let bias: Tensor?
  let stride: Int
  let padding: Int
  private let norm: BatchNorm?

  init(
    _ parameters: Parameters, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
    hasBias: Bool = true
  ) throws(ModelError) {
    self.init(
      weight: try parameters.tensor("weight", [outputs, inputs, kernel, kernel]),
      bias: hasBias ? try parameters.tensor("bias", [outputs]) : nil, stride: stride, padding: padding)
  }

  /// A convolution of weights in PyTorch's order.
  init(weight: Tensor, bias: Tensor?, stride: Int, padding: Int, norm: BatchNorm? = nil) {
    // A 1x1 kernel is in that order already, and stays where it is in the checkpoint.
    let isPointwise = weight.shape[2] == 1 && weight.shape[3] == 1
    self.weight =
      isPointwise
      ? weight.reshaped([weight.shape[0], 1, 1, weight.shape[1]]) : weight.permuted([0, 2, 3, 1])
    self.bias = bias
    self.stride = stride
    self.padding = padding
    self.norm = norm
  }

  /// Whether it may be part of an operation of several layers: nothing is recorded, and there is no batch norm that has not been folded
  /// into the weights.
  func isFused(with x: Tensor) -> Bool { norm == nil && !x.isRecorded && !weight.isRecorded }

  /// batch x height x width x inputs to batch x new height x new width x outputs.
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .identity, adding residual: Tensor? = nil
  ) -> Tensor {
    if let norm {
      return norm(convolve(x, activation: .identity, adding: nil), activation: activation, adding: residual)
    }
    return convolve(x, activation: activation, adding: residual)
  }

  private func convolve(_ x: Tensor, activation: Activation, adding residual: Tensor?) -> Tensor {
    if weight.shape[1] == 1 && weight.shape[2] == 1 && stride == 1 && padding == 0 {
      return x.linear(
        weight.reshaped([weight.shape[0], weight.shape[3]]), bias, activation: activation, adding: residual)
    }
    return x.convolution(
      weight, bias, stride: stride, padding: padding, activation: activation, adding: residual)
  }
}

/// A 3x3 convolution of each channel by itself, keys `weight` (channels x 1 x 3 x 3) and `bias`.
public struct DepthwiseConvolution: Sendable {
  /// 9 x channels
  let weight: Tensor
  let bias: Tensor?
  let stride: Int
  private let norm: BatchNorm?

  init(_ parameters: Parameters, _ channels: Int, stride: Int = 1) throws(ModelError) {
    self.init(
      weight: try parameters.tensor("weight", [channels, 1, 3, 3]),
      bias: try parameters.tensor("bias", [channels]),
      stride: stride)
  }

  /// A convolution of weights in PyTorch's order.
  init(weight: Tensor, bias: Tensor?, stride: Int, norm: BatchNorm? = nil) {
    self.weight = weight.reshaped([weight.shape[0], 9]).permuted([1, 0])
    self.bias = bias
    self.stride = stride
    self.norm = norm
  }

  /// Whether there is no batch norm, or it has been folded into the weights.
  var isFolded: Bool { norm == nil }

  /// batch x height x width x channels to the same, or half of it with stride 2.
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .identity, adding residual: Tensor? = nil
  ) -> Tensor {
    if let norm {
      return norm(
        x.depthwiseConvolution(weight, bias, stride: stride), activation: activation, adding: residual)
    }
    return x.depthwiseConvolution(weight, bias, stride: stride, activation: activation, adding: residual)
  }
}

/// A transposed 2x2 convolution of stride 2, keys `weight` (inputs x outputs x 2 x 2) and `bias`.
public struct TransposedConvolution: Sendable {
  /// 2 x 2 x outputs x inputs
  let weight: Tensor
  let bias: Tensor

  init(_ parameters: Parameters, _ inputs: Int, _ outputs: Int) throws(ModelError) {
    weight = try parameters.tensor("weight", [inputs, outputs, 2, 2]).permuted([2, 3, 1, 0])
    bias = try parameters.tensor("bias", [outputs])
  }

  /// The same with items of `residual` added that several of the batch have in common.
  ///
  /// - Parameter owners: the item of each of the batch; nil where there is one.
  func callAsFunction(_ x: Tensor, adding residual: Tensor?, owners: [Int]?) -> Tensor {
    guard let residual, let owners else { return self(x, adding: residual) }
    return self(x).adding(residual, owners: owners)
  }

  /// batch x height x width x inputs to batch x 2·height x 2·width x outputs.
  public func callAsFunction(
    _ x: Tensor, activation: Activation = .identity, adding residual: Tensor? = nil
  ) -> Tensor {
    x.transposedConvolution2x2(weight, bias, activation: activation, adding: residual)
  }
}
