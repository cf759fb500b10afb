import Charts
import Datasets
import Evaluation
import Files
import Reports
import SegmentAnything

/// The report of `sam eval points`.
struct PointsPage {
  let command: EvalPointsCommand
  let model: SAM
  let report: PointReport
  let measured: [(name: String, images: [ImagePointResults])]
  let sources: [any DatasetSource]
  let embeddings: KeptEmbeddings
  /// Images of each dataset that were not measured because others were drawn.
  let left: [Int]

  /// The page.
  var page: Report {
    get throws {
      let mean = report.mean, measures = report.meanMeasures
      var page = Report(
        "Masks from points and boxes",
        summary:
          "\(measures.masks) masks of \(mean.images) images in \(count(report.datasets.count, "dataset")): "
          + "mean IoU \(percent(measures.points.first)) with one point, \(percent(measures.oracle)) with the best of its three masks, "
          + "\(percent(measures.box)) with a box.", provenance: provenance)
      page.add("Mean over the datasets", [.figures(figures(measures)), .table(table), publishedMeans])
      page.add("By the number of points", [.chart(curve), .charts([perDataset, clicks])])
      page.add(
        "How well the model knows itself",
        [
          .text(
            "Each dot is one of the masks that a single point was answered with. On the line the model's own estimate is right. "
              + "Correlation \(fixed(mean.iouCorrelation))."), .charts([calibration, histogram]),
        ])
      for (title, cases) in try cases() where !cases.isEmpty { page.add(title, [.pictures(cases)]) }
      if let published = publishedDatasets { page.add("The paper's datasets", [published]) }
      return page
    }
  }

  // MARK: - Numbers

  func fixed(_ value: Double?, _ decimals: Int = 3) -> String {
    value.flatMap { $0.isFinite ? Decimal.fixed($0, decimals: decimals) : nil } ?? "-"
  }

