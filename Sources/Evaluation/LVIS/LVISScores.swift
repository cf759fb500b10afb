public import Datasets

/// Average precision and recall by LVIS's rules: of everything, by size, by frequency, and by category.
public struct LVISScores: Sendable, Equatable {
  private let scores: COCOScores
  /// Which results counted.
  public let limit: LVISEvaluation.Limit
  /// Results beyond ``limit``.
  public let overLimit: Int
  /// Results of categories that their image has not been searched for.
  public let unjudged: Int

  init(_ scores: COCOScores, limit: LVISEvaluation.Limit, overLimit: Int, unjudged: Int) {
    (self.scores, self.limit, self.overLimit, self.unjudged) = (scores, limit, overLimit, unjudged)
  }

  /// The categories of the truth.
  public var categories: [COCOInstances.Category] { scores.categories }
  /// Objects of the truth, and results, whose category the truth does not list.
  public var ignoredTruth: Int { scores.ignoredTruth }
  /// See ``ignoredTruth``.
  public var ignoredResults: Int { scores.ignoredResults }

  /// The names of the numbers.
  public static let names = [
    "AP", "AP50", "AP75", "APs", "APm", "APl", "APr", "APc", "APf", "AR", "ARs", "ARm", "ARl", "ARr", "ARc",
    "ARf",
  ]

  /// The numbers; nil where nothing of the kind was to be found. Categories count alike, whatever their number of objects.
  public var summary: [(name: String, value: Double?)] {
    let all = Array(scores.categories.indices)
    let byFrequency = COCOInstances.Frequency.allCases.map { frequency in
      all.filter { scores.categories[$0].frequency == frequency }
    }
    let precisions =
      [
        scores.averagePrecision(all), scores.averagePrecision(all, threshold: 0),
        scores.averagePrecision(all, threshold: 5),
      ] + (1...3).map { scores.averagePrecision(all, area: $0) }
      + byFrequency.map { scores.averagePrecision($0) }
    let recalls =
      (0...3).map { scores.averageRecall(all, area: $0, detections: 0) }
      + byFrequency.map { scores.averageRecall($0, detections: 0) }
    return zip(LVISScores.names, precisions + recalls).map { ($0, $1 < 0 ? nil : $1) }
  }

  /// The numbers of one category, by its place in ``categories``; nil where nothing of it was to be found.
  public func summary(ofCategory place: Int) -> Category? {
    guard scores.categories.indices.contains(place), !scores.curves[place].recalls[0][0].isEmpty else {
      return nil
    }
    let one = [place]
    func value(_ number: Double) -> Double? { number < 0 ? nil : number }
    return Category(
      ap: scores.averagePrecision(one), ap50: scores.averagePrecision(one, threshold: 0),
      ap75: scores.averagePrecision(one, threshold: 5),
      apBySize: (1...3).map { value(scores.averagePrecision(one, area: $0)) },
      recalls: scores.curves[place].recalls[0][0])
  }

  /// The numbers of one category.
  public struct Category: Sendable, Equatable {
    /// Average precision at all IoU thresholds, at .5 and at .75.
    public let ap: Double, ap50: Double, ap75: Double
    /// Of small, medium and large objects; nil where there is none.
    public let apBySize: [Double?]
    /// Recall at each of ``COCOEvaluation/thresholds``.
    public let recalls: [Double]
  }
}
