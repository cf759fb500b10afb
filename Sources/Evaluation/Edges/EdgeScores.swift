/// The Berkeley benchmark's numbers of a set of images: counts are summed over images first, ratios are taken then.
///
/// The rules are those of `edgesEvalDir` (Dollár and Zitnick's toolbox), which most published numbers come from.
public struct EdgeScores: Sendable, Equatable {
  /// A point of a curve.
  public struct Best: Sendable, Equatable {
    /// Where it is: 0…1, between thresholds where the point lies between them.
    public var threshold: Double
    /// Shares at that point.
    public var recall: Double, precision: Double
    /// Their harmonic mean.
    public var f: Double
  }

  /// The thresholds, ascending.
  public let thresholds: [Double]
  /// The sums over all images at each threshold.
  public let counts: [EdgeCounts]
  /// The best F of one threshold for all images (ODS), between neighbouring thresholds interpolated in a hundred steps.
  public let best: Best
  /// ``best`` at a threshold itself, without interpolation.
  public let bestOnGrid: Best
  /// The best F with a threshold for each image (OIS): the sums of each image's counts where its own F is largest.
  public let bestPerImage: EdgeCounts
  /// Average precision: the precision at recalls 0, .01, … 1, 0 outside the curve, divided by 100 though there are 101.
  public let averagePrecision: Double
  /// The recall at a precision of one half; nil where precision does not come so far.
  public let recallAtHalf: Double?
  /// ``recallAtHalf`` of the points of at least .001 recall, as the toolbox's plots have it.
  public let recallAtHalfAsPlotted: Double?
  /// Each image by itself.
  public let images: [Image]

  /// One image's best point.
  public struct Image: Sendable, Equatable {
    /// The place among the thresholds where F is largest, the first of several.
    public var bestIndex: Int
    /// The best F, interpolated as ``EdgeScores/best``.
    public var best: Best
  }

  /// Which of several points of the same recall, or of the same precision, counts.
  public enum Repeated: Sendable {
    /// That of the lowest threshold, or of the highest recall.
    case first
    /// That of the highest threshold, or of the lowest recall, as MATLAB did up to R2012b.
    case last
  }

  /// Scores from counts.
  ///
  /// - Parameters:
  ///   - images: for each image, its counts at each threshold; what is more than there are thresholds is passed over.
  ///   - thresholds: ascending; by default the benchmark's 99.
  ///   - repeated: which of several points of the same recall counts.
  public init(
    images: [[EdgeCounts]], thresholds: [Double] = EdgeMatcher.percents.map { Double($0) / 100 },
    repeated: Repeated = .first
  ) {
    self.thresholds = thresholds
    var sums = [EdgeCounts](repeating: EdgeCounts(), count: thresholds.count)
    var perImage = EdgeCounts()
    var bests: [Image] = []
    for image in images {
      for (index, counts) in image.enumerated() where index < sums.count { sums[index] += counts }
      var place = 0
      for index in image.indices.prefix(thresholds.count) where image[index].f > image[place].f {
        place = index
      }
      if image.indices.contains(place) { perImage += image[place] }
      bests.append(Image(bestIndex: place, best: Self.best(image, thresholds, steps: 100)))
    }
    self.images = bests
    counts = sums
    bestPerImage = perImage
    best = Self.best(sums, thresholds, steps: 100)
    bestOnGrid = Self.best(sums, thresholds, steps: 1)
    let points = Self.distinctRecalls(sums, repeated)
    averagePrecision = Self.averagePrecision(points)
    recallAtHalf = Self.recallAtHalf(points, repeated)
    recallAtHalfAsPlotted = Self.recallAtHalf(points.filter { $0.recall >= 0.001 }, repeated)
  }

  /// The point of the largest F, the first of several.
  private static func best(_ counts: [EdgeCounts], _ thresholds: [Double], steps: Int) -> Best {
    var best = Best(threshold: thresholds.first ?? 0, recall: 0, precision: 0, f: 0)
    func offer(_ index: Int, _ share: Double) {
      func between(_ value: (Int) -> Double) -> Double {
        share == 1 ? value(index) : value(index) * share + value(index - 1) * (1 - share)
      }
      let recall = between { counts[$0].recall }
      let precision = between { counts[$0].precision }
      let f = EdgeCounts.f(precision: precision, recall: recall)
      if f > best.f {
        best = Best(threshold: between { thresholds[$0] }, recall: recall, precision: precision, f: f)
      }
    }
    for index in counts.indices.prefix(thresholds.count) {
      if index > 0, steps > 1 {
        for step in 0..<steps - 1 { offer(index, Double(step) / Double(steps - 1)) }
      }
      offer(index, 1)
    }
    return best
  }

  /// Points of different recall, lowest first.
  private static func distinctRecalls(
    _ counts: [EdgeCounts], _ repeated: Repeated
  ) -> [(recall: Double, precision: Double)] {
    let points = counts.map { (recall: $0.recall, precision: $0.precision) }
    let order = points.indices.sorted {
      if points[$0].recall != points[$1].recall { return points[$0].recall < points[$1].recall }
      return repeated == .first ? $0 < $1 : $0 > $1
    }
    var kept: [(recall: Double, precision: Double)] = []
    for index in order where kept.last?.recall != points[index].recall { kept.append(points[index]) }
    return kept
  }

  private static func averagePrecision(_ points: [(recall: Double, precision: Double)]) -> Double {
    guard points.count > 1 else { return 0 }
    var sum = 0.0
    for step in 0...100 {
      // MATLAB's 0:.01:1, whose last places decide whether a recall of .7 is still on the curve.
      sum += interpolated(points.map { ($0.recall, $0.precision) }, at: Double(step) * 0.01) ?? 0
    }
    return sum / 100
  }

  private static func recallAtHalf(
    _ points: [(recall: Double, precision: Double)], _ repeated: Repeated
  ) -> Double? {
    // Recalls descend: of equal precisions, the first has the highest.
    let byPrecision = points.sorted {
      if $0.precision != $1.precision { return $0.precision < $1.precision }
      return repeated == .first ? $0.recall > $1.recall : $0.recall < $1.recall
    }
    var kept: [(Double, Double)] = []
    for point in byPrecision where kept.last?.0 != point.precision {
      kept.append((point.precision, point.recall))
    }
    guard let least = kept.first?.0 else { return nil }
    return interpolated(kept, at: max(0.5, least))
  }

  /// A value between points in ascending order of x; nil outside of them.
  private static func interpolated(_ points: [(x: Double, y: Double)], at x: Double) -> Double? {
    guard let next = points.firstIndex(where: { $0.x >= x }) else { return nil }
    if points[next].x == x { return points[next].y }
    guard next > 0 else { return nil }
    let (low, high) = (points[next - 1], points[next])
    return low.y + (high.y - low.y) * (x - low.x) / (high.x - low.x)
  }
}
