public import Files

/// The numbers of several datasets and their mean.
public struct PointReport: Sendable, Equatable {
  /// A dataset's numbers.
  public struct Dataset: Sendable, Equatable {
    /// What it is called.
    public let name: String
    /// Means in which images weigh alike.
    public let summary: PointSummary
    /// Means in which masks weigh alike, boundaries, clicks.
    public let measures: PointMeasures

    /// The numbers of a dataset's images.
    public init(_ name: String, _ images: [ImagePointResults]) {
      self.name = name
      summary = PointSummary(images)
      measures = PointMeasures(images)
    }
  }

  /// Datasets in the order they were measured; their names are different.
  public var datasets: [Dataset]

  /// A report of datasets.
  public init(_ datasets: [Dataset]) {
    self.datasets = datasets
  }

  /// The mean over the datasets in which images weigh alike.
  public var mean: PointSummary { PointSummary(meanOf: datasets.map(\.summary)) }
  /// The mean over the datasets in which masks weigh alike.
  public var meanMeasures: PointMeasures { PointMeasures(meanOf: datasets.map(\.measures)) }

  /// The numbers of points that reports show, as the paper's figures do.
  public static let shownCounts = [1, 2, 3, 5, 9]
}

extension PointReport {
  /// The report as a JSON object, a line for each dataset; see docs/formats.md.
  public var json: String {
    let lines = datasets.map {
      "    " + JSONText.string($0.name).line + ": " + $0.summary.json(with: $0.measures).line
    }
    return """
      {
        "datasets": {
      \(lines.joined(separator: ",\n"))
        },
        "mean": \(mean.json(with: meanMeasures).line)
      }

      """
  }

  /// Writes ``json`` to a file, whole or not at all.
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(Array(json.utf8), to: path)
  }
}

extension PointSummary {
  fileprivate func json(with measures: PointMeasures) -> JSONText {
    let counts = PointReport.shownCounts.compactMap { count -> (key: String, value: JSONText)? in
      guard let confident = points(count) else { return nil }
      let oracle = count == 1 ? [(key: "oracle", value: JSONText.real(oracle))] : []
      return (String(count), .object([("confident", .real(confident))] + oracle))
    }
    return .object(
      [
        ("images", .integer(images)), ("masks", .integer(masks)), ("points", .object(counts)),
        ("box", .real(box)),
        ("iou_correlation", .real(iouCorrelation)),
      ] + measures.members)
  }
}

extension PointMeasures {
  /// `over_masks`, `clicks`, and what was measured besides.
  fileprivate var members: [(key: String, value: JSONText)] {
    func list(_ values: [Double], _ more: [(key: String, value: JSONText)] = []) -> JSONText {
      .object(values.enumerated().map { (String($0 + 1), .real($1)) } + more)
    }
    var members: [(key: String, value: JSONText)] = [
      ("over_masks", list(points, [("oracle", .real(oracle)), ("box", .real(box))])),
      (
        "clicks",
        .object(
          clicks.map { clicks in
            (
              String(Int((clicks.threshold * 100).rounded())),
              .object([("mean", .real(clicks.mean)), ("failures", .integer(clicks.failures))])
            )
          } + [("limit", .integer(clickLimit))])
      ),
    ]
    if !boxPoints.isEmpty { members.append(("box_points", list(boxPoints))) }
    if !boundaries.isEmpty {
      members.append(("boundary", list(boundaries, [("box", .optional(boxBoundary, JSONText.real))])))
    }
    return members
  }
}
