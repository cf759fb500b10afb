import Charts
import Datasets
import Evaluation
import Files
import Imaging
import Reports
import SegmentAnything

/// The report of `sam eval edges`.
struct EdgesPage {
  let command: EvalEdgesCommand
  let settings: MaskEdges.Settings
  /// Nil where maps were given.
  let model: SAM?
  let report: EdgeReport
  let source: BoundaryFolder
  let map: (EdgeImageResult) -> GrayMap?

  /// Images that are shown of the best, the middle and the worst.
  private static let casesShown = 2

  /// The page.
  var page: Report {
    let scores = report.scores
    var page = Report(
      "Edges",
      summary:
        "\(report.images.count) images of \(source.name): ODS \(own(scores.best.f)), OIS \(own(scores.bestPerImage.f)), "
        + "AP \(own(scores.averagePrecision)), R50 \(own(scores.recallAtHalf)).", provenance: provenance)
    page.add("All images", [.figures(figures), .charts([curve, bars]), .note(EdgeReport.matchingNote)])
    page.add("Beside published results", [.published(published, source: publishedSource)])
    for (title, pictures) in cases where !pictures.isEmpty { page.add(title, [.pictures(pictures)]) }
    page.add("By image", [.table(table)])
    return page
  }

  private func fixed(_ value: Double?) -> String { value.map { Decimal.fixed($0, decimals: 3) } ?? "-" }
  private func own(_ score: Double?) -> String { fixed(report.told(score)) }

  private var provenance: Provenance {
    var list: [(name: String, value: String)] = [
      ("truth", source.name),
      ("images", command.runOptions.limit.map { "\($0) at most, seed \(command.runOptions.seed)" } ?? "all"),
      ("thresholds", "99: .01 to .99"), ("farthest partner", "\(command.maxDist) of the diagonal"),
    ]
    var notes = [EdgeReport.matchingNote]
    if model == nil {
      list.append(("maps", "given"))
      list.append(("suppression", (command.nms ?? .none).rawValue))
    } else {
      list += [
        ("grid", "\(settings.pointsPerSide) x \(settings.pointsPerSide) points, three masks each"),
        ("duplicates", "IoU of boxes above \(Decimal.shortest(settings.boxNMSThreshold, decimals: 3))"),
        ("width of outlines", "\(settings.boundaryWidth) pixels"),
        ("outlines of holes", settings.fillsHoles ? "left out" : "counted"),
        (
          "beyond the image, Sobel's filter finds",
          settings.border == .zero ? "zeros" : "its outermost pixels"
        ),
        ("smoothing before suppression", settings.smooths ? "Gaussian of 3 x 3 pixels" : "none"),
        ("outermost rows and columns set to zero", "\(settings.frame)"),
        ("suppression", settings.suppression.rawValue),
      ]
      notes.append(
        "The paper does not say how wide the outlines are, whether holes count, what the filter finds beyond the image, whether edges "
          + "are smoothed before suppression, and whether a frame is set to zero; the choices are among the settings."
      )
    }
    return .ofThisRun(model: model, settings: list, notes: notes)
  }

  private var figures: [KeyFigure] {
    let scores = report.scores
    return [
      KeyFigure("ODS", own(scores.best.f), detail: "one threshold, \(own(scores.best.threshold))"),
      KeyFigure("OIS", own(scores.bestPerImage.f), detail: "a threshold for each image"),
      KeyFigure("AP", own(scores.averagePrecision)),
      KeyFigure("R50", own(scores.recallAtHalf), detail: "recall at a precision of .5"),
    ]
  }

  // MARK: - Charts

  private var curve: PrecisionRecallChart {
    let counts = report.scores.counts
    let best = counts.indices.max { counts[$0].f < counts[$1].f }
    return PrecisionRecallChart(
      "Precision and recall; published: ODS, on the diagonal",
      curves: [
        PrecisionRecallChart.Curve(
          model?.info.name ?? "maps", recall: counts.map(\.recall),
          // A threshold that leaves nothing of any map has no precision.
          precision: counts.map { $0.map > 0 ? $0.precision : .nan }, best: best)
      ],
      references: PublishedEdges.all.map { ReferencePoint(x: $0.ods, y: $0.ods, label: $0.name) })
  }

