internal import Kernels

extension Tensor {
  /// activation(x · Wᵀ + b) + residual, over the innermost dimension.
  ///
  /// Rows are computed in blocks whose bias, activation and residual are applied while they are in cache.
  ///
  /// - Parameters:
  ///   - weight: outputs x inputs, as PyTorch stores it; further dimensions of size 1 may follow (1x1
  ///     convolutions). Half-precision weights are converted while they are packed.
  ///   - bias: one value for each output.
  ///   - activation: applied after the bias.
  ///   - residual: added last; of the result's shape.
  /// - Returns: this shape with the innermost size replaced by the number of outputs.
  public func linear(
    _ weight: Tensor, _ bias: Tensor? = nil, activation: Activation = .identity,
    adding residual: Tensor? = nil
  ) -> Tensor {
    let inputs = shape.innermost
    let outputs = weight.shape[0]
    precondition(weight.count == outputs * inputs, "weight fits the input")
    precondition(bias == nil || bias?.count == outputs, "bias fits the weight")
    let rows = shape.rows
    let result = Tensor(uninitialized: shape.replacingInnermost(outputs), on: compute)
    precondition(residual == nil || residual?.count == result.count, "residual fits the result")
    withPointer { x in
      bias.withPointer { b in
        residual.withPointer { r in
          if rows < Tensor.fewRows {
            weight.withPointer { w in
              multiplyFew(x, w, result.start, rows: rows, inputs: inputs, outputs: outputs, b, r, activation)
            }
          } else {
            nonisolated(unsafe) let x = x
            PackedProduct(transposed: weight, columns: outputs, depth: inputs, on: compute).multiply(
              rows: rows, into: result.start,
              epilogue: PackedProduct.Epilogue(bias: b, activation: activation, residual: r), on: compute
            ) { rows, depth, block in
              VectorKernels.best.pack_rows(
                x + rows.lowerBound * inputs + depth.lowerBound, inputs, rows.count, depth.count, 1, block)
            }
          }
        }
      }
    }
    return result
  }
}

extension Tensor {
  /// Below so many rows, packing the weights would cost more than it saves.
  fileprivate static let fewRows = 24

  fileprivate func multiplyFew(
    _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int,
    inputs: Int,
    outputs: Int, _ bias: UnsafePointer<Float>?, _ residual: UnsafePointer<Float>?, _ activation: Activation
  ) {
    nonisolated(unsafe) let (x, w, y, bias, residual) = (x, w, y, bias, residual)
    compute.forEachRange(of: outputs, atLeast: Swift.max(16, (1 << 18) / Swift.max(1, rows * inputs))) {
      range in
      let at = range.lowerBound
      VectorKernels.best.multiply_few(
        x, inputs, w + at * inputs, inputs, inputs, y + at, outputs, rows, range.count)
      if bias != nil || residual != nil || activation != .identity {
        VectorKernels.best.bias_activation(
          y + at, outputs, bias.map { $0 + at }, residual.map { $0 + at }, outputs, activation.rawValue, rows,
          range.count)
      }
    }
  }
}

// Fresh results are written through `start` by the operation that made them, before anybody else can see them.
extension Tensor {
  /// The first element of a tensor that the caller has just made.
  @inline(__always) var start: UnsafeMutablePointer<Float> { storage.base + offset }

  @inline(__always)
  func withPointer<Result>(_ body: (UnsafePointer<Float>) -> Result) -> Result {
    let (storage, offset) = readable
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
