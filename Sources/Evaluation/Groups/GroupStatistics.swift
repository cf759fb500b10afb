public import Statistics

/// A group's mean with its 95 % intervals.
public struct GroupStatistics: Sendable, Equatable {
  /// The group, such as `older`.
  public let name: String
  /// Mean, and the intervals by the normal and by Student's distribution; nil for fewer than two values.
  public let interval: MeanInterval?
  /// How many values.
  public let count: Int
  /// Their mean; not a number where there are none.
  public let mean: Double
  /// The 95 % interval by resampling (percentile bootstrap); nil for fewer than two values.
  public let bootstrap: ClosedRange<Double>?

  /// How often values are resampled.
  public static let samples = 10_000

  /// The statistics of a group's values.
  ///
  /// - Parameter seed: of the bootstrap.
  public init(_ name: String, _ values: [Double], seed: UInt64) {
    self.name = name
    count = values.count
    mean = values.mean
    interval = values.count > 1 ? MeanInterval(values) : nil
    bootstrap =
      values.count > 1 ? Bootstrap(values, samples: Self.samples, seed: seed).interval(level: 0.95) : nil
  }

  /// The interval by the normal distribution, which the paper's tables seem to print.
  public var normal: ClosedRange<Double>? {
    interval.map { mean - $0.normalHalfWidth...mean + $0.normalHalfWidth }
  }
}

/// Groups by one attribute, by one measure.
public struct GroupComparison: Sendable, Equatable {
  /// What divides the groups, such as `age`.
  public let attribute: String
  /// The groups, in the order of the table.
  public let groups: [GroupStatistics]

  /// Compares groups.
  ///
  /// - Parameters:
  ///   - groups: values by group, in the order of the table.
  ///   - seed: the first group's bootstrap has this one, the next the next.
  public init(_ attribute: String, _ groups: [(name: String, values: [Double])], seed: UInt64) {
    self.attribute = attribute
    self.groups = groups.enumerated().map {
      GroupStatistics($1.name, $1.values, seed: seed &+ UInt64($0))
    }
  }

  /// Pairs of groups whose normal intervals have nothing in common, the lower mean first.
  public var disjoint: [(lower: String, higher: String)] { disjoint(\.normal) }

  /// Pairs of groups whose bootstrap intervals have nothing in common, the lower mean first.
  public var disjointByBootstrap: [(lower: String, higher: String)] { disjoint(\.bootstrap) }

  private func disjoint(_ interval: (GroupStatistics) -> ClosedRange<Double>?) -> [(
    lower: String, higher: String
  )] {
    var pairs: [(lower: String, higher: String)] = []
    for (index, one) in groups.enumerated() {
      for other in groups[(index + 1)...] {
        guard let a = interval(one), let b = interval(other), !a.overlaps(b) else { continue }
        pairs.append(one.mean < other.mean ? (one.name, other.name) : (other.name, one.name))
      }
    }
    return pairs
  }
}
