internal import Modeling
internal import Tensors

/// Random weights for a model of given sizes. Times do not depend on weights as long as activations keep a size at which
/// nothing overflows.
enum RandomParameters {
  /// Parameters under their official names.
  ///
  /// There is no list of what a model needs: each part is made again and again, and told what it missed last time.
  static func make(_ configuration: ModelConfiguration, on compute: Compute) throws(ModelError) -> [String:
    Tensor]
  {
    var tensors: [String: Tensor] = [:]
    try complete(&tensors, compute) { parameters throws(ModelError) in
      _ = try ImageEncoder(parameters["image_encoder"], configuration)
    }
    try complete(&tensors, compute) { parameters throws(ModelError) in
      _ = try PromptEncoder(parameters["prompt_encoder"], configuration)
    }
    try complete(&tensors, compute) { parameters throws(ModelError) in
      _ = try MaskDecoder(parameters["mask_decoder"], configuration)
    }
    return tensors
  }

  private static func complete(
    _ tensors: inout [String: Tensor], _ compute: Compute,
    making part: (Parameters) throws(ModelError) -> Void
  ) throws(ModelError) {
    var guesses: Set<String> = []
    while true {
      do throws(ModelError) {
        return try part(Parameters(tensors, on: compute))
      } catch {
        switch error {
        case .missingTensor(let name):
          guesses.insert(name)
          tensors[name] = values(name, guess(name, tensors), on: compute)
        case .misshapenTensor(let name, let shape, _) where guesses.contains(name):
          guesses.remove(name)
          tensors[name] = values(name, shape, on: compute)
        default: throw error
        }
      }
    }
  }

  /// A bias has a value for each row of its weight, most of the time; some sizes are read off biases.
  private static func guess(_ name: String, _ tensors: [String: Tensor]) -> Shape {
    guard name.hasSuffix(".bias"), let weight = tensors[name.dropLast("bias".count) + "weight"] else {
      return [0]
    }
    return [weight.shape[0]]
  }

  /// Norms near 1, biases near 0, weights that keep the size of what they are multiplied with.
  private static func values(_ name: String, _ shape: Shape, on compute: Compute) -> Tensor {
    let isVector = shape.count == 1
    let inputs = max(1, shape.dropFirst().reduce(1, *))
    var tensor = Kernel.operand(
      shape, scale: isVector ? 0.1 : (3 / Float(inputs)).squareRoot(), on: compute)
    if isVector, name.hasSuffix("weight") {
      tensor.withUnsafeMutableBuffer { for index in $0.indices { $0[index] += 1 } }
    }
    return tensor
  }
}
