internal import Tensors

/// A parameter's values by formula: offset + scale · u(name, index).
struct FormulaWeight {
  let offset: Double
  let scale: Double

  /// The rule of a parameter: its mean and spread follow from its name and shape, so that activations keep the size
  /// that they have in trained models.
  init(name: String, shape: Shape) {
    // A uniform number of this factor has standard deviation 1.
    let unit = 2 * 3.0.squareRoot()
    if name.hasSuffix("positional_encoding_gaussian_matrix") {
      (offset, scale) = (0, unit)
    } else if name.hasSuffix("rel_pos_h") || name.hasSuffix("rel_pos_w") {
      (offset, scale) = (0, unit * 0.05)
    } else if name.hasSuffix("pos_embed") {
      (offset, scale) = (0, unit * 0.1)
    } else if name.split(separator: ".").contains(where: FormulaWeight.embeddings.contains) {
      (offset, scale) = (0, unit * 0.5)
    } else if shape.count == 1 {
      (offset, scale) = name.hasSuffix(".weight") ? (1, 0.2) : (0, 0.1)
    } else {
      (offset, scale) = (0, unit / Double(shape.dropFirst().reduce(1, *)).squareRoot())
    }
  }

  private static let embeddings: [Substring] = [
    "point_embeddings", "not_a_point_embed", "no_mask_embed", "iou_token", "mask_tokens",
  ]
}

extension Formula {
  /// A parameter of a model whose weights follow the formula.
  func weight(_ name: String, _ shape: Shape, on compute: Compute) -> Tensor {
    let rule = FormulaWeight(name: name, shape: shape)
    let hash = hash(name)
    var tensor = Tensor(uninitialized: shape, on: compute)
    let count = tensor.count
    tensor.withUnsafeMutableBuffer { buffer in
      guard let base = buffer.baseAddress else { return }
      nonisolated(unsafe) let out = base
      let grain = 1 << 18
      compute.forEach((count + grain - 1) / grain) { task in
        for index in task * grain..<Swift.min(count, (task + 1) * grain) {
          out[index] = Float(rule.offset + rule.scale * Formula.uniform(hash, index))
        }
      }
    }
    return tensor
  }
}
