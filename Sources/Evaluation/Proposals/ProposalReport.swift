public import Datasets
internal import Files

/// Average recall of proposals on several datasets.
public struct ProposalReport: Sendable {
  /// One dataset.
  public struct Dataset: Sendable {
    /// What it is called.
    public let name: String
    /// How many images were measured.
    public let images: Int
    /// How many proposals of an image there were, in the mean, before the best were taken; nil where that is not known.
    public let meanProposals: Double?
    /// Recalls of all limits, matchings and frequencies.
    public let entries: [ProposalRecall.Entry]

    /// A dataset's recalls.
    public init(name: String, images: Int, meanProposals: Double?, entries: [ProposalRecall.Entry]) {
      (self.name, self.images, self.meanProposals, self.entries) = (name, images, meanProposals, entries)
    }

    /// The line of a matching, a limit and a frequency.
    public func recall(
      _ matching: ProposalRecall.Matching, limit: Int, frequency: COCOInstances.Frequency? = nil
    ) -> ProposalRecall? {
      entries.first {
        $0.recall.matching == matching && $0.recall.limit == limit && $0.frequency == frequency
      }?.recall
    }

    /// Whether its categories are frequent, common and rare.
    public var hasFrequencies: Bool { entries.contains { $0.frequency != nil } }

    /// Average recalls of a matching and a limit: of all, small, medium, large, and frequent, common, rare objects; nil where
    /// there is none.
    public func averages(_ matching: ProposalRecall.Matching, limit: Int) -> [Double?] {
      let all = recall(matching, limit: limit)?.bySize.map(\.average) ?? []
      let frequencies: [COCOInstances.Frequency] = [.frequent, .common, .rare]
      return all + frequencies.map { recall(matching, limit: limit, frequency: $0)?.bySize[0].average }
    }
  }

  /// The numbers of proposals of an image that count.
  public static let limits = [10, 100, 1000]
  /// The datasets in the order they were measured.
  public let datasets: [Dataset]

  /// A report of datasets.
  public init(_ datasets: [Dataset]) { self.datasets = datasets }

  /// The report as JSON; see docs/evaluation.md.
  public var json: String {
    let names = ["all", "small", "medium", "large", "frequent", "common", "rare"]
    let datasets = datasets.map { dataset -> (key: String, value: JSONText) in
      let lines = dataset.entries.map { entry -> JSONText in
        .object([
          ("matching", .string(entry.recall.matching.rawValue)), ("limit", .integer(entry.recall.limit)),
          ("frequency", .optional(entry.frequency) { .string($0.rawValue) }),
          (
            "recall",
            .object(
              zip(names, entry.recall.bySize).map { name, recall in
                (
                  name,
                  .object([
                    ("objects", .integer(recall.objects)), ("AR", .optional(recall.average, JSONText.real)),
                    ("by_iou", .optional(recall.recalls) { .array($0.map(JSONText.real)) }),
                  ])
                )
              })
          ),
        ])
      }
      return (
        dataset.name,
        .object([
          ("images", .integer(dataset.images)),
          ("mean_proposals", .optional(dataset.meanProposals, JSONText.real)), ("recalls", .array(lines)),
        ])
      )
    }
    return JSONText.object([("datasets", .object(datasets))]).line + "\n"
  }
}
