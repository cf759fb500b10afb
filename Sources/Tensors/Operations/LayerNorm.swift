internal import Kernels

extension Tensor {
  /// activation((x − mean) / √(variance + ε) · weight + bias) over the innermost dimension (arXiv 1607.06450).
  ///
  /// On channels-last images this is also the reference's `LayerNorm2d`. Works in place where this tensor is
  /// its memory's only owner.
  ///
  /// - Parameters:
  ///   - weight: one value for each channel.
  ///   - bias: one value for each channel.
  ///   - epsilon: added to the variance: 1e-6 in the image encoder and on images, 1e-5 among tokens of the decoder.
  ///   - activation: applied last.
  public consuming func layerNorm(
    _ weight: Tensor, _ bias: Tensor, epsilon: Float, activation: Activation = .identity
  ) -> Tensor {
    var source = self
    let channels = source.shape.innermost
    precondition(weight.count == channels && bias.count == channels, "weight and bias fit the channels")
    let result = source.isUnique() ? source : Tensor(uninitialized: source.shape, on: source.compute)
    let rows = source.shape.rows
    source.withPointer { x in
      weight.withPointer { w in
        bias.withPointer { b in
          nonisolated(unsafe) let (x, w, b, y) = (x, w, b, result.start)
          result.compute.forEachRange(of: rows, atLeast: Swift.max(1, (1 << 14) / Swift.max(1, channels))) {
            range in
            VectorKernels.best.layer_norm(
              x + range.lowerBound * channels, channels, w, b, epsilon, activation.rawValue,
              y + range.lowerBound * channels, channels, range.count, channels)
          }
        }
      }
    }
    return result
  }
}
