/// Sums are taken in order, so that a result is the same on every machine.
extension Collection where Element == Double {
  /// The arithmetic mean; not a number where there is nothing.
  public var mean: Double {
    reduce(0, +) / Double(count)
  }

  /// The standard deviation of the sample, with n - 1; not a number for fewer than two values.
  public var standardDeviation: Double {
    guard count > 1 else { return .nan }
    let mean = mean
    let squares = reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(count - 1)).squareRoot()
  }
}

/// The correlation of pairs (Pearson's r); not a number where either side has no spread or there are fewer than two.
public func pearsonCorrelation(_ pairs: some Collection<(Double, Double)>) -> Double {
  JointMoments(pairs).correlation
}

/// What the correlation of pairs follows from, and what two sets of pairs have together.
public struct JointMoments: Sendable, Equatable {
  private var count: Double
  private var meanX = 0.0, meanY = 0.0
  /// Sums of the products of deviations from the means.
  private var xx = 0.0, yy = 0.0, xy = 0.0

  /// Those of some pairs.
  public init(_ pairs: some Collection<(Double, Double)> = []) {
    count = Double(pairs.count)
    guard count > 0 else { return }
    meanX = pairs.reduce(0) { $0 + $1.0 } / count
    meanY = pairs.reduce(0) { $0 + $1.1 } / count
    for (x, y) in pairs {
      xx += (x - meanX) * (x - meanX)
      yy += (y - meanY) * (y - meanY)
      xy += (x - meanX) * (y - meanY)
    }
  }

  /// Adds other pairs.
  public mutating func add(_ other: JointMoments) {
    guard other.count > 0 else { return }
    let total = count + other.count
    let (dx, dy) = (other.meanX - meanX, other.meanY - meanY)
    let weight = count * other.count / total
    xx += other.xx + dx * dx * weight
    yy += other.yy + dy * dy * weight
    xy += other.xy + dx * dy * weight
    meanX += dx * other.count / total
    meanY += dy * other.count / total
    count = total
  }

  /// Pearson's r; not a number where either side has no spread or there are fewer than two pairs.
  public var correlation: Double {
    guard xx > 0, yy > 0 else { return .nan }
    return xy / (xx * yy).squareRoot()
  }
}
