internal import Kernels

#if !hasFeature(Embedded)
  extension Tensor {
    /// A matrix with the singular vectors of this one, and singular values near 1: between 0.7 and 1.2, for all but the smallest.
    ///
    /// Newton-Schulz iteration by a polynomial of degree five, whose coefficients are those of Muon (K. Jordan et al., 2024): they bring
    /// small singular values up fast instead of bringing all to 1.
    ///
    /// - Parameter steps: of the iteration.
    /// - Returns: rows x columns as this tensor has them, its first dimension being rows; zeros where it is zero.
    public func orthogonalized(steps: Int = 5) -> Tensor {
      let rows = shape[0], columns = count / Swift.max(1, shape[0])
      // The product by itself is of the smaller side.
      let isTall = rows > columns
      let matrix = detached().reshaped([rows, columns])
      var x = isTall ? matrix.permuted([1, 0]) : matrix
      let length = Float(x.sumOfSquares().squareRoot())
      guard length > 0, length.isFinite else { return Tensor(repeating: 0, shape: shape, on: compute) }
      x = x.combined(1 / (length * 1.001), x, 0)
      for _ in 0..<steps {
        let square = x.linear(x)
        // Symmetric, so that a product with its transpose is one with itself.
        let polynomial = square.combined(-4.7750, square.linear(square), 2.0315)
        x = x.combined(3.4445, polynomial.product(x), 1)
      }
      return (isTall ? x.permuted([1, 0]) : x).reshaped(shape)
    }

    /// a · this + b · other.
    private func combined(_ a: Float, _ other: Tensor, _ b: Float) -> Tensor {
      let result = Tensor(uninitialized: shape, on: compute)
      withPointer { x in
        other.withPointer { z in
          nonisolated(unsafe) let (x, z, y) = (x, z, result.start)
          compute.forEachRange(of: count, atLeast: 1 << 14) { range in
            for index in range { y[index] = a * x[index] + b * z[index] }
          }
        }
      }
      return result
    }

    /// Brings a matrix and its momentum up to date: a step of `rate` along ``orthogonalized(steps:)`` of the momentum, looked ahead of
    /// by one gradient (Nesterov), after what decays is taken off.
    ///
    /// - Parameters:
    ///   - rate: what the orthogonal matrix is multiplied by.
    ///   - kept: the share of the weights that stays.
    ///   - beta: how much of the old momentum stays.
    ///   - gradient: of this matrix; its compute multiplies.
    ///   - factor: what the gradient is multiplied by first.
    ///   - momentum: of this matrix's shape.
    ///   - parts: matrices that lie one after the other in this one, each orthogonalised by itself.
    public mutating func orthogonalStep(
      rate: Float, kept: Float, beta: Float, gradient: Tensor, factor: Float, momentum: inout Tensor,
      parts: Int = 1
    ) {
      precondition(gradient.count == count && momentum.count == count, "momentum fits the parameter")
      momentum = momentum.combined(beta, gradient, factor)
      let ahead = momentum.combined(beta, gradient, factor).on(gradient.compute)
      guard parts > 1 else {
        self = combined(kept, ahead.orthogonalized(), -rate)
        return
      }
      let (rows, rest) = (shape[0] / parts, count / Swift.max(1, shape[0]))
      let split = ahead.reshaped([parts, rows, rest])
      let steps = (0..<parts).map { split[outermost: $0].reshaped([rows, rest]).orthogonalized() }
      self = combined(kept, Tensor.concatenating(steps, on: compute).reshaped(shape), -rate)
    }
  }
#endif
