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
    let tape = Tape.recording(self, weight, bias, residual)
    let kept =
      tape != nil && activation != .identity ? Tensor(uninitialized: result.shape, on: compute) : nil
    withPointer { x in
      bias.withPointer { b in
        residual.withPointer { r in
          let epilogue = PackedProduct.Epilogue(
            bias: b, activation: activation, residual: r, kept: kept?.start)
          if rows < Tensor.fewRows {
            weight.withPointer { w in
              multiplyFew(x, w, result.start, rows: rows, inputs: inputs, outputs: outputs, epilogue)
            }
          } else {
            PackedProduct(transposed: weight, columns: outputs, depth: inputs, on: compute).multiply(
              .matrix(x, stride: inputs), rows: rows, into: result.start, epilogue: epilogue, on: compute)
          }
        }
      }
    }
    guard let tape else { return result }
    return record(result, on: tape, weight, bias, residual, activation, kept)
  }

  /// The way back: dx = dz · W, dW = dzᵀ · x, db = the sums of dz, with dz the gradient before the activation.
  private func record(
    _ result: Tensor, on tape: Tape, _ weight: Tensor, _ bias: Tensor?, _ residual: Tensor?,
    _ activation: Activation, _ kept: Tensor?
  ) -> Tensor {
    #if hasFeature(Embedded)
      return result
    #else
      let (inputs, outputs) = (shape.innermost, weight.shape[0])
      let (x, added) = (self, residual?.node)
      return tape.record(result) { gradient, tape in
        tape.accumulate(gradient, in: added)
        let (dz, sums) = gradient.throughActivation(
          activation, of: kept, columns: outputs, wantsSums: bias?.node != nil)
        if let sums { tape.accumulate(sums, in: bias?.node) }
        let rows = dz.reshaped([dz.count / Swift.max(1, outputs), outputs])
        if weight.node != nil {
          tape.accumulate(
            rows.transposedProduct(x.reshaped([x.shape.rows, inputs])), in: weight.node)
        }
        if x.node != nil {
          tape.accumulate(rows.product(weight.reshaped([outputs, inputs])), in: x.node)
        }
      }
    #endif
  }
}

extension Tensor {
  /// Below so many rows ``linear(_:_:activation:adding:)`` does not pack its weights, which would cost more than it saves. A row's result is
  /// then the same, bit for bit, whatever the other rows.
  public static let fewRows = 32

  fileprivate func multiplyFew(
    _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, rows: Int,
    inputs: Int, outputs: Int, _ epilogue: PackedProduct.Epilogue
  ) {
    nonisolated(unsafe) let (x, w, y) = (x, w, y)
    // Weights are read once, from far away: less than a megabyte of them is not worth waking another thread.
    compute.forEachRange(of: outputs, atLeast: Swift.max(16, (1 << 18) / Swift.max(1, inputs))) { range in
      let at = range.lowerBound
      VectorKernels.best.multiply_few(
        x, inputs, w + at * inputs, inputs, inputs, y + at, outputs, rows, range.count)
      if !epilogue.isIdentity {
        epilogue.apply(to: y, at: at, column: at, columns: outputs, rows: rows, width: range.count)
      }
    }
  }
}

// Fresh results are written through `start` by the operation that made them, before anybody else can see them.
extension Tensor {
  /// The first element of a tensor that the caller has just made.
  @inline(__always) var start: UnsafeMutablePointer<Float> { storage.base + offset }

  /// The first element of a tensor of floats that the caller keeps for as long as it reads them.
  @inline(__always) var floats: UnsafePointer<Float> {
    assert(!storage.isHalf, "a tensor of floats")
    return UnsafePointer(start)
  }

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
