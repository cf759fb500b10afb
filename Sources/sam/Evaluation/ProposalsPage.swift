import Charts
import Datasets
import Evaluation
import Files
import Imaging
import Reports
import SegmentAnything

/// The report of `sam eval proposals`.
struct ProposalsPage {
  /// An image that is shown.
  struct Picture {
    let name: String
    let image: Image
    let proposals: [RunLengthMask]
    let truth: [RunLengthMask]
  }

  let command: EvalProposalsCommand
  /// Nil where a file was scored.
  let model: SAM?
  let report: ProposalReport
  let pictures: [Picture]

  private static let sizes = ["all", "small", "medium", "large"]

  /// The page.
  var page: Report {
    get throws {
      let most = ProposalReport.limits.max() ?? 0
      let named = report.datasets.map {
        "\($0.name) \(percent($0.averages(.scoreOrder, limit: most).first ?? nil))"
      }
      var page = Report(
        "Object proposals",
        summary: "Average recall of \(most) masks an image, in per cent: " + named.joined(separator: ", ")
          + ".",
        provenance: provenance)
      page.add(
        "Average recall", [.charts([bySize, byLimit] + byFrequency), .table(table(.scoreOrder))])
      page.add(
        "Paired by the best IoU",
        [
          .text(
            "Where one proposal suits two objects, pairs by score and by the best IoU differ. The paper does not say which it means; "
              + "the numbers above are by score."), .table(table(.bestIoU)),
        ])
      page.add("Beside published results", [published])
      let shown = try pictures.map(picture)
      if !shown.isEmpty { page.add("Found and missed", [.pictures(shown)]) }
      return page
    }
  }

  private func percent(_ value: Double?) -> String {
    value.map { Decimal.fixed($0 * 100, decimals: 1) } ?? "-"
  }

  private var provenance: Provenance {
    var settings: [(name: String, value: String)] = []
    if model == nil {
      settings.append(("results", "given"))
    } else {
      settings += [
        ("grid", "\(command.pointsPerSide) x \(command.pointsPerSide) points, three masks each"),
        ("duplicates", "IoU of boxes above \(Decimal.shortest(command.boxNms, decimals: 3))"),
        ("filters", "none"), ("ranked by", "mean of predicted IoU and stability"),
      ]
    }
    settings.append(
      (
        "images per dataset",
        command.runOptions.limit.map { "\($0) at most, seed \(command.runOptions.seed)" } ?? "all"
      ))
    var notes = ["Recall ignores false alarms. Objects that the truth does not have are no errors."]
    let means = report.datasets.compactMap { dataset in
      dataset.meanProposals.map { "\(dataset.name) \(Decimal.fixed($0, decimals: 0))" }
    }
    if !means.isEmpty {
      notes.append(
        "Masks of an image before the best were taken, in the mean: " + means.joined(separator: ", ") + ".")
    }
    return .ofThisRun(model: model, settings: settings, notes: notes)
  }

  // MARK: - Numbers

  private func table(_ matching: ProposalRecall.Matching) -> ReportTable {
    let hasFrequencies = report.datasets.contains(where: \.hasFrequencies)
    let names = Self.sizes + (hasFrequencies ? ["frequent", "common", "rare"] : [])
    var table = ReportTable(
      "Average recall in per cent, pairs by \(matching == .scoreOrder ? "score" : "the best IoU")",
      columns: ["dataset", "images", "objects", "proposals"] + names)
    for dataset in report.datasets {
      for limit in ProposalReport.limits {
        let objects = dataset.recall(matching, limit: limit)?.bySize[0].objects ?? 0
        table.rows.append(
          [dataset.name, "\(dataset.images)", "\(objects)", "\(limit)"]
            + dataset.averages(matching, limit: limit).prefix(names.count).map(percent))
      }
    }
    return table
  }

