public import Tensors

/// A model as it is saved and used: batch norms folded into the convolutions before them.
///
/// Keys `NAME.c.weight` and `NAME.bn.…` become `NAME.weight` and `NAME.bias`; all others stay. TinyViT's checkpoints keep their batch norms, whose
/// names say so (`seq`, `layers`), because others read them.
public func foldingBatchNorms(_ parameters: [String: Tensor], epsilon: Float = 1e-5) -> [String: Tensor] {
  var result = parameters
  for name in parameters.keys where name.hasSuffix(".bn.weight") && isOfHybridEncoder(name) {
    let prefix = name.dropLast("bn.weight".count)
    guard let kernel = parameters[prefix + "c.weight"], let weight = parameters[name],
      let bias = parameters[prefix + "bn.bias"], let mean = parameters[prefix + "bn.running_mean"],
      let variance = parameters[prefix + "bn.running_var"]
    else { continue }
    let factors = zip(weight.elements, variance.elements).map { $0 / ($1 + epsilon).squareRoot() }
    let shifts = zip(bias.elements, zip(mean.elements, factors)).map { $0 - $1.0 * $1.1 }
    let outputs = kernel.shape[0]
    result[prefix + "weight"] = kernel.reshaped([outputs, kernel.count / max(1, outputs)])
      .scalingRows(factors).reshaped(kernel.shape)
    result[prefix + "bias"] = Tensor(shifts, shape: [outputs])
    for old in ["c.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"] {
      result[prefix + old] = nil
    }
  }
  return result
}

private func isOfHybridEncoder(_ name: String) -> Bool {
  name.hasPrefix("image_encoder.stem.") || name.hasPrefix("image_encoder.stage")
}
