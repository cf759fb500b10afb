import ArgumentParser
import Charts
import Datasets
import Evaluation
import Files
import Imaging
import Reports
import Statistics

/// `sam eval quality`: how alike two sets of masks of the same images are.
struct EvalQualityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quality",
    abstract:
      "Compare two sets of masks of the same images: before and after correction, or by two annotators.",
    discussion: """
      Images of one name are compared, and in them masks of one number (--match id), or the most alike ones (--match iou). Prints \
      the share of pairs with an IoU above 75 % and above 90 %, as the paper's audit of SA-1B does, and how many masks have no \
      counterpart.

      Examples:
        sam eval quality masks corrected
        sam eval quality first.json second.json --match iou --json quality.json --report quality.html

      Images that are in one set only, of unequal size or damaged are told; the exit code is 1 then.
      """)

  @Argument(
    help: "The first set, in any form of docs/formats.md: the masks as they were.", completion: .file())
  var first: String

  @Argument(help: "The second set: the masks after correction.", completion: .file())
  var second: String

  @Option(help: ArgumentHelp("How masks find each other: id or iou.", valueName: "rule"))
  var match: MaskPairing.Rule = .id

  @Option(
    help: ArgumentHelp("The pictures' folder, where they do not lie beside the masks.", valueName: "folder"),
    completion: .directory)
  var images: String?

  @Option(help: ArgumentHelp("Write every pair to this table.", valueName: "file"), completion: .file())
  var csv: String?

  @OptionGroup var resultOptions: ResultOptions

  func validate() throws {
    if csv == "-" { throw ValidationError("--csv -: expected a file") }
  }

  /// An image that is in both sets.
  private struct Compared {
    let name: String
    let first: DatasetSample, second: DatasetSample
    let pairing: MaskPairing
  }

  func run() throws {
    let one = try openDataset(first, images: images, needsPictures: false)
    let other = try openDataset(second, images: images, needsPictures: false)
    var failed = 0
    var progress = ProgressLine("eval quality", unit: .images)
    func tell(_ text: String) {
      failed += 1
      progress.clear()
      Console.note("sam: \(text)")
    }
    var places: [String: Int] = [:]
    for index in 0..<other.count {
      do {
        places[try other.sample(at: index).name] = index
      } catch {
        tell("\(error)")
      }
    }
    var compared: [Compared] = []
    for index in 0..<one.count {
      do {
        let sample = try one.sample(at: index)
        if let place = places.removeValue(forKey: sample.name) {
          let counterpart = try other.sample(at: place)
          compared.append(
            Compared(
              name: sample.name, first: sample, second: counterpart,
              pairing: try MaskPairing(sample, counterpart, by: match)))
        } else {
          tell("\(first): '\(sample.name)' is not in \(second)")
        }
      } catch {
        tell("\(error)")
      }
      progress.update(index + 1, of: one.count)
    }
    progress.clear()
    for name in places.keys.sorted() { tell("\(second): '\(name)' is not in \(first)") }
    let summary = QualitySummary(compared.map(\.pairing))
    try Console.print(table(summary, images: compared.count))
    if summary.ious.isEmpty, match == .id, !compared.isEmpty {
      Console.note("no masks of the same number; --match iou pairs those that are most alike")
    }
    if let csv { try pairTable(compared).write(to: csv) }
    try resultOptions.write {
      document(summary, images: compared.count).line + "\n"
    } report: {
      page(summary, compared)
    }
    if failed > 0 { throw CommandError.someFailed(failed: failed, of: one.count + places.count) }
  }

  private static let thresholds = [0.75, 0.9]

  private func percent(_ value: Double) -> String {
    value.isFinite ? Decimal.fixed(value * 100, decimals: 1) + " %" : "-"
  }

  private func table(_ summary: QualitySummary, images: Int) -> String {
    var table = Table([
      "images": .right, "pairs": .right, "mean IoU": .right, "> 75 %": .right, "> 90 %": .right,
      "only first": .right, "only second": .right,
    ])
    let mean = summary.ious.mean
    table.add(
      "\(images)", "\(summary.ious.count)", mean.isFinite ? Decimal.fixed(mean, decimals: 3) : "-",
      percent(summary.share(above: 0.75)), percent(summary.share(above: 0.9)), "\(summary.onlyFirst)",
      "\(summary.onlySecond)")
    return table.text
  }

  private func document(_ summary: QualitySummary, images: Int) -> JSONText {
    .object([
      ("match", .string(match.rawValue)), ("images", .integer(images)),
      ("pairs", .integer(summary.ious.count)),
      ("mean_iou", .real(summary.ious.mean)),
      ("above_75", .real(summary.share(above: 0.75))), ("above_90", .real(summary.share(above: 0.9))),
      ("only_first", .integer(summary.onlyFirst)), ("only_second", .integer(summary.onlySecond)),
      ("above_75_of_all", .real(summary.shareOfAll(above: 0.75))),
      ("above_90_of_all", .real(summary.shareOfAll(above: 0.9))),
    ])
  }

  private func pairTable(_ compared: [Compared]) -> CSVTable {
    var table = CSVTable(header: ["image", "first", "second", "iou"])
    for image in compared {
      func id(_ sample: DatasetSample, _ place: Int) -> String { "\(sample.annotations[place].id)" }
      table.rows += image.pairing.pairs.map {
        CSVTable.Row([
          image.name, id(image.first, $0.first), id(image.second, $0.second), Decimal.exact($0.iou),
        ])
      }
      table.rows += image.pairing.onlyFirst.map { CSVTable.Row([image.name, id(image.first, $0), "", ""]) }
      table.rows += image.pairing.onlySecond.map { CSVTable.Row([image.name, "", id(image.second, $0), ""]) }
    }
    return table
  }

  // MARK: - Report

  private func page(_ summary: QualitySummary, _ compared: [Compared]) -> Report {
    var page = Report(
      "Quality of masks",
      summary: "\(summary.ious.count) pairs of masks in \(compared.count) images: "
        + "\(percent(summary.share(above: 0.9))) have an IoU above 90 %, \(percent(summary.share(above: 0.75))) above 75 %.",
      provenance: .ofThisRun(
        settings: [("first", first), ("second", second), ("matched by", match.rawValue)],
        notes: [
          match == .id
            ? "Masks of the same number are a pair."
            : "The two most alike masks of an image are a pair, then the two most alike of the others, as long as they overlap.",
          "Masks without a counterpart are in no pair; the shares of all count them as pairs that do not overlap.",
          "Two empty masks count as alike.",
        ]))
    let bins = 20
    var counts = [Double](repeating: 0, count: bins)
    for iou in summary.ious { counts[min(bins - 1, Int(iou * Double(bins)))] += 1 }
    var histogram = Histogram(
      "IoU of pairs", bins: (0..<bins).map { Decimal.fixed(Double($0) / Double(bins), decimals: 2) },
      x: "IoU, from … up", y: ChartAxis("pairs"))
    histogram.series = [Histogram.Series("pairs", values: counts)]
    page.add(
      "Pairs",
      [
        .figures([
          KeyFigure("IoU above 90 %", percent(summary.share(above: 0.9)), detail: "SA-1B: 94 %"),
          KeyFigure("IoU above 75 %", percent(summary.share(above: 0.75)), detail: "SA-1B: 97 %"),
          KeyFigure("mean IoU", percent(summary.ious.mean)), KeyFigure("pairs", "\(summary.ious.count)"),
          KeyFigure(
            "without a counterpart", "\(summary.onlyFirst + summary.onlySecond)",
            detail: "\(summary.onlyFirst) first, \(summary.onlySecond) second"),
          KeyFigure(
            "above 90 %, of all", percent(summary.shareOfAll(above: 0.9)),
            detail: "those without counted as misses"
          ),
        ]), .chart(histogram),
        .published(
          ReportTable(
            "Masks of SA-1B before and after correction by annotators, 500 images, about 50,000 masks",
            columns: ["pairs", "share"],
            rows: [
              ["IoU above 90 %", "94 %"], ["IoU above 75 %", "97 %"],
              ["between annotators, mean IoU", "85-91 %"],
            ]), source: "Segment Anything (arXiv 2304.02643), section 5."),
      ])
    let worst = worstPictures(compared)
    if !worst.isEmpty { page.add("Least alike", [.pictures(worst)]) }
    return page
  }

  /// The pairs that differ most, over their pictures where these can be read.
  private func worstPictures(_ compared: [Compared]) -> [ReportPicture] {
    var pairs: [(image: Int, pair: MaskPairing.Pair)] = []
    for (index, image) in compared.enumerated() { pairs += image.pairing.pairs.map { (index, $0) } }
    let order = pairs.indices.sorted { (pairs[$0].pair.iou, $0) < (pairs[$1].pair.iou, $1) }
    return order.prefix(6).compactMap { place in
      let (index, pair) = pairs[place]
      let image = compared[index]
      guard let picture = try? image.first.image() else { return nil }
      func panel(_ sample: DatasetSample, _ annotation: Int, _ color: Color) -> Image? {
        var overlay = Overlay(picture)
        guard (try? overlay.add(sample.annotations[annotation].mask.mask, color: color)) != nil else {
          return nil
        }
        return overlay.image
      }
      guard let before = panel(image.first, pair.first, .distinct(1)),
        let after = panel(image.second, pair.second, .distinct(0))
      else { return nil }
      return try? ReportPicture(
        Image(sideBySide: [before, after]),
        caption:
          "\(image.name), mask \(image.first.annotations[pair.first].id): IoU \(Decimal.fixed(pair.iou, decimals: 2))",
        description: "The first set's mask and the second's over the picture")
    }
  }
}
