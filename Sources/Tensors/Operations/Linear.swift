internal import Kernels
internal import MatrixProducts

extension Tensor {
  /// activation(x · Wᵀ + b) + residual, over the innermost dimension.
  ///
  /// Rows are computed in blocks whose bias, activation and residual are applied while they are in cache.
  ///
  /// - Parameters:
  ///   - weight: outputs x inputs, as PyTorch stores it; further dimensions of size 1 may follow (1x1
  ///     convolutions).
  ///   - bias: one value for each output.
  ///   - activation: applied after the bias.
  ///   - residual: added last; of the result's shape.
  /// - Returns: this shape with the innermost size replaced by the number of outputs.
  public func linear(
    _ weight: Tensor, _ bias: Tensor? = nil, activation: Activation = .identity, adding residual: Tensor? = nil
  ) -> Tensor {
    let inputs = shape.innermost
    let outputs = weight.shape[0]
    precondition(weight.count == outputs * inputs, "weight fits the input")
    precondition(bias == nil || bias?.count == outputs, "bias fits the weight")
    let rows = shape.rows
    let result = Tensor(uninitialized: shape.replacingInnermost(outputs), on: compute)
    precondition(residual == nil || residual?.count == result.count, "residual fits the result")
    withPointer { x in
      weight.withPointer { w in
        bias.withPointer { b in
          residual.withPointer { r in
            nonisolated(unsafe) let (x, w, b, r, y) = (x, w, b, r, result.start)
            compute.forEachRange(of: rows, atLeast: Swift.max(16, (1 << 20) / Swift.max(1, inputs * outputs))) { range in
              let out = y + range.lowerBound * outputs
              matrixProduct(
                rows: range.count, columns: outputs, depth: inputs, x + range.lowerBound * inputs, inputs, w,
                inputs, transposeB: true, out, outputs)
              if b != nil || activation != .identity || r != nil {
                VectorKernels.best.bias_activation(
                  out, outputs, b, r.map { $0 + range.lowerBound * outputs }, outputs, activation.rawValue,
                  range.count, outputs)
              }
            }
          }
        }
      }
    }
    return result
  }
}

// Fresh results are written through `start` by the operation that made them, before anybody else can see them.
extension Tensor {
  /// The first element of a tensor that the caller has just made.
  @inline(__always) var start: UnsafeMutablePointer<Float> { storage.base + offset }

  @inline(__always)
  func withPointer<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return body(UnsafePointer(storage.base + offset))
  }
}

extension Tensor? {
  @inline(__always)
  func withPointer<Result>(_ body: (UnsafePointer<Float>?) -> Result) -> Result {
    guard let tensor = self else { return body(nil) }
    return tensor.withPointer(body)
  }
}
