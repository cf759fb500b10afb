internal import Modeling
internal import Tensors

// Also compiled for the browser (`scripts/check-embedded`), whose numbers the tests compare with this machine's.

extension Formula {
  /// The formula of those checks.
  static let embedded = Formula(salt: "embedded:")

  /// The parameters of a prompt encoder and a mask decoder.
  func decoderParameters(_ configuration: ModelConfiguration, on compute: Compute) -> [String: Tensor] {
    let noEncoder = ViTConfiguration(width: 1, depth: 0, heads: 1, mlpWidth: 1, globalBlocks: [])
    var parameters: [String: Tensor] = [:]
    for (name, shape) in ParameterShapes(noEncoder, configuration).shapes
    where !name.hasPrefix("image_encoder.") {
      parameters[name] = weight(name, shape, on: compute)
    }
    return parameters
  }

  /// Numbers spread evenly over [-`limit`, `limit`).
  func numbers(_ name: String, _ shape: Shape, limit: Float, on compute: Compute) -> Tensor {
    let hash = hash(name)
    return Tensor(
      (0..<shape.elementCount).map { 2 * limit * Float(Formula.uniform(hash, $0)) }, shape: shape, on: compute
    )
  }
}
