internal import Modeling
internal import Tensors

/// Random weights for a model of given sizes. Times do not depend on weights as long as activations keep a size at which
/// nothing overflows.
enum RandomParameters {
  /// Parameters under their official names.
  static func make(_ configuration: ModelConfiguration, on compute: Compute) throws(ModelError) -> [String:
    Tensor]
  {
    let generator = ParameterGenerator(batchNorms: false) { name, shape in values(name, shape, on: compute) }
    let parameters = Parameters(generating: generator, on: compute)
    _ = try ImageEncoder(parameters["image_encoder"], configuration)
    _ = try PromptEncoder(parameters["prompt_encoder"], configuration)
    _ = try MaskDecoder(parameters["mask_decoder"], configuration)
    return generator.tensors
  }

  /// Norms and variances near 1, biases near 0, weights that keep the size of what they are multiplied with.
  private static func values(_ name: String, _ shape: Shape, on compute: Compute) -> Tensor {
    let isVector = shape.count == 1
    let inputs = max(1, shape.dropFirst().reduce(1, *))
    var tensor = Kernel.operand(
      shape, scale: isVector ? 0.1 : (3 / Float(inputs)).squareRoot(), on: compute)
    if isVector, name.hasSuffix("weight") || name.hasSuffix("running_var") {
      tensor.withUnsafeMutableBuffer { for index in $0.indices { $0[index] += 1 } }
    }
    return tensor
  }
}
