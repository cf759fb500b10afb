internal import Kernels
internal import MatrixProducts

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
    let period = residual.map { $0.count == result.count ? batch : 1 } ?? 1
    withPointer { x in
      weight.withPointer { w in
        bias.withPointer { b in
          residual.withPointer { r in
            nonisolated(unsafe) let (x, w, b, r, y) = (x, w, b, r, result.start)
            compute.forEach(batch * height) { row in
              for i in 0..<2 {
                // The two pixels of an output row that stem from one input pixel are neighbours in memory.
                let line = 2 * row + i
                let out = y + line * 2 * width * outputs
                matrixProduct(
                  rows: width, columns: 2 * outputs, depth: inputs, x + row * width * inputs, inputs,
                  w + i * 2 * outputs * inputs, inputs, transposeB: true, out, 2 * outputs)
                let added = r.map { $0 + line % (period * 2 * height) * 2 * width * outputs }
                VectorKernels.best.bias_activation(
                  out, outputs, b, added, outputs, activation.rawValue, 2 * width, outputs)
              }
            }
          }
        }
      }
    }
    return result
  }
}
