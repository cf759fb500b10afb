internal import Kernels

/// One mask at the original size, as much of it as holds anything, and what tells how sharp its edge is.
public struct ScannedMask: Sendable {
  /// The stored part, in pixels of the original image; everything outside is below both thresholds.
  public var columns: Range<Int>, rows: Range<Int>
  /// The stored part as bits: bit x % 64 of word y · (columns.count + 63) / 64 + x / 64, counted from its corner, is set where
  /// the logits are above the threshold.
  public var bits: [UInt64]
  /// Pixels above the threshold plus the offset.
  public var areaAbove: Int
  /// Pixels above the threshold minus the offset.
  public var areaBelow: Int

  /// IoU of the masks at the two shifted thresholds; not a number where both are empty.
  public var stability: Float { Float(areaAbove) / Float(areaBelow) }
}

extension MaskUpsampling {
  /// Thresholds one mask at the original size in one pass over its rows, and counts pixels at two shifted thresholds.
  ///
  /// Interpolated logits lie between those they are made of, so rows and columns whose low-resolution logits are all below the
  /// lower threshold are never made: time goes with the mask, not with the image. Runs on the calling thread.
  ///
  /// - Parameters:
  ///   - logits: low x low.
  ///   - threshold: pixels of the mask are above it.
  ///   - offset: how far the shifted thresholds lie from it; at least 0.
  public func scan(_ logits: Tensor, threshold: Float = 0, offset: Float) -> ScannedMask {
    precondition(
      logits.count == lowResolutionSize * lowResolutionSize, "square logits of the configured size")
    return logits.withPointer { plane in
      let part = support(plane, above: threshold - offset)
      let columns = secondColumns.samples(from: firstColumns.samples(from: part.columns))
      let rows = secondRows.samples(
        from: firstRows.samples(from: part.rows).clamped(to: 0..<inputHeight))
      return scan(plane, rows: rows, columns: columns, threshold: threshold, offset: offset, logits.compute)
    }
  }

  private func scan(
    _ plane: UnsafePointer<Float>, rows: Range<Int>, columns: Range<Int>, threshold: Float, offset: Float,
    _ compute: Compute
  ) -> ScannedMask {
    var result = ScannedMask(columns: columns, rows: rows, bits: [], areaAbove: 0, areaBelow: 0)
    let words = (columns.count + 63) / 64
    guard !rows.isEmpty, words > 0 else {
      result.columns = 0..<0
      result.rows = 0..<0
      return result
    }
    var (above, below) = (0, 0)
    result.bits = [UInt64](unsafeUninitializedCapacity: words * rows.count) { bits, count in
      guard let bits = bits.baseAddress else { return }
      compute.withScratch(rowScratch) { scratch in
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { shifted in
          guard let shifted = shifted.baseAddress else { return }
          var maker = RowMaker(self, plane: plane, columns: columns, scratch: scratch)
          for row in rows {
            let values = maker.row(row) + columns.lowerBound
            let kernels = VectorKernels.best
            kernels.threshold(values, threshold, columns.count, bits + (row - rows.lowerBound) * words)
            kernels.threshold(values, threshold + offset, columns.count, shifted)
            for word in 0..<words { above += shifted[word].nonzeroBitCount }
            kernels.threshold(values, threshold - offset, columns.count, shifted)
            for word in 0..<words { below += shifted[word].nonzeroBitCount }
          }
        }
      }
      count = words * rows.count
    }
    result.areaAbove = above
    result.areaBelow = below
    return result
  }

  /// The rows and columns of low-resolution logits that hold any above a limit, or so little below it that rounding could lift
  /// what is interpolated from them above it.
  private func support(
    _ plane: UnsafePointer<Float>, above limit: Float
  ) -> (rows: Range<Int>, columns: Range<Int>) {
    let size = lowResolutionSize
    var largest: Float = 0
    for index in 0..<size * size { largest = Swift.max(largest, plane[index].magnitude) }
    let safe = limit - largest * 1e-6
    let words = (size + 63) / 64
    var (top, bottom) = (size, 0)
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * words) { bits in
      guard let line = bits.baseAddress else { return (0..<0, 0..<0) }
      let all = line + words
      all.initialize(repeating: 0, count: words)
      for row in 0..<size {
        VectorKernels.best.threshold(plane + row * size, safe, size, line)
        var any: UInt64 = 0
        for word in 0..<words {
          any |= line[word]
          all[word] |= line[word]
        }
        guard any != 0 else { continue }
        top = Swift.min(top, row)
        bottom = row + 1
      }
      guard top < bottom, let first = (0..<words).first(where: { all[$0] != 0 }),
        let last = (0..<words).last(where: { all[$0] != 0 })
      else { return (0..<0, 0..<0) }
      return (
        top..<bottom,
        first * 64 + all[first].trailingZeroBitCount..<(last + 1) * 64 - all[last].leadingZeroBitCount
      )
    }
  }
}
