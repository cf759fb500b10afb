import Charts
import Datasets
import Evaluation
import Files
import Imaging
import Reports
import SegmentAnything

/// The report of `sam eval instances`.
struct InstancesPage {
  /// An image that is shown.
  struct Picture {
    let name: String
    let image: Image
    let found: [RunLengthMask]
    let truth: [RunLengthMask]
  }

  let command: EvalInstancesCommand
  /// Nil where results were scored as they are.
  let model: SAM?
  let scores: InstanceScores
  /// Images that were not drawn.
  let left: Int
  let pictures: [Picture]

  /// The page.
  var page: Report {
    get throws {
      let summary = scores.summary
      let ap = summary.first?.value ?? nil
      var page = Report(
        model == nil ? "Average precision" : "Instance masks from boxes",
        summary: "AP \(percent(ap)) by \(scores.rules == "lvis" ? "LVIS's" : "COCO's") rules.",
        provenance: provenance)
      page.add("All categories", [.figures(figures), .chart(chart)] + curve + notes)
      page.add("Beside published results", [published])
      if !pictures.isEmpty { page.add("Masks", [.pictures(try pictures.map(picture))]) }
      page.add("By category", [.table(table)])
      return page
    }
  }

  private func percent(_ value: Double?) -> String {
    value.map { Decimal.fixed($0 * 100, decimals: 1) } ?? "-"
  }

  private var provenance: Provenance {
    var settings: [(name: String, value: String)] = [
      ("rules", scores.rules + (command.fixedAp ? ", fixed AP" : "")),
      ("categories", command.classAgnostic ? "taken as one" : "each by itself"),
    ]
    if model == nil {
      settings.append(("compared", (command.scoreOnly ?? .masks).rawValue))
    } else {
      settings += [
        ("first mask", "the most confident of three"),
        (
          "given back with its box",
          command.refinements == 1 ? "once, for one mask" : "\(command.refinements) times, for one mask"
        ),
        ("category and score", "the detector's"),
      ]
    }
    if left > 0 { settings.append(("images not drawn", "\(left), seed \(command.runOptions.seed)")) }
    return .ofThisRun(model: model, settings: settings, notes: scores.notes(truth: command.truth))
  }

  private var notes: [Report.Block] { scores.notes(truth: command.truth).map { .note($0) } }

  private var figures: [KeyFigure] {
    scores.summary.map { KeyFigure($0.name, percent($0.value)) }
  }

  private var chart: BarChart {
    var chart = BarChart(
      "Precision and recall", categories: scores.summary.map(\.name), axis: ChartAxis("", range: 0...1))
    chart.series = [BarChart.Series("here", values: scores.summary.map { $0.value ?? .nan })]
    let dataset = scores.rules == DetectionRules.lvis.rawValue ? "LVIS v1" : "COCO"
    if let sam = PublishedDetection.instances.last(where: { $0.dataset == dataset }) {
      let known = ["AP": sam.all, "APs": sam.small, "APm": sam.medium, "APl": sam.large]
      chart.published = BarChart.Published(
        "published: \(sam.name) from ViTDet-H's boxes, \(dataset)",
        values: [scores.summary.map { known[$0.name].map { $0 / 100 } ?? .nan }])
    }
    return chart
  }

  /// Precision over recall where categories are one; with many there is no one curve.
  private var curve: [Report.Block] {
    guard case .coco(let scores) = scores, command.classAgnostic || scores.categories.count == 1,
      let half = scores.precisions(ofCategory: 0, threshold: 0)
    else { return [] }
    let curves =
      [(0, "IoU .5", half)]
      + [(5, "IoU .75"), (8, "IoU .9")].compactMap { threshold, name in
        scores.precisions(ofCategory: 0, threshold: threshold).map { (threshold, name, $0) }
      }
    return [
      .charts([
        PrecisionRecallChart(
          "Precision over recall",
          curves: curves.map { .init($0.1, recall: COCOEvaluation.recalls, precision: $0.2) })
      ])
    ]
  }

  private var published: Report.Block {
    .published(
      ReportTable(
        "Mask AP from the boxes of ViTDet-H, in per cent",
        columns: ["masks by", "dataset", "AP", "APs", "APm", "APl"],
        rows: PublishedDetection.instances.map { row in
          [row.name, row.dataset]
            + [row.all, row.small, row.medium, row.large].map { Decimal.fixed($0, decimals: 1) }
        }, wordColumns: [1]), source: "Segment Anything (arXiv 2304.02643), table 5.")
  }

  private var table: ReportTable {
    ReportTable(
      "In per cent; - where there was nothing to find",
      columns: ["category", "AP", "AP50", scores.recallName],
      rows: scores.categories.map { category, ap, ap50, recall in
        [
          category.name.isEmpty ? String(category.id) : category.name, percent(ap), percent(ap50),
          percent(recall),
        ]
      })
  }

  /// The truth on the left, the masks that were made on the right.
  private func picture(_ shown: Picture) throws -> ReportPicture {
    func panel(_ masks: [RunLengthMask]) throws -> Image {
      var overlay = Overlay(shown.image)
      for mask in masks where mask.width == shown.image.width && mask.height == shown.image.height {
        try overlay.add(mask.mask)
      }
      return overlay.image
    }
    return try ReportPicture(
      Image(sideBySide: [panel(shown.truth), panel(shown.found)]),
      caption: "\(shown.name): \(shown.truth.count) objects, \(shown.found.count) "
        + (model == nil ? "results" : "masks of boxes"),
      description: "The true masks on the left, "
        + (model == nil ? "what was found on the right" : "those of the detector's boxes on the right"))
  }
}
