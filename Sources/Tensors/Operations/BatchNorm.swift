internal import Kernels

#if !hasFeature(Embedded)
  extension Tensor {
    /// What a batch norm found in a batch, for the running averages that serve inference.
    public struct BatchStatistics: Sendable {
      /// Of each channel.
      public let mean: Tensor
      /// Of each channel, divided by the count less one, as the reference keeps it.
      public let variance: Tensor
    }

    /// activation((x − mean) / √(variance + ε) · weight + bias) + residual, with the mean and variance of each channel over the whole
    /// batch (arXiv 1502.03167). For training; at inference batch norms are part of the convolution before them.
    ///
    /// - Parameters:
    ///   - weight: one value for each channel, the innermost dimension.
    ///   - bias: one value for each channel.
    ///   - epsilon: added to the variance.
    ///   - activation: applied before the residual is added.
    ///   - residual: of this tensor's shape.
    public func batchNorm(
      _ weight: Tensor, _ bias: Tensor, epsilon: Float = 1e-5, activation: Activation = .identity,
      adding residual: Tensor? = nil
    ) -> (result: Tensor, statistics: BatchStatistics) {
      let channels = shape.innermost
      precondition(weight.count == channels && bias.count == channels, "weight and bias fit the channels")
      precondition(residual == nil || residual?.count == count, "residual fits the result")
      let rows = shape.rows
      let (means, squares) = channelMoments()
      let variances = squares.map { $0 / Double(Swift.max(1, rows)) }
      let mean = Tensor(means.map { Float($0) }, shape: [channels], on: compute)
      let deviation = Tensor(
        variances.map { Float(1 / ($0 + Double(epsilon)).squareRoot()) }, shape: [channels], on: compute)
      let statistics = BatchStatistics(
        mean: mean,
        variance: Tensor(
          squares.map { Float($0 / Double(Swift.max(1, rows - 1))) }, shape: [channels], on: compute))
      let factors = zip(weight.elements, deviation.elements).map { $0 * $1 }
      let scale = Tensor(factors, shape: [channels], on: compute)
      let shift = Tensor(
        zip(bias.elements, zip(mean.elements, factors)).map { $0 - $1.0 * $1.1 }, shape: [channels],
        on: compute)

      let result = Tensor(uninitialized: shape, on: compute)
      withPointers(self, scale, shift, residual) { x, scale, shift, r in
        nonisolated(unsafe) let (x, scale, shift, r, y) = (x, scale, shift, r, result.start)
        compute.forEachRange(of: rows, atLeast: Swift.max(1, (1 << 14) / Swift.max(1, channels))) { range in
          let at = range.lowerBound * channels
          VectorKernels.training.affine_activation(
            x + at, scale, shift, r.map { $0 + at }, activation.rawValue, y + at, range.count, channels)
        }
      }
      guard let tape = Tape.recording(self, weight, bias, residual) else { return (result, statistics) }
      let (x, added) = (self, residual?.node)
      let recorded = tape.record(result) { gradient, tape in
        tape.accumulate(gradient, in: added)
        let (dx, sums) = gradient.throughBatchNorm(
          of: x, weight, bias, mean: mean, deviation: deviation, scale: scale, activation: activation)
        tape.accumulate(sums[outermost: 0], in: bias.node)
        tape.accumulate(sums[outermost: 1], in: weight.node)
        tape.accumulate(dx, in: x.node)
      }
      return (recorded, statistics)
    }

    /// Means of the channels, and sums of squared differences from them. Parts are joined in doubles, in order
    /// (Chan, Golub and LeVeque, 1979).
    private func channelMoments() -> (means: [Double], squares: [Double]) {
      let (rows, channels) = (shape.rows, shape.innermost)
      // A part is read twice, and stays in the cache in between.
      let size = Swift.max(1, (1 << 15) / Swift.max(1, channels))
      let parts = (rows + size - 1) / size
      let found = Tensor(uninitialized: [Swift.max(1, parts), 2, channels], on: compute)
      withPointer { x in
        nonisolated(unsafe) let (x, out) = (x, found.start)
        compute.forEach(parts) { part in
          let count = Swift.min(size, rows - part * size)
          let at = out + part * 2 * channels
          VectorKernels.training.moments(x + part * size * channels, count, channels, at, at + channels)
        }
      }
      var means = [Double](repeating: 0, count: channels)
      var squares = means
      found.withPointer { found in
        var seen = 0.0
        for part in 0..<parts {
          let count = Double(Swift.min(size, rows - part * size))
          let at = found + part * 2 * channels
          for channel in 0..<channels {
            let difference = Double(at[channel]) - means[channel]
            means[channel] += difference * count / (seen + count)
            squares[channel] +=
              Double(at[channels + channel]) + difference * difference * seen * count / (seen + count)
          }
          seen += count
        }
      }
      return (means, squares)
    }

    /// The gradient by a batch norm's input, this tensor being that by its result, and 2 x channels: by its bias, and by its weight.
    private func throughBatchNorm(
      of input: Tensor, _ weight: Tensor, _ bias: Tensor, mean: Tensor, deviation: Tensor, scale: Tensor,
      activation: Activation
    ) -> (input: Tensor, sums: Tensor) {
      let (rows, channels) = (input.shape.rows, input.shape.innermost)
      let dx = Tensor(uninitialized: input.shape, on: input.compute)
      let compute = input.compute
      let sums: Tensor = withPointers(self, input, mean, deviation, weight, bias) {
        dy, x, mean, deviation, w, b in
        nonisolated(unsafe) let (x, dy, mean, deviation, w, b, g) = (
          x, dy, mean, deviation, w, b, dx.start
        )
        return compute.sumOfParts(of: rows, rowSize: channels, width: 2 * channels) { range, sums in
          let at = range.lowerBound * channels
          VectorKernels.training.affine_backward(
            x + at, dy + at, mean, deviation, w, b, activation.rawValue, g + at, sums, sums + channels,
            range.count, channels)
        }
      }
      guard input.node != nil else { return (dx, sums.reshaped([2, channels])) }
      let shares = sums.multiplied(by: 1 / Float(Swift.max(1, rows)))
      withPointers(input, mean, deviation, scale, shares) { x, mean, deviation, scale, shares in
        nonisolated(unsafe) let (x, mean, deviation, scale, shares, g) = (
          x, mean, deviation, scale, shares, dx.start
        )
        compute.forEachRange(of: rows, atLeast: Swift.max(1, (1 << 14) / Swift.max(1, channels))) { range in
          let at = range.lowerBound * channels
          VectorKernels.training.batch_norm_backward(
            g + at, x + at, mean, deviation, scale, shares, shares + channels, range.count, channels)
        }
      }
      return (dx, sums.reshaped([2, channels]))
    }
  }
#endif
