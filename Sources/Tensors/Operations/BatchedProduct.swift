internal import Kernels

extension Tensor {
  /// a · bᵀ for each item of a batch, where a has few rows: batch x n x m from batch x n x channels and batch x m x channels.
  public func productWithTransposed(_ other: Tensor) -> Tensor {
    let (batch, rows, channels) = (shape[0], shape[1], shape[2])
    let columns = other.shape[1]
    precondition(other.shape[0] == batch && other.shape[2] == channels, "the same batch and channels")
    let result = Tensor(uninitialized: [batch, rows, columns], on: compute)
    let compute = compute
    withPointer { a in
      other.withPointer { b in
        nonisolated(unsafe) let (a, b, y) = (a, b, result.start)
        for item in 0..<batch {
          compute.forEachRange(of: columns, atLeast: 1024) { range in
            VectorKernels.best.multiply_few(
              a + item * rows * channels, channels, b + (item * columns + range.lowerBound) * channels,
              channels, channels,
              y + item * rows * columns + range.lowerBound, columns, rows, range.count)
          }
        }
      }
    }
    guard let tape = Tape.recording(self, other) else { return result }
    let a = self
    return tape.record(result) { gradient, tape in
      #if !hasFeature(Embedded)
        let (da, db) = a.gradientsOfProduct(with: other, gradient)
        if let da { tape.accumulate(da, in: a.node) }
        if let db { tape.accumulate(db, in: other.node) }
      #endif
    }
  }
}

#if !hasFeature(Embedded)
  extension Tensor {
    /// The gradients of ``productWithTransposed(_:)`` by both operands that want one, item by item: da = dy · b, db = dyᵀ · a.
    private func gradientsOfProduct(with other: Tensor, _ gradient: Tensor) -> (Tensor?, Tensor?) {
      let (batch, rows, channels) = (shape[0], shape[1], shape[2])
      let columns = other.shape[1]
      let da = node == nil ? nil : Tensor(repeating: 0, shape: shape, on: compute)
      let db = other.node == nil ? nil : Tensor(uninitialized: other.shape, on: compute)
      withPointers(self, other, gradient) { a, b, dy in
        nonisolated(unsafe) let (a, b, dy, da, db) = (a, b, dy, da?.start, db?.start)
        compute.forEach(batch) { item in
          let (left, right) = (item * rows * channels, item * columns * channels)
          VectorKernels.training.few_rows_backward(
            dy + item * rows * columns, rows, a + left, b + right, columns, channels,
            da.map { $0 + left }, db.map { $0 + right })
        }
      }
      return (da, db)
    }
  }
#endif
