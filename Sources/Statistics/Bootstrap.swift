/// The means of resampled values: how far a mean may be off (percentile bootstrap).
///
/// For paired samples, resample their differences: a and b resampled apart are another, wider test.
public struct Bootstrap: Sendable, Equatable {
  /// The means in the order they were drawn.
  public let means: [Double]
  private let sorted: [Double]

  /// Draws as many values as there are, with repetition, `samples` times, all from the one stream of `seed`.
  ///
  /// Takes at least one value.
  public init(_ values: [Double], samples: Int = 10_000, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let count = values.count
    var means: [Double] = []
    means.reserveCapacity(samples)
    values.withUnsafeBufferPointer { values in
      for _ in 0..<samples {
        var sum = 0.0
        for _ in 0..<count { sum += values[random.index(below: count)] }
        means.append(sum / Double(count))
      }
    }
    self.means = means
    sorted = means.sorted()
  }

  /// The value below which a share of `probability` of the means lies, linear between neighbours.
  public func quantile(_ probability: Double) -> Double {
    guard let last = sorted.indices.last else { return .nan }
    let position = Double(last) * probability
    let lower = min(max(0, Int(position)), last)
    let fraction = position - Double(lower)
    return lower < last ? sorted[lower] + (sorted[lower + 1] - sorted[lower]) * fraction : sorted[lower]
  }

  /// Where the share of `level` in the middle of the means lies.
  public func interval(level: Double = 0.95) -> ClosedRange<Double> {
    let low = quantile((1 - level) / 2)
    return low...max(low, quantile(1 - (1 - level) / 2))
  }
}