  private var published: Report.Block {
    let columns = ["model", "all", "small", "medium", "large", "frequent", "common", "rare"]
    return .published(
      ReportTable(
        "AR@1000 on LVIS v1 val, in per cent", columns: columns,
        rows: PublishedDetection.proposals.map { model in
          [model.name]
            + [model.all, model.small, model.medium, model.large, model.frequent, model.common, model.rare]
            .map {
              Decimal.fixed($0, decimals: 1)
            }
        }), source: "Segment Anything (arXiv 2304.02643), table 4.")
  }

  // MARK: - Charts

  private var bySize: BarChart {
    var chart = BarChart(
      "Recall of 1,000 proposals, by size", categories: report.datasets.map(\.name),
      axis: ChartAxis("average recall", range: 0...1))
    let most = ProposalReport.limits.max() ?? 0
    chart.series = Self.sizes.enumerated().map { place, name in
      BarChart.Series(
        name, values: report.datasets.map { ($0.averages(.scoreOrder, limit: most)[place]) ?? .nan })
    }
    if let sam = PublishedDetection.proposals.last {
      chart.published = published([sam.all, sam.small, sam.medium, sam.large], by: sam.name)
    }
    return chart
  }

  /// Where the truth is LVIS's.
  private var byFrequency: [any Chart] {
    guard report.datasets.contains(where: \.hasFrequencies) else { return [] }
    var chart = BarChart(
      "Recall of 1,000 proposals, by frequency", categories: report.datasets.map(\.name),
      axis: ChartAxis("average recall", range: 0...1))
    let most = ProposalReport.limits.max() ?? 0
    chart.series = ["frequent", "common", "rare"].enumerated().map { place, name in
      BarChart.Series(
        name,
        values: report.datasets.map { dataset in
          let averages = dataset.averages(.scoreOrder, limit: most)
          return averages.indices.contains(4 + place) ? averages[4 + place] ?? .nan : .nan
        })
    }
    if let sam = PublishedDetection.proposals.last {
      chart.published = published([sam.frequent, sam.common, sam.rare], by: sam.name)
    }
    return [chart]
  }

  /// Published numbers, beside datasets whose objects are LVIS's.
  private func published(_ percents: [Double], by name: String) -> BarChart.Published {
    BarChart.Published(
      "published: \(name), LVIS v1",
      values: percents.map { percent in
        report.datasets.map { $0.hasFrequencies ? percent / 100 : .nan }
      })
  }

  private var byLimit: LineChart {
    var chart = LineChart(
      "Recall by the number of proposals", x: ChartAxis("proposals", .logarithmic),
      y: ChartAxis("average recall", range: 0...1))
    chart.series = report.datasets.prefix(6).map { dataset in
      LineChart.Series(
        dataset.name,
        points: ProposalReport.limits.map {
          (Double($0), (dataset.averages(.scoreOrder, limit: $0).first ?? nil) ?? .nan)
        }, marksPoints: true)
    }
    if let sam = PublishedDetection.proposals.last {
      chart.references = [ReferencePoint(x: 1000, y: sam.all / 100, label: "\(sam.name), LVIS")]
    }
    return chart
  }

  // MARK: - Pictures

  /// The objects that the proposals cover at an IoU of .5 in one colour, those they miss in another.
  private func picture(_ shown: Picture) throws -> ReportPicture {
    var overlay = Overlay(shown.image)
    var found = 0
    for object in shown.truth
    where object.width == shown.image.width && object.height == shown.image.height {
      let best = shown.proposals.lazy.compactMap { try? $0.intersectionOverUnion(with: object) }.max() ?? 0
      if best >= 0.5 { found += 1 }
      try overlay.add(object.mask, color: best >= 0.5 ? .foreground : .background)
    }
    return try ReportPicture(
      overlay.image,
      caption:
        "\(shown.name): \(found) of \(shown.truth.count) objects covered (green) by \(shown.proposals.count) proposals",
      description:
        "The true masks over the picture, green where a proposal has an IoU of .5 with it, else red")
  }
}
