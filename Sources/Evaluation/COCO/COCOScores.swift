public import Datasets
internal import Statistics

/// Average precision and recall, of everything and by category.
public struct COCOScores: Sendable, Equatable {
  /// The categories; empty where they did not matter.
  public let categories: [COCOInstances.Category]
  /// Objects of the truth, and results, that did not count because the truth does not list their category.
  public let ignoredTruth: Int, ignoredResults: Int
  let curves: [COCOCurves]

  init(
    categories: [COCOInstances.Category], curves: [COCOCurves], ignoredTruth: Int, ignoredResults: Int
  ) {
    (self.categories, self.curves) = (categories, curves)
    (self.ignoredTruth, self.ignoredResults) = (ignoredTruth, ignoredResults)
  }

  /// The names of the twelve numbers.
  public static let names = [
    "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl",
  ]

  /// The twelve numbers, as COCO prints them; -1 where nothing of the kind was to be found.
  public var summary: [(name: String, value: Double)] {
    let all = curves.indices
    let values =
      [
        averagePrecision(all), averagePrecision(all, threshold: 0), averagePrecision(all, threshold: 5),
        averagePrecision(all, area: 1), averagePrecision(all, area: 2), averagePrecision(all, area: 3),
      ] + (0..<3).map { averageRecall(all, detections: $0) } + (1...3).map { averageRecall(all, area: $0) }
    return zip(COCOScores.names, values).map { ($0, $1) }
  }

  /// AP, AP50 and AR100 of one category, by its place in ``categories``; -1 where nothing of it was to be found.
  public func summary(ofCategory place: Int) -> (ap: Double, ap50: Double, ar100: Double) {
    let one = place..<place + 1
    return (averagePrecision(one), averagePrecision(one, threshold: 0), averageRecall(one))
  }

  /// Precision at each of ``COCOEvaluation/recalls``, of all areas and up to 100 results an image.
  ///
  /// - Parameters:
  ///   - place: of the category in ``categories``; 0 where categories did not matter.
  ///   - threshold: of the IoU, as a place in ``COCOEvaluation/thresholds``.
  /// - Returns: nil where nothing of the category was to be found.
  public func precisions(ofCategory place: Int, threshold: Int) -> [Double]? {
    let count = COCOEvaluation.recalls.count
    guard curves.indices.contains(place), COCOEvaluation.thresholds.indices.contains(threshold),
      let all = curves[place].precisions.first, !all.isEmpty
    else { return nil }
    return Array(all[threshold * count..<(threshold + 1) * count])
  }

  /// Averaged over categories of which there was anything to be found; -1 where there is none.
  func averagePrecision(
    _ categories: some Sequence<Int>, area: Int = 0, threshold: Int? = nil
  ) -> Double {
    let count = COCOEvaluation.recalls.count
    let values = categories.flatMap { category -> ArraySlice<Double> in
      let all = curves[category].precisions[area]
      guard let threshold, !all.isEmpty else { return all[...] }
      return all[threshold * count..<(threshold + 1) * count]
    }
    return values.isEmpty ? -1 : values.mean
  }

  /// Averaged over categories of which there was anything to be found; -1 where there is none.
  ///
  /// - Parameter detections: a place among the numbers of results of which recalls were wanted.
  func averageRecall(_ categories: some Sequence<Int>, area: Int = 0, detections: Int = 2) -> Double {
    let values = categories.flatMap { curves[$0].recalls[area][detections] }
    return values.isEmpty ? -1 : values.mean
  }
}
