public import Datasets
package import Files
internal import Imaging
public import SegmentAnything

/// The proposals of one image: masks without categories, best first.
public struct ImageProposals: Sendable {
  /// One of them.
  public struct Proposal: Sendable, Equatable {
    /// Its pixels as COCO's compressed run lengths.
    public var counts: String
    /// How sure the model is of the mask.
    public var predictedIoU: Double
    /// How little the mask changes with the threshold.
    public var stability: Double

    /// By which proposals are ranked: the mean of both (paper, appendix D.3).
    public var score: Double { (predictedIoU + stability) / 2 }
  }

  /// Which image of its dataset it is.
  public let index: Int
  /// The image's size in pixels.
  public let width: Int, height: Int
  /// The best of them, best first.
  public let proposals: [Proposal]
  /// How many there were.
  public let total: Int

  /// The paper's settings: 64 x 64 points, box NMS at .9, no other filters.
  public static var settings: AutomaticMaskGenerator.Settings {
    var settings = AutomaticMaskGenerator.Settings()
    settings.pointsPerSide = 64
    settings.boxNMSThreshold = 0.9
    settings.predictedIoUThreshold = 0
    settings.stabilityScoreThreshold = 0
    return settings
  }

  /// The best of an image's masks; of equal scores the one that comes first stays first.
  public init(_ masks: [AutomaticMask], limit: Int, index: Int, width: Int, height: Int) {
    (self.index, self.width, self.height) = (index, width, height)
    total = masks.count
    let all = masks.enumerated().map { place, mask in
      (
        place,
        Proposal(
          counts: mask.segmentation.compressed, predictedIoU: Double(mask.predictedIoU),
          stability: Double(mask.stabilityScore))
      )
    }
    proposals = all.sorted { ($1.1.score, $0.0) < ($0.1.score, $1.0) }.prefix(limit).map(\.1)
  }

  /// The proposals as results of an image of that number.
  ///
  /// - Parameter first: the number of the first.
  public func results(image: Int, from first: Int = 1) -> [COCOInstance] {
    proposals.enumerated().compactMap { place, proposal in
      guard let mask = try? RunLengthMask(compressed: proposal.counts, width: width, height: height) else {
        return nil
      }
      return COCOInstance(
        id: first + place, image: image, category: 1, box: BoxXYWH(mask.boundingBox), mask: mask,
        area: Double(mask.area), score: proposal.score)
    }
  }
}

extension ImageProposals: KeptResult {
  package init?(journal: JSONValue) {
    guard let index = journal["index"]?.integer, let width = journal["width"]?.integer,
      let height = journal["height"]?.integer, let total = journal["total"]?.integer,
      case .array(let values)? = journal["proposals"]
    else { return nil }
    var proposals: [Proposal] = []
    for value in values {
      guard let counts = value["counts"]?.text, let predicted = value["predicted_iou"]?.real,
        let stability = value["stability_score"]?.real
      else { return nil }
      proposals.append(Proposal(counts: counts, predictedIoU: predicted, stability: stability))
    }
    (self.index, self.width, self.height) = (index, width, height)
    (self.total, self.proposals) = (total, proposals)
  }

  package var journal: JSONText {
    .object([
      ("index", .integer(index)), ("width", .integer(width)), ("height", .integer(height)),
      ("total", .integer(total)),
      (
        "proposals",
        .array(
          proposals.map {
            .object([
              ("counts", .string($0.counts)), ("predicted_iou", .real($0.predictedIoU)),
              ("stability_score", .real($0.stability)),
            ])
          })
      ),
    ])
  }
}
