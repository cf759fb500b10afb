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
        // Item by item: da = dy · b, db = dyᵀ · a.
        for item in 0..<batch {
          let dy = gradient.reshaped(shape: [batch, rows, columns], item: item)
          if a.node != nil {
            tape.accumulate(
              dy.product(other.reshaped(shape: [batch, columns, channels], item: item)), in: a.node,
              at: item * rows * channels)
          }
          if other.node != nil {
            tape.accumulate(
              dy.transposedProduct(a.reshaped(shape: [batch, rows, channels], item: item)), in: other.node,
              at: item * columns * channels)
          }
        }
      #endif
    }
  }
}

#if !hasFeature(Embedded)
  extension Tensor {
    /// One item of a tensor of the given shape, as a constant.
    private func reshaped(shape: Shape, item: Int) -> Tensor { detached().reshaped(shape)[outermost: item] }
  }
#endif
