public import Files

/// The numbers of several datasets and their mean.
public struct PointReport: Sendable, Equatable {
  /// Datasets by name, in the order they were measured.
  public var datasets: [(name: String, summary: PointSummary)]

  /// A report of datasets, whose names are different.
  public init(_ datasets: [(name: String, summary: PointSummary)]) {
    self.datasets = datasets
  }

  /// The mean over the datasets.
  public var mean: PointSummary { PointSummary(meanOf: datasets.map(\.summary)) }

  /// The numbers of points that reports show, as the paper's figures do.
  public static let shownCounts = [1, 2, 3, 5, 9]

  /// Whether both say the same.
  public static func == (left: PointReport, right: PointReport) -> Bool {
    left.datasets.elementsEqual(right.datasets) { $0.name == $1.name && $0.summary == $1.summary }
  }
}

extension PointReport {
  /// The report as a JSON object, a line for each dataset; see docs/formats.md.
  public var json: String {
    let lines = datasets.map { "    " + JSONText.string($0.name).line + ": " + $0.summary.json.line }
    return """
      {
        "datasets": {
      \(lines.joined(separator: ",\n"))
        },
        "mean": \(mean.json.line)
      }

      """
  }

  /// Writes ``json`` to a file, whole or not at all.
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(Array(json.utf8), to: path)
  }
}

extension PointSummary {
  fileprivate var json: JSONText {
    let counts = PointReport.shownCounts.compactMap { count -> (key: String, value: JSONText)? in
      guard let confident = points(count) else { return nil }
      let oracle = count == 1 ? [(key: "oracle", value: JSONText.real(oracle))] : []
      return (String(count), .object([("confident", .real(confident))] + oracle))
    }
    return .object([
      ("images", .integer(images)), ("masks", .integer(masks)), ("points", .object(counts)),
      ("box", .real(box)),
      ("iou_correlation", .real(iouCorrelation)),
    ])
  }
}
