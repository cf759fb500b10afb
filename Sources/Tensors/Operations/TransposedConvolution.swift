internal import Kernels

extension Tensor {
  /// A transposed 2x2 convolution of stride 2, channels last: every input pixel becomes four output pixels.
  ///
  /// This tensor is batch x height x width x inputs.
  ///
  /// - Parameters:
  ///   - weight: 2 x 2 x outputs x inputs (PyTorch's inputs x outputs x 2 x 2 permuted 2, 3, 1, 0).
  ///   - bias: one value for each output.
  ///   - activation: applied after the bias.
  ///   - residual: added last; of the result's shape, or one item that serves the whole batch.
  /// - Returns: batch x 2·height x 2·width x outputs.
  public func transposedConvolution2x2(
    _ weight: Tensor, _ bias: Tensor, activation: Activation = .identity, adding residual: Tensor? = nil
  ) -> Tensor {
    let (batch, height, width, inputs) = (shape[0], shape[1], shape[2], shape[3])
    let outputs = weight.shape[2]
    precondition(weight.count == 4 * outputs * inputs && bias.count == outputs, "weight fits the input")
    let result = Tensor(uninitialized: [batch, 2 * height, 2 * width, outputs], on: compute)
    precondition(
      residual == nil || residual?.count == result.count
        || residual?.count == result.count / Swift.max(1, batch),
      "residual fits the result")
    #if !hasFeature(Embedded)
      if Tape.recording(self, weight, bias, residual) != nil {
        // In steps, each recorded.
        let y = linear(weight.reshaped([4 * outputs, inputs])).spreadingPixels().adding(bias)
          .activated(activation)
        return residual.map { y.adding($0) } ?? y
      }
    #endif
    let period = residual.map { $0.count == result.count ? batch : 1 } ?? 1
    let widened = linear(weight.reshaped([4 * outputs, inputs]))
    widened.withPointer { x in
      bias.withPointer { b in
        residual.withPointer { r in
          nonisolated(unsafe) let (x, b, r, y) = (x, b, r, result.start)
          compute.forEachRange(of: batch * height, atLeast: 1) { range in
            for line in 2 * range.lowerBound..<2 * range.upperBound {
              // The two pixels of an output row that stem from one input pixel are neighbours in both.
              let out = y + line * 2 * width * outputs
              for column in 0..<width {
                (out + column * 2 * outputs).update(
                  from: x + ((line / 2 * width + column) * 2 + line % 2) * 2 * outputs, count: 2 * outputs)
              }
              let added = r.map { $0 + line % (period * 2 * height) * 2 * width * outputs }
              VectorKernels.best.bias_activation(
                out, outputs, b, added, outputs, activation.rawValue, 2 * width, outputs)
            }
          }
        }
      }
    }
    return result
  }
}

#if !hasFeature(Embedded)
  extension Tensor {
    /// Channels that hold a block of 2 x 2 pixels, laid out as pixels: batch x height x width x 4·n to batch x 2·height x 2·width x n.
    func spreadingPixels() -> Tensor {
      let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3] / 4)
      let result = Tensor(uninitialized: [batch, 2 * height, 2 * width, channels], on: compute)
      movePixels(self, result, height: batch * height, width: width, channels: channels, isSpreading: true)
      guard let tape = Tape.recording(self) else { return result }
      return tape.record(result) { [node, shape] gradient, tape in
        let dx = Tensor(uninitialized: shape, on: gradient.compute)
        movePixels(gradient, dx, height: batch * height, width: width, channels: channels, isSpreading: false)
        tape.accumulate(dx, in: node)
      }
    }
  }

  /// Copies between both layouts of ``Tensor/spreadingPixels()``; `target` is fresh.
  private func movePixels(
    _ source: Tensor, _ target: Tensor, height: Int, width: Int, channels: Int, isSpreading: Bool
  ) {
    source.withPointer { x in
      nonisolated(unsafe) let (x, y) = (x, target.start)
      source.compute.forEachRange(of: height, atLeast: 2) { range in
        for line in 2 * range.lowerBound..<2 * range.upperBound {
          for column in 0..<width {
            let pair = line * 2 * width * channels + column * 2 * channels
            let block = ((line / 2 * width + column) * 2 + line % 2) * 2 * channels
            (y + (isSpreading ? pair : block)).update(
              from: x + (isSpreading ? block : pair), count: 2 * channels)
          }
        }
      }
    }
  }
#endif