  private func percent(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? Decimal.fixed($0 * 100, decimals: 1) + " %" : nil } ?? "-"
  }

  private func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

  private var provenance: Provenance {
    var settings: [(name: String, value: String)] = [
      ("points", "\(command.points)"), ("box and points", "\(command.boxPoints)"),
      ("first point", command.random.map { "uniform in the mask, seed \($0)" } ?? "innermost pixel"),
      ("images per dataset", command.runOptions.limit.map { "\($0) at most" } ?? "all"),
      ("masks per image", command.masksPerImage.map { "\($0) at most" } ?? "all"),
      ("seed", "\(command.runOptions.seed)"),
    ]
    for (source, left) in zip(sources, left) where left > 0 {
      settings.append((source.name, "\(source.count - left) of \(source.count) images drawn"))
    }
    return .ofThisRun(
      model: model, settings: settings,
      notes: [
        "Each next point is the innermost pixel of the larger error, false positives first where both are equally deep; the image's border counts as edge.",
        "The previous mask's logits are fed back with every point, as in training. The paper does not say whether it does so.",
        "The numbers of this page weigh every mask of a dataset alike, as the paper does, and every dataset alike in the mean. The command's table weighs every image alike.",
        "Edge columns are boundary IoU with one point and with a box: it compares bands of 2 % of the image's diagonal along the outlines.",
        "Points needed: masks that never reach the IoU count with the most points given.",
      ])
  }

  private func figures(_ measures: PointMeasures) -> [KeyFigure] {
    var figures = [
      KeyFigure("mIoU, 1 point", percent(measures.points.first), detail: "most confident of three"),
      KeyFigure("oracle, 1 point", percent(measures.oracle), detail: "best of three"),
    ]
    for number in [3, 5, 9] where number <= measures.points.count {
      figures.append(KeyFigure("mIoU, \(number) points", percent(measures.points[number - 1])))
    }
    figures.append(KeyFigure("mIoU, box", percent(measures.box)))
    for clicks in measures.clicks {
      figures.append(
        KeyFigure(
          "points to \(Decimal.shortest(clicks.threshold * 100, decimals: 0)) %", fixed(clicks.mean, 2),
          detail: "\(clicks.failures) masks need more than \(measures.clickLimit)"))
    }
    return figures
  }

  private var table: ReportTable {
    let counts = PointReport.shownCounts.filter { $0 <= command.points }
    var table = ReportTable(
      "Mean IoU over masks, in per cent",
      columns: ["dataset", "images", "masks", "1", "oracle"] + counts.dropFirst().map { "\($0)" } + ["box"]
        + (0..<command.boxPoints).map { "box+\($0 + 1)" } + [
          "edge 1", "edge box", "to 85 %", "to 90 %",
        ])
    func short(_ value: Double?) -> String {
      value.flatMap { $0.isFinite ? Decimal.fixed($0 * 100, decimals: 1) : nil } ?? "-"
    }
    func add(_ name: String, _ summary: PointSummary, _ measures: PointMeasures) {
      func point(_ number: Int) -> Double? {
        measures.points.indices.contains(number - 1) ? measures.points[number - 1] : nil
      }
      var row = [name, "\(summary.images)", "\(measures.masks)", short(point(1)), short(measures.oracle)]
      row += counts.dropFirst().map { short(point($0)) } + [short(measures.box)]
      row += (0..<command.boxPoints).map {
        short(measures.boxPoints.indices.contains($0) ? measures.boxPoints[$0] : nil)
      }
      row += [short(measures.boundaries.first), short(measures.boxBoundary)]
      row += measures.clicks.map { fixed($0.mean, 2) }
      table.rows.append(row)
    }
    for dataset in report.datasets { add(dataset.name, dataset.summary, dataset.measures) }
    if report.datasets.count > 1 {
      add("mean", report.mean, report.meanMeasures)
      table.lastRowIsTotal = true
    }
    return table
  }

  private var publishedMeans: Report.Block {
    .published(
      ReportTable(
        "mIoU over the paper's 23 datasets, one centre point and five, in per cent",
        columns: ["model", "1 point", "5 points"],
        rows: PublishedPoints.means.map {
          [$0.model, Decimal.fixed($0.onePoint, decimals: 1), Decimal.fixed($0.fivePoints, decimals: 1)]
        }),
      source:
        "SAM 2 (arXiv 2408.00714) and EfficientTAM (arXiv 2411.18933), on other datasets than those measured here unless they are named alike."
    )
  }

  private var publishedDatasets: Report.Block? {
    let found = report.datasets.compactMap { dataset in
      PublishedPoints.dataset(named: dataset.name).map { (dataset, $0) }
    }
    guard !found.isEmpty else { return nil }
    return .published(
      ReportTable(
        "SAM ViT-H above RITM with one centre point, in points of mIoU",
        columns: ["dataset", "the paper's", "images", "masks", "SAM - RITM", "measured here, 1 point"],
        rows: found.map { dataset, published in
          [
            dataset.name, "\(published.name), \(published.kind)", "\(published.images)", "\(published.masks)",
            Decimal.fixed(published.aboveRITM, decimals: 1), percent(dataset.measures.points.first),
          ]
        }, wordColumns: [1]),
      source:
        "Segment Anything (arXiv 2304.02643), figure 9. The paper prints differences, not the mIoU itself.")
  }

  // MARK: - Charts

  private var curve: LineChart {
    let shown = report.datasets.filter { $0.measures.masks > 0 }
    var chart = LineChart(
      "Mean IoU by the number of points; published: on 23 other datasets", x: ChartAxis("points"),
      y: ChartAxis("mean IoU", range: 0...1))
    func series(_ name: String, _ values: [Double]) -> LineChart.Series {
      LineChart.Series(
        name, points: values.enumerated().map { (Double($0 + 1), $1) }, marksPoints: values.count <= 20)
    }
    let mean = report.meanMeasures
    if shown.count > 1 { chart.series.append(series("mean of the datasets", mean.points)) }
    // More lines than colours tell nothing apart; all datasets are in the bars beside.
    if shown.count <= 5 { chart.series += shown.map { series($0.name, $0.measures.points) } }
    chart.series.append(series("one point, best of three", [mean.oracle]))
    if !mean.boxPoints.isEmpty {
      // A box takes two clicks.
      chart.series.append(
        LineChart.Series(
          "box, then points (a box as 2)",
          points: ([mean.box] + mean.boxPoints).enumerated().map { (Double($0 + 2), $1) }, marksPoints: true))
    }
    if let sam = PublishedPoints.means.first {
      let label = sam.model
      chart.references = [ReferencePoint(x: 1, y: sam.onePoint / 100, label: label)]
      if command.points >= 5 {
        chart.references.append(ReferencePoint(x: 5, y: sam.fivePoints / 100, label: label))
      }
    }
    return chart
  }

  private var perDataset: BarChart {
    var chart = BarChart(
      "One point and box, by dataset", categories: report.datasets.map(\.name),
      axis: ChartAxis("mean IoU", range: 0...1))
    chart.series = [
      BarChart.Series("1 point", values: report.datasets.map { $0.measures.points.first ?? .nan }),
      BarChart.Series("best of three", values: report.datasets.map(\.measures.oracle)),
      BarChart.Series("box", values: report.datasets.map(\.measures.box)),
    ]
    if let sam = PublishedPoints.means.first {
      chart.references = [
        BarChart.Reference(sam.onePoint / 100, label: "\(sam.model), 1 point, 23 other datasets")
      ]
    }
    return chart
  }

  private var clicks: BarChart {
    var chart = BarChart(
      "Points needed, by dataset", categories: report.datasets.map(\.name),
      axis: ChartAxis("points, \(report.meanMeasures.clickLimit) at most"))
    chart.series = PointMeasures.thresholds.indices.map { place in
      BarChart.Series(
        "to \(Int((PointMeasures.thresholds[place] * 100).rounded())) %",
        values: report.datasets.map { $0.measures.clicks[place].mean })
    }
    return chart
  }

  private var results: [PointResult] { measured.flatMap { $0.images.flatMap { $0.masks.map(\.result) } } }

  private var calibration: ScatterChart {
    var chart = ScatterChart(
      "Predicted and true IoU at one point", x: ChartAxis("predicted IoU", range: 0...1),
      y: ChartAxis("IoU", range: 0...1))
    chart.series = [
      ScatterChart.Series(
        "candidates",
        points: results.flatMap { $0.candidates.map { (min(max($0.predictedIoU, 0), 1), $0.iou) } })
    ]
    chart.showsDiagonal = true
    return chart
  }

  private var histogram: Histogram {
    let bins = 20
    func shares(_ values: [Double]) -> [Double] {
      var counts = [Double](repeating: 0, count: bins)
      for value in values { counts[min(bins - 1, Int(value * Double(bins)))] += 1 }
      return counts.map { values.isEmpty ? 0 : $0 / Double(values.count) }
    }
    var chart = Histogram(
      "How masks come out", bins: (0..<bins).map { Decimal.fixed(Double($0) / Double(bins), decimals: 2) },
      x: "IoU, from … up", y: ChartAxis("share of masks"))
    let last = results.map(\.points.count).min() ?? 0
    chart.series = [Histogram.Series("1 point", values: shares(results.compactMap(\.points.first)))]
    if last > 1 {
      chart.series.append(
        Histogram.Series("\(last) points", values: shares(results.map { $0.points[last - 1] })))
    }
    return chart
  }
}
