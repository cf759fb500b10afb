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
    let tape = Tape.recording(source, weight, bias)
    let result =
      tape == nil && source.isUnique() ? source : Tensor(uninitialized: source.shape, on: source.compute)
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
    guard let tape else { return result }
    let input = source
    return tape.record(result) { gradient, tape in
      #if !hasFeature(Embedded)
        let (dx, dweight, dbias) = gradient.throughLayerNorm(
          of: input, weight, bias, epsilon: epsilon, activation: activation)
        tape.accumulate(dx, in: input.node)
        tape.accumulate(dweight, in: weight.node)
        tape.accumulate(dbias, in: bias.node)
      #endif
    }
  }

  #if !hasFeature(Embedded)
    /// The gradients by a layer norm's operands, this tensor being that by its result. Means and variances are computed again.
    private func throughLayerNorm(
      of input: Tensor, _ weight: Tensor, _ bias: Tensor, epsilon: Float, activation: Activation
    ) -> (input: Tensor, weight: Tensor, bias: Tensor) {
      let channels = input.shape.innermost
      let dx = Tensor(uninitialized: input.shape, on: input.compute)
      let sums = withPointer { dy in
        input.withPointer { x in
          weight.withPointer { w in
            bias.withPointer { b in
              nonisolated(unsafe) let (x, dy, w, b, dx) = (x, dy, w, b, dx.start)
              return input.compute.sumOfParts(
                of: input.shape.rows, rowSize: channels, width: 2 * channels
              ) { range, sums in
                let at = range.lowerBound * channels
                VectorKernels.training.layer_norm_backward(
                  x + at, dy + at, w, b, epsilon, activation.rawValue, dx + at, sums, sums + channels,
                  range.count, channels)
              }
            }
          }
        }
      }
      let halves = sums.reshaped([2, channels])
      return (dx, halves[outermost: 0], halves[outermost: 1])
    }
  #endif
}
