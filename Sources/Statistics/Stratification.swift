/// Draws equally many members of every class of size, so that sets of different sizes can be compared.
public enum Stratification {
  /// Which bin a value falls into; the last bin holds its upper edge, too. Nil outside all of them.
  ///
  /// - Parameter edges: ascending; bin i is from edge i up to but not including edge i + 1.
  public static func bin(of value: Double, edges: [Double]) -> Int? {
    guard let first = edges.first, let last = edges.last, edges.count > 1, value >= first, value <= last
    else {
      return nil
    }
    return min((edges.lastIndex { $0 <= value } ?? 0), edges.count - 2)
  }

  /// The members of each bin, in order.
  public static func bins(_ values: [Double], edges: [Double]) -> [[Int]] {
    var bins = [[Int]](repeating: [], count: max(0, edges.count - 1))
    for (index, value) in values.enumerated() {
      if let bin = bin(of: value, edges: edges) { bins[bin].append(index) }
    }
    return bins
  }

  /// Members drawn from each bin, as many as the smallest bin has, all from the one stream of `seed`.
  public static func sample(_ values: [Double], edges: [Double], seed: UInt64) -> [[Int]] {
    let bins = bins(values, edges: edges)
    let count = bins.map(\.count).min() ?? 0
    var random = SplitMix64(seed: seed)
    return bins.map { members in random.sample(count, of: members.count).map { members[$0] } }
  }
}
