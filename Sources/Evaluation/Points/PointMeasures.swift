internal import Statistics

/// What is measured with points besides ``PointSummary``: the paper's mean over masks, boundaries, clicks.
///
/// ``PointSummary`` gives every image the same weight. The paper gives it to every mask of a dataset; both are told, since
/// they differ where some images have many small masks.
public struct PointMeasures: Sendable, Equatable {
  /// How many clicks it takes, as RITM's evaluation counts (NoC).
  public struct Clicks: Sendable, Equatable {
    /// The IoU that is to be reached.
    public let threshold: Double
    /// The mean number of clicks; a mask that never gets there counts with the most that were made.
    public let mean: Double
    /// Masks that never get there.
    public let failures: Int
  }

  /// The IoUs that clicks are counted to.
  public static let thresholds = [0.85, 0.9]

  /// How many masks.
  public let masks: Int
  /// Mean IoU over all masks, with 1, 2, … points.
  public let points: [Double]
  /// Mean IoU over all masks with one point, the best of the candidates.
  public let oracle: Double
  /// Mean IoU over all masks with the box alone.
  public let box: Double
  /// The same with the box and 1, 2, … points; empty where that was not measured.
  public let boxPoints: [Double]
  /// Mean boundary IoU over all masks with 1, 2, … points; empty where that was not measured.
  public let boundaries: [Double]
  /// Mean boundary IoU over all masks with the box alone.
  public let boxBoundary: Double?
  /// Clicks needed, for each of ``thresholds``.
  public let clicks: [Clicks]
  /// The most clicks that were made.
  public let clickLimit: Int

  /// Of the masks of a dataset.
  public init(_ images: [ImagePointResults]) {
    let results = images.flatMap { $0.masks.map(\.result) }
    func means(_ values: (PointResult) -> [Double]) -> [Double] {
      let count = results.map { values($0).count }.min() ?? 0
      return (0..<count).map { number in results.map { values($0)[number] }.mean }
    }
    masks = results.count
    points = means(\.points)
    oracle = results.map(\.oracle).mean
    box = results.map(\.box).mean
    boxPoints = means(\.boxPoints)
    boundaries = means(\.boundaries)
    let edges = results.compactMap(\.boxBoundary)
    boxBoundary = edges.isEmpty ? nil : edges.mean
    let limit = results.map(\.points.count).min() ?? 0
    clickLimit = limit
    clicks = Self.thresholds.map { threshold in
      let needed = results.map { $0.clicksNeeded(for: threshold) }
      return Clicks(
        threshold: threshold, mean: needed.map { Double($0 ?? limit) }.mean,
        failures: needed.count { $0 == nil }
      )
    }
  }

  /// The mean of datasets, each counting once whatever its size; failures are summed.
  public init(meanOf datasets: [PointMeasures]) {
    let measured = datasets.filter { $0.masks > 0 }
    func means(_ values: (PointMeasures) -> [Double]) -> [Double] {
      let count = measured.map { values($0).count }.min() ?? 0
      return (0..<count).map { number in measured.map { values($0)[number] }.mean }
    }
    masks = measured.reduce(0) { $0 + $1.masks }
    points = means(\.points)
    oracle = measured.map(\.oracle).mean
    box = measured.map(\.box).mean
    boxPoints = means(\.boxPoints)
    boundaries = means(\.boundaries)
    let edges = measured.compactMap(\.boxBoundary)
    boxBoundary = edges.isEmpty ? nil : edges.mean
    clickLimit = measured.map(\.clickLimit).min() ?? 0
    clicks = Self.thresholds.indices.map { place in
      Clicks(
        threshold: Self.thresholds[place], mean: measured.map { $0.clicks[place].mean }.mean,
        failures: measured.reduce(0) { $0 + $1.clicks[place].failures })
    }
  }
}
