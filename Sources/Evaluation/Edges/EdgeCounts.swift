/// What the benchmark counts in one image at one threshold, or sums over images.
public struct EdgeCounts: Sendable, Equatable {
  /// Truth pixels of all annotators that have a partner.
  public var matchedTruth = 0
  /// Truth pixels of all annotators.
  public var truth = 0
  /// Pixels of the thinned map that have a partner in at least one annotator's truth.
  public var matchedMap = 0
  /// Pixels of the thinned map.
  public var map = 0

  /// Nothing counted.
  public init() {}

  /// Given numbers.
  public init(matchedTruth: Int, truth: Int, matchedMap: Int, map: Int) {
    (self.matchedTruth, self.truth, self.matchedMap, self.map) = (matchedTruth, truth, matchedMap, map)
  }

  /// Adds what was counted elsewhere.
  public static func += (sum: inout EdgeCounts, counts: EdgeCounts) {
    sum.matchedTruth += counts.matchedTruth
    sum.truth += counts.truth
    sum.matchedMap += counts.matchedMap
    sum.map += counts.map
  }

  /// The share of the truth that was found; 0 of nothing.
  public var recall: Double { truth > 0 ? Double(matchedTruth) / Double(truth) : 0 }

  /// The share of the map that is right; 0 of nothing.
  public var precision: Double { map > 0 ? Double(matchedMap) / Double(map) : 0 }

  /// The harmonic mean of ``precision`` and ``recall``.
  public var f: Double { EdgeCounts.f(precision: precision, recall: recall) }

  static func f(precision: Double, recall: Double) -> Double {
    precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
  }
}
