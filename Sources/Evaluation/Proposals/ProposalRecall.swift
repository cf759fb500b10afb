public import Datasets
internal import Tensors

/// Average recall of proposals without categories: how much of the truth is among the best proposals of each image
/// (paper, section 7.3 and appendix D.3).
///
/// All categories of the truth are one. Recall is the share of all objects of the set that a proposal covers, at IoU .5,
/// .55, … .95, averaged over the ten; false alarms cost nothing.
public struct ProposalRecall: Sendable {
  /// How proposals and objects are paired.
  public enum Matching: String, Sendable, CaseIterable {
    /// COCO's: proposals by score, each takes its best free object. The paper does not say which it used; this is reported.
    case scoreOrder = "score-order"
    /// Detectron2's: the largest IoU that is left, again and again; objects of other sizes are left out altogether.
    case bestIoU = "best-iou"
  }

  /// Recall of objects of one range of sizes.
  public struct Recall: Sendable, Equatable {
    /// How many objects there are.
    public let objects: Int
    /// The share found at each of ``COCOEvaluation/thresholds``; nil where there is none.
    public let recalls: [Double]?

    /// The mean over the thresholds; nil where there is no object.
    public var average: Double? { recalls.map { $0.reduce(0, +) / Double($0.count) } }
  }

  /// How proposals and objects are paired.
  public let matching: Matching
  /// How many of an image's proposals count.
  public let limit: Int
  /// For each of ``COCOEvaluation/areas``: all, small, medium, large.
  public let bySize: [Recall]

  /// Compares proposals with the truth.
  ///
  /// - Parameters:
  ///   - truth: with masks where masks are compared; images without objects and proposals of other images do not matter.
  ///   - proposals: with scores; their categories do not matter. Of equal scores, the one given first counts first.
  ///   - kind: what IoU is taken of.
  ///   - limit: how many of an image's proposals count.
  ///   - matching: how proposals and objects are paired.
  ///   - frequency: only objects of categories of this frequency are to be found; nil for all.
  ///   - threads: threads to use at most; nil for all processors.
  public init(
    truth: COCOInstances, proposals: [COCOInstance], kind: COCOEvaluation.Kind = .masks, limit: Int,
    matching: Matching = .scoreOrder, frequency: COCOInstances.Frequency? = nil, threads: Int? = nil
  ) {
    self.init(
      images: ProposalImage.all(
        truth: truth, proposals: proposals, kind: kind, limit: limit, threads: threads),
      limit: limit, matching: matching, categories: frequency.map { truth.categories(of: $0) })
  }

  /// From overlaps that have been worked out.
  ///
  /// - Parameter categories: whose objects are to be found; nil for all.
  init(images: [ProposalImage], limit: Int, matching: Matching, categories: Set<Int>?) {
    let limit = max(0, limit)
    (self.limit, self.matching) = (limit, matching)
    bySize = COCOEvaluation.areas.map { area in
      var objects = 0
      var found = [Int](repeating: 0, count: COCOEvaluation.thresholds.count)
      for image in images {
        let counts = image.found(area.range, limit: limit, matching: matching, categories: categories)
        objects += counts.objects
        for (index, count) in counts.found.enumerated() { found[index] += count }
      }
      return Recall(
        objects: objects, recalls: objects > 0 ? found.map { Double($0) / Double(objects) } : nil)
    }
  }

  /// All combinations of limits, matchings and, where the truth has them, frequencies; overlaps are worked out once.
  public static func table(
    truth: COCOInstances, proposals: [COCOInstance], kind: COCOEvaluation.Kind = .masks,
    limits: [Int] = [10, 100, 1000], threads: Int? = nil
  ) -> [Entry] {
    let images = ProposalImage.all(
      truth: truth, proposals: proposals, kind: kind, limit: limits.max() ?? 0, threads: threads)
    let hasFrequencies = truth.categories.contains { $0.frequency != nil }
    let frequencies: [COCOInstances.Frequency?] =
      [nil] + (hasFrequencies ? [.frequent, .common, .rare] : [])
    return Matching.allCases.flatMap { matching in
      frequencies.flatMap { frequency in
        limits.map { limit in
          Entry(
            frequency: frequency,
            recall: ProposalRecall(
              images: images, limit: limit, matching: matching,
              categories: frequency.map { truth.categories(of: $0) }))
        }
      }
    }
  }

  /// A line of ``table(truth:proposals:kind:limits:threads:)``.
  public struct Entry: Sendable {
    /// Whose objects were to be found; nil for all.
    public let frequency: COCOInstances.Frequency?
    /// The recalls.
    public let recall: ProposalRecall
  }
}

extension COCOInstances {
  /// The numbers of the categories of a frequency.
  fileprivate func categories(of frequency: Frequency) -> Set<Int> {
    Set(categories.filter { $0.frequency == frequency }.map(\.id))
  }
}