  private var bars: BarChart {
    let names = ["here"] + PublishedEdges.all.map(\.name)
    let scores = report.scores
    var chart = BarChart("Best F and average precision", categories: names, axis: ChartAxis("", range: 0...1))
    chart.series = [
      BarChart.Series("ODS", values: [report.told(scores.best.f) ?? .nan] + PublishedEdges.all.map(\.ods)),
      BarChart.Series(
        "OIS",
        values: [report.told(scores.bestPerImage.f) ?? .nan] + PublishedEdges.all.map { $0.ois ?? .nan }),
      BarChart.Series(
        "AP",
        values: [report.told(scores.averagePrecision) ?? .nan] + PublishedEdges.all.map { $0.ap ?? .nan }),
    ]
    return chart
  }

  private var published: ReportTable {
    let scores = report.scores
    return ReportTable(
      "Edges on BSDS500", columns: ["method", "trained on BSDS500", "ODS", "OIS", "AP", "R50"],
      rows: [
        [
          "here, \(report.images.count) images", "", own(scores.best.f), own(scores.bestPerImage.f),
          own(scores.averagePrecision), own(scores.recallAtHalf),
        ]
      ]
        + PublishedEdges.all.map {
          [$0.name, $0.isTrained ? "yes" : "no", fixed($0.ods), fixed($0.ois), fixed($0.ap), fixed($0.r50)]
        }, wordColumns: [1])
  }

  private var publishedSource: String {
    "Segment Anything (arXiv 2304.02643), table 3: the 200 test images of BSDS500. The paper prints no precision and recall; its ODS "
      + "are shown where both are equal."
  }

  // MARK: - Images

  private var table: ReportTable {
    ReportTable(
      "The best threshold of each image",
      columns: ["image", "F", "precision", "recall", "threshold"] + (model == nil ? [] : ["masks"]),
      rows: zip(report.images, report.scores.images).map { image, score in
        [
          image.name, fixed(score.best.f), fixed(score.best.precision), fixed(score.best.recall),
          fixed(score.best.threshold),
        ] + (model == nil ? [] : [image.maskCount.map(String.init) ?? "-"])
      })
  }

  private var cases: [(title: String, pictures: [ReportPicture])] {
    let scores = report.scores.images
    let order = scores.indices.sorted { (scores[$0].best.f, $0) < (scores[$1].best.f, $1) }
    guard order.count > 3 * Self.casesShown else {
      return [("Images, best first", order.reversed().compactMap(picture))]
    }
    let middle = (order.count - Self.casesShown) / 2
    return [
      ("Best", order.suffix(Self.casesShown).reversed().compactMap(picture)),
      ("In the middle", order[middle..<middle + Self.casesShown].compactMap(picture)),
      ("Worst", order.prefix(Self.casesShown).compactMap(picture)),
    ]
  }

  /// The picture, where there is one, its edges, dark on white, and what people drew, darker where more did.
  private func picture(_ place: Int) -> ReportPicture? {
    let image = report.images[place]
    guard let map = map(image), let truth = try? source.truth(at: image.index) else { return nil }
    var panels: [Image] = []
    if let sample = try? source.sample(at: image.index), let photo = try? sample.image() {
      panels.append(photo)
    }
    let edges = map.samples.map { 255 - UInt8(Int($0) * 255 / Int(map.maximum)) }
    var votes = [Int](repeating: 0, count: truth.width * truth.height)
    for annotator in truth.annotators {
      for (index, bit) in annotator.mask.bits.enumerated() { votes[index] += Int(bit) }
    }
    let drawn = votes.map { UInt8(255 - 255 * $0 / truth.annotators.count) }
    for pixels in [edges, drawn] {
      guard let panel = try? GrayImage(width: truth.width, height: truth.height, pixels: pixels) else {
        continue
      }
      panels.append(Image(panel))
    }
    return try? ReportPicture(
      Image(sideBySide: panels),
      caption: "\(image.name): F \(fixed(report.scores.images[place].best.f))",
      description: "The picture, its edges, and what \(truth.annotators.count) people drew", format: .jpeg)
  }
}
