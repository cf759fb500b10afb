internal import Files

/// The scores of a set of images as a document.
public struct EdgeReport: Sendable {
  /// Each image's counts.
  public let images: [EdgeImageResult]
  /// Their scores.
  public let scores: EdgeScores

  /// A report of images.
  public init(_ images: [EdgeImageResult]) {
    self.images = images
    scores = EdgeScores(images: images.map(\.counts))
  }

  /// A score as it is told: nil where there is no image, of which there is nothing to say.
  public func told(_ score: Double?) -> Double? { images.isEmpty ? nil : score }

  /// What every output of the benchmark says about its matching.
  public static let matchingNote =
    "Matching is exact and deterministic. The benchmark's own matcher adds random edges, so that its counts differ from run to "
    + "run and are a little lower: R and P by up to .0013 for single images, about 3e-4 for a set."

  /// The report as JSON; see docs/evaluation.md.
  public var json: String {
    func number(_ score: Double?) -> JSONText { .optional(told(score), JSONText.real) }
    func best(_ best: EdgeScores.Best) -> [(key: String, value: JSONText)] {
      [
        ("F", number(best.f)), ("P", number(best.precision)), ("R", number(best.recall)),
        ("T", number(best.threshold)),
      ]
    }
    let perImage = scores.bestPerImage
    let document = JSONText.object([
      ("ODS", .object(best(scores.best))), ("ODS_grid", .object(best(scores.bestOnGrid))),
      (
        "OIS",
        .object([
          ("F", number(perImage.f)), ("P", number(perImage.precision)), ("R", number(perImage.recall)),
        ])
      ),
      ("AP", number(scores.averagePrecision)), ("R50", number(scores.recallAtHalf)),
      ("R50_recall_above_.001", number(scores.recallAtHalfAsPlotted)),
      ("note", .string(EdgeReport.matchingNote)),
      (
        "curve",
        .object([
          ("thresholds", .array(scores.thresholds.map(JSONText.real))),
          ("recall", .array(scores.counts.map { .real($0.recall) })),
          ("precision", .array(scores.counts.map { .real($0.precision) })),
        ])
      ),
      (
        "images",
        .array(
          zip(images, scores.images).map { image, score in
            .object(
              [("name", .string(image.name))] + best(score.best)
                + (image.maskCount.map { [("masks", .integer($0))] } ?? []))
          })
      ),
    ])
    return document.line + "\n"
  }
}
