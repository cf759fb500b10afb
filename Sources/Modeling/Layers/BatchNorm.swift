internal import Tensors

// A convolution without bias followed by a batch norm (keys `c` and `bn`): at inference folded into one convolution.

extension Convolution {
  /// A convolution and its batch norm, padded so that a stride of 1 keeps the size.
  static func normalized(
    _ parameters: Parameters, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1
  ) throws(ModelError) -> Convolution {
    let weight = try parameters.tensor("c.weight", [outputs, inputs, kernel, kernel])
    if let norm = try BatchNorm.trained(parameters["bn"], outputs) {
      return Convolution(weight: weight, bias: nil, stride: stride, padding: kernel / 2, norm: norm)
    }
    let fold = try BatchNormFold(parameters["bn"], outputs)
    return Convolution(weight: fold.scale(weight), bias: fold.bias, stride: stride, padding: kernel / 2)
  }

  /// The same, or a convolution that its batch norm has been folded into (keys `weight` and `bias`).
  static func normalizedOrFolded(
    _ parameters: Parameters, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1
  ) throws(ModelError) -> Convolution {
    guard !parameters.has("bn.weight") else {
      return try normalized(parameters, inputs, outputs, kernel: kernel, stride: stride)
    }
    return try Convolution(
      parameters, inputs, outputs, kernel: kernel, stride: stride, padding: kernel / 2)
  }
}

extension DepthwiseConvolution {
  /// A convolution and its batch norm.
  static func normalized(
    _ parameters: Parameters, _ channels: Int, stride: Int = 1
  ) throws(ModelError) -> DepthwiseConvolution {
    let weight = try parameters.tensor("c.weight", [channels, 1, 3, 3])
    if let norm = try BatchNorm.trained(parameters["bn"], channels) {
      return DepthwiseConvolution(weight: weight, bias: nil, stride: stride, norm: norm)
    }
    let fold = try BatchNormFold(parameters["bn"], channels)
    return DepthwiseConvolution(weight: fold.scale(weight), bias: fold.bias, stride: stride)
  }

  /// The same, or a convolution that its batch norm has been folded into (keys `weight` and `bias`).
  static func normalizedOrFolded(
    _ parameters: Parameters, _ channels: Int
  ) throws(ModelError) -> DepthwiseConvolution {
    parameters.has("bn.weight") ? try normalized(parameters, channels) : try Self(parameters, channels)
  }
}

/// A batch norm that takes the statistics of the batch, for training.
struct BatchNorm: Sendable {
  #if hasFeature(Embedded)
    static func trained(_ parameters: Parameters, _ channels: Int) throws(ModelError) -> BatchNorm? { nil }

    func callAsFunction(_ x: Tensor, activation: Activation, adding residual: Tensor?) -> Tensor { x }
  #else
    let weight: Tensor
    let bias: Tensor
    private let mode: TrainingMode
    private let name: String

    /// The batch norm of a model in training; nil at inference, and where its averages are to stay.
    static func trained(_ parameters: Parameters, _ channels: Int) throws(ModelError) -> BatchNorm? {
      guard let mode = parameters.training, !mode.settings.freezesBatchNorm else { return nil }
      return BatchNorm(
        weight: try parameters.tensor("weight", [channels]), bias: try parameters.tensor("bias", [channels]),
        mode: mode, name: parameters.prefix)
    }

    func callAsFunction(_ x: Tensor, activation: Activation, adding residual: Tensor?) -> Tensor {
      let (y, statistics) = x.batchNorm(weight, bias, activation: activation, adding: residual)
      mode.note(statistics, for: name)
      return y
    }
  #endif
}

/// A batch norm at inference: a factor and a summand for each channel.
struct BatchNormFold {
  let factors: [Float]
  let bias: Tensor

  init(_ parameters: Parameters, _ channels: Int) throws(ModelError) {
    let weight = try parameters.tensor("weight", [channels]).elements
    let shift = try parameters.tensor("bias", [channels]).elements
    let mean = try parameters.tensor("running_mean", [channels]).elements
    let variance = try parameters.tensor("running_var", [channels]).elements
    let factors = weight.indices.map { weight[$0] / (variance[$0] + 1e-5).squareRoot() }
    self.factors = factors
    bias = Tensor(
      shift.indices.map { shift[$0] - mean[$0] * factors[$0] }, shape: [channels], on: parameters.compute)
  }

  func scale(_ weight: Tensor) -> Tensor {
    weight.reshaped([weight.shape[0], weight.count / Swift.max(1, weight.shape[0])]).scalingRows(factors)
      .reshaped(weight.shape)
  }
}
