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
  let count = Double(pairs.count)
  let meanX = pairs.reduce(0) { $0 + $1.0 } / count
  let meanY = pairs.reduce(0) { $0 + $1.1 } / count
  var (xx, yy, xy) = (0.0, 0.0, 0.0)
  for (x, y) in pairs {
    xx += (x - meanX) * (x - meanX)
    yy += (y - meanY) * (y - meanY)
    xy += (x - meanX) * (y - meanY)
  }
  guard xx > 0, yy > 0 else { return .nan }
  return xy / (xx * yy).squareRoot()
}
