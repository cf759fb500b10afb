public import Datasets
internal import Imaging
internal import Tensors

/// Scores detections as COCO's benchmark does (Lin et al. 2014; the rules of pycocotools): average precision and recall by
/// IoU thresholds, sizes and numbers of detections.
///
/// ```swift
/// let truth = try COCOInstances(annotations: "instances.json", masks: true)
/// let found = try truth.results(contentsOfFile: "results.json", masks: true)
/// let scores = COCOEvaluation(truth: truth, results: found, kind: .masks).scores
/// scores.summary[0].value  // AP
/// ```
public struct COCOEvaluation: Sendable {
  /// What IoU is taken of.
  public enum Kind: String, Sendable, CaseIterable {
    /// Masks, in runs.
    case masks
    /// Boxes.
    case boxes
  }

  /// IoU thresholds: .5, .55, … .95, as NumPy's `linspace` rounds them.
  public static let thresholds: [Double] = {
    let step = (0.95 - 0.5) / 9
    return (0..<9).map { Double($0) * step + 0.5 } + [0.95]
  }()
  /// Recalls at which precision is taken: 0, .01, … 1.
  public static let recalls: [Double] = (0...100).map { Double($0) * 0.01 }
  /// Detections of an image and category that count at most.
  public static let maximumDetections = [1, 10, 100]

  /// A range of areas in pixels; both ends belong to it.
  public struct AreaRange: Sendable, Equatable {
    /// What the summary calls it.
    public let name: String
    let range: ClosedRange<Double>
  }

  /// All, small (up to 32²), medium (up to 96²) and large.
  public static let areas = [
    AreaRange(name: "all", range: 0...1e10), AreaRange(name: "small", range: 0...1024),
    AreaRange(name: "medium", range: 1024...9216), AreaRange(name: "large", range: 9216...1e10),
  ]

  /// What came of it.
  public let scores: COCOScores

  /// Compares results with the truth.
  ///
  /// - Parameters:
  ///   - truth: with masks where masks are compared.
  ///   - results: of images of the truth. Those of categories that the truth does not list do not count; their number is
  ///     part of the scores.
  ///   - kind: what IoU is taken of.
  ///   - byCategory: whether a result must have its object's category; else all categories are one, listed or not.
  ///   - threads: threads to use at most; nil for all processors.
  public init(
    truth: COCOInstances, results: [COCOInstance], kind: Kind, byCategory: Bool = true, threads: Int? = nil
  ) {
    let compute = threads.map { Compute(threads: $0) } ?? .shared
    let table = COCOTable(truth: truth, results: results, byCategory: byCategory)
    let curves = table.curves(detections: COCOEvaluation.maximumDetections, on: compute) { cell in
      COCOMatches(
        truth: cell.truth.map { truth.instances[$0] }, results: cell.results.map { results[$0] }, kind: kind,
        most: COCOEvaluation.maximumDetections.last ?? 0)
    }
    scores = COCOScores(
      categories: byCategory ? truth.categories : [], curves: curves,
      ignoredTruth: table.ignoredTruth, ignoredResults: table.ignoredResults)
  }
}
