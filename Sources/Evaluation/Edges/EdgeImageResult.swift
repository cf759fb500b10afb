package import Files

/// What the benchmark counted in one image, by threshold.
public struct EdgeImageResult: Sendable, Equatable {
  /// The image's name.
  public let name: String
  /// Which image of its dataset it is.
  public let index: Int
  /// The counts at each of ``EdgeMatcher/percents``.
  public let counts: [EdgeCounts]
  /// How many masks the edges are of; nil for a map that was given.
  public let maskCount: Int?

  /// A result.
  public init(name: String, index: Int, counts: [EdgeCounts], maskCount: Int? = nil) {
    (self.name, self.index, self.counts, self.maskCount) = (name, index, counts, maskCount)
  }
}

extension EdgeImageResult: KeptResult {
  package init?(journal: JSONValue) {
    guard let name = journal["name"]?.text, let index = journal["index"]?.integer,
      let numbers = journal["counts"]?.integers, numbers.count % 4 == 0
    else { return nil }
    self.init(
      name: name, index: index,
      counts: stride(from: 0, to: numbers.count, by: 4).map {
        EdgeCounts(
          matchedTruth: numbers[$0], truth: numbers[$0 + 1], matchedMap: numbers[$0 + 2],
          map: numbers[$0 + 3])
      }, maskCount: journal["masks"]?.integer)
  }

  package var journal: JSONText {
    .object([
      ("name", .string(name)), ("index", .integer(index)), ("masks", .optional(maskCount, JSONText.integer)),
      (
        "counts",
        .array(
          counts.flatMap {
            [.integer($0.matchedTruth), .integer($0.truth), .integer($0.matchedMap), .integer($0.map)]
          })
      ),
    ])
  }
}
