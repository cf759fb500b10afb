internal import Statistics

/// The paper's numbers for one dataset, or their mean over several.
public struct PointSummary: Sendable, Equatable {
  /// How many images and masks were measured.
  public var images: Int, masks: Int
  /// Mean IoU with 1, 2, … points.
  public var points: [Double]
  /// Mean IoU with one point, the best of the candidates.
  public var oracle: Double
  /// Mean IoU with the box alone.
  public var box: Double
  /// How predicted and true IoU of one point's candidates correlate (Pearson's r); over several datasets, of all candidates together.
  public var iouCorrelation: Double { candidates.correlation }
  /// Predicted and true IoU of one point's candidates.
  private var candidates: JointMoments

  /// The means over each image's masks, then over the images.
  public init(_ images: [ImagePointResults]) {
    let images = images.filter { !$0.masks.isEmpty }
    func mean(_ value: (PointResult) -> Double) -> Double {
      images.map { image in image.masks.map { value($0.result) }.mean }.mean
    }
    let results = images.flatMap { $0.masks.map(\.result) }
    self.images = images.count
    masks = results.count
    let count = results.map(\.points.count).min() ?? 0
    points = (0..<count).map { number in mean { $0.points[number] } }
    oracle = mean(\.oracle)
    box = mean(\.box)
    candidates = JointMoments(results.flatMap { $0.candidates.map { ($0.predictedIoU, $0.iou) } })
  }

  /// The mean of datasets, each counting once whatever its size. Counts are sums, and correlations those of all masks together.
  public init(meanOf datasets: [PointSummary]) {
    images = datasets.reduce(0) { $0 + $1.images }
    masks = datasets.reduce(0) { $0 + $1.masks }
    let measured = datasets.filter { $0.masks > 0 }
    let count = measured.map(\.points.count).min() ?? 0
    points = (0..<count).map { number in measured.map { $0.points[number] }.mean }
    oracle = measured.map(\.oracle).mean
    box = measured.map(\.box).mean
    candidates = measured.reduce(into: JointMoments()) { $0.add($1.candidates) }
  }

  /// Mean IoU with so many points; nil where not so many were given.
  public func points(_ count: Int) -> Double? {
    points.indices.contains(count - 1) ? points[count - 1] : nil
  }
}
