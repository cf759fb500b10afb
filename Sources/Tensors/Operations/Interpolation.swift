internal import Kernels

extension Tensor {
  /// Bilinear interpolation of channels-first planes (the innermost two dimensions are height and width), with
  /// corners not aligned and no antialiasing, as PyTorch's `interpolate(mode="bilinear", align_corners=False)`.
  ///
  /// - Parameters:
  ///   - height: of the result.
  ///   - width: of the result.
  ///   - sourceHeight: rows of the input that exist, where less than all: the rest is cut off first.
  ///   - sourceWidth: the same for columns.
  public func interpolatedPlanes(
    height: Int, width: Int, sourceHeight: Int? = nil, sourceWidth: Int? = nil
  ) -> Tensor {
    let rank = shape.count
    let (fullHeight, fullWidth) = (shape[rank - 2], shape[rank - 1])
    let rows = LinearSampling(from: sourceHeight ?? fullHeight, to: height)
    let columns = LinearSampling(from: sourceWidth ?? fullWidth, to: width)
    precondition(
      (sourceHeight ?? 0) <= fullHeight && (sourceWidth ?? 0) <= fullWidth, "the source has its pixels")
    var newShape = shape
    newShape[rank - 2] = height
    newShape[rank - 1] = width
    let result = Tensor(uninitialized: newShape, on: compute)
    let planes = fullHeight * fullWidth == 0 ? 0 : count / (fullHeight * fullWidth)
    let compute = compute
    withPointer { x in
      nonisolated(unsafe) let (x, y) = (x, result.start)
      compute.forEachRange(of: planes * height, atLeast: 16) { range in
        compute.withScratch(2 * width) { scratch in
          // The two source rows an output row lies between, widened; most output rows share theirs with the last.
          var held = (-1, -1)
          for line in range {
            let plane = x + line / height * fullHeight * fullWidth
            let row = line % height
            let wanted = (
              line / height * fullHeight + rows.low[row], line / height * fullHeight + rows.high[row]
            )
            if held.0 != wanted.0 {
              if held.1 == wanted.0 {
                scratch.update(from: scratch + width, count: width)
              } else {
                columns.sample(plane + rows.low[row] * fullWidth, into: scratch)
              }
              held = (wanted.0, -1)
            }
            if held.1 != wanted.1 {
              columns.sample(plane + rows.high[row] * fullWidth, into: scratch + width)
              held.1 = wanted.1
            }
            VectorKernels.best.interpolate_rows(
              scratch, scratch + width, rows.fraction[row], y + line * width, width)
          }
        }
      }
    }
    guard let tape = Tape.recording(self) else { return result }
    return tape.record(result) { [node, shape] gradient, tape in
      // Each output gives its four sources their shares.
      let dx = Tensor(repeating: 0, shape: shape, on: gradient.compute)
      gradient.withPointer { dy in
        nonisolated(unsafe) let (dx, dy) = (dx.start, dy)
        gradient.compute.forEach(planes) { plane in
          for row in 0..<height {
            let line = dy + (plane * height + row) * width
            for (source, share) in [
              (rows.low[row], 1 - rows.fraction[row]), (rows.high[row], rows.fraction[row]),
            ] {
              let out = dx + (plane * fullHeight + source) * fullWidth
              for column in 0..<width {
                let value = line[column] * share
                out[columns.low[column]] += value * (1 - columns.fraction[column])
                out[columns.high[column]] += value * columns.fraction[column]
              }
            }
          }
        }
      }
      tape.accumulate(dx, in: node)
    }
  }

  /// Each pixel of channels-last images repeated in a 2x2 block.
  public func doubledNearest() -> Tensor {
    let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    let result = Tensor(uninitialized: [batch, 2 * height, 2 * width, channels], on: compute)
    withPointer { x in
      for row in 0..<batch * 2 * height {
        let source = x + row / 2 * width * channels
        let out = result.start + row * 2 * width * channels
        for column in 0..<2 * width {
          (out + column * channels).update(from: source + column / 2 * channels, count: channels)
        }
      }
    }
    guard let tape = Tape.recording(self) else { return result }
    return tape.record(result) { [node, shape] gradient, tape in
      let dx = Tensor(repeating: 0, shape: shape, on: gradient.compute)
      gradient.withPointer { dy in
        for row in 0..<batch * 2 * height {
          for column in 0..<2 * width {
            let out = dx.start + (row / 2 * width + column / 2) * channels
            VectorKernels.best.add(out, dy + (row * 2 * width + column) * channels, out, channels)
          }
        }
      }
      tape.accumulate(dx, in: node)
    }
  }
}

/// Where each output sample of a linear interpolation lies between two input samples.
struct LinearSampling: Sendable {
  var low: [Int]
  var high: [Int]
  var fraction: [Float]

  /// Centres of `count` samples laid over `source` samples; positions before the first count as the first.
  init(from source: Int, to count: Int) {
    let scale = Float(source) / Float(count)
    low = []
    high = []
    fraction = []
    for index in 0..<count {
      let position = Swift.max(0, (Float(index) + 0.5) * scale - 0.5)
      let below = Swift.min(Int(position), source - 1)
      low.append(below)
      high.append(Swift.min(below + 1, source - 1))
      fraction.append(position - Float(below))
    }
  }

  private init(low: [Int], high: [Int], fraction: [Float]) {
    self.low = low
    self.high = high
    self.fraction = fraction
  }

  /// The input samples between which a range of output samples lies.
  func sources(of range: Range<Int>) -> Range<Int> {
    range.isEmpty ? 0..<0 : low[range.lowerBound]..<high[range.upperBound - 1] + 1
  }

  /// The output samples that any of a range of input samples has a part in.
  func samples(from range: Range<Int>) -> Range<Int> {
    let first = Self.firstIndex(high) { $0 >= range.lowerBound }
    return first..<Swift.max(first, Self.firstIndex(low) { $0 >= range.upperBound })
  }

  /// The first index from which on a condition holds, which once it holds goes on holding.
  private static func firstIndex(_ values: [Int], _ condition: (Int) -> Bool) -> Int {
    var (below, above) = (0, values.count)
    while below < above {
      let middle = (below + above) / 2
      if condition(values[middle]) { above = middle } else { below = middle + 1 }
    }
    return below
  }

  /// The first samples only.
  func prefix(_ count: Int) -> LinearSampling {
    LinearSampling(
      low: Array(low.prefix(count)), high: Array(high.prefix(count)), fraction: Array(fraction.prefix(count)))
  }

  /// All samples, or a range of them.
  func sample(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ range: Range<Int>? = nil
  ) {
    low.withUnsafeBufferPointer { low in
      high.withUnsafeBufferPointer { high in
        fraction.withUnsafeBufferPointer { fraction in
          for index in range ?? low.indices {
            let a = x[low[index]]
            y[index] = a + (x[high[index]] - a) * fraction[index]
          }
        }
      }
    }
  }
}
