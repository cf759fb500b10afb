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

      Images that are in one set only, of unequal size or damaged are told; the exit code is 1 then. With --out, Ctrl-C and the same \
      command again go on where it was.
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

  @OptionGroup var keeping: KeepingOptions
  @OptionGroup var drawing: DrawingOptions
  @OptionGroup var resultOptions: ResultOptions

  func validate() throws {
    try ResultOptions.requireWritable(csv, "--csv")
  }

  func run() throws {
    let one = try openDataset(first, images: images, needsPictures: false)
    let other = try openDataset(second, images: images, needsPictures: false)
    let chosen = ImageSelection.drawn(drawing.limit, of: one.count, seed: drawing.seed)
    let run = try ImageRun(
      "quality", out: keeping.out,
      settings: [
        ("match", .string(match.rawValue)), ("second", .string(other.name)),
        ("images of second", .integer(other.count)),
      ], total: chosen.count)
    var places: [String: Int] = [:]
    for index in 0..<other.count {
      do { places[try other.sample(at: index).name] = index } catch { run.tell("sam: \(error)") }
    }
    let unreadable = other.count - places.count
    let compared = try run.results(of: one, images: chosen) { sample, index -> ImageQuality in
      guard let place = places[sample.name] else {
        throw SkippedImage(description: "\(first): '\(sample.name)' is not in \(second)")
      }
      return try ImageQuality(sample, other.sample(at: place), at: (index, place), by: match)
    }.map(\.value)
    run.clear()
    // What is in the second set alone is known where all of the first was gone through.
    var onlySecond = 0
    if drawing.limit == nil {
      for index in 0..<one.count { if let sample = try? one.sample(at: index) { places[sample.name] = nil } }
      onlySecond = places.count
      for name in places.keys.sorted() { run.tell("sam: \(second): '\(name)' is not in \(first)") }
    }
    let summary = QualitySummary(compared)
    try Console.print(table(summary, images: compared.count))
    if summary.ious.isEmpty, match == .id, !compared.isEmpty {
      Console.note("no masks of the same number; --match iou pairs those that are most alike")
    }
    if let csv { try pairTable(compared).write(to: csv) }
    try resultOptions.write {
      document(summary, images: compared.count).line + "\n"
    } report: {
      page(summary, compared, one, other)
    }
    // An image that cannot be read in the second set is missed in the first, or in none.
    let missed = chosen.count - compared.count
    let failed = missed + onlySecond + max(0, unreadable - missed)
    if failed > 0 {
      throw CommandError.someFailed(
        failed: failed, of: chosen.count + onlySecond + max(0, unreadable - missed))
    }
  }

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

  private func pairTable(_ compared: [ImageQuality]) -> CSVTable {
    var table = CSVTable(header: ["image", "first", "second", "iou"])
    for image in compared {
      table.rows += image.pairs.map {
        CSVTable.Row([image.name, "\($0.firstID)", "\($0.secondID)", Decimal.exact($0.iou)])
      }
      table.rows += image.onlyFirst.map { CSVTable.Row([image.name, "\($0)", "", ""]) }
      table.rows += image.onlySecond.map { CSVTable.Row([image.name, "", "\($0)", ""]) }
    }
    return table
  }

  // MARK: - Report

  private func page(
    _ summary: QualitySummary, _ compared: [ImageQuality], _ one: any DatasetSource,
    _ other: any DatasetSource
  ) -> Report {
    var page = Report(
      "Quality of masks",
      summary:
        "\(summary.ious.count) pairs of masks in \(compared.count == 1 ? "one image" : "\(compared.count) images"): "
        + "\(percent(summary.share(above: 0.9))) have an IoU above 90 %, \(percent(summary.share(above: 0.75))) above 75 %.",
      provenance: .ofThisRun(
        settings: [
          ("first", first), ("second", second), ("matched by", match.rawValue),
          ("images", drawing.limit.map { "\($0) at most, seed \(drawing.seed)" } ?? "all"),
        ],
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
    var shares = BarChart(
      "Share of pairs", categories: ["IoU above 75 %", "IoU above 90 %"],
      axis: ChartAxis("share", range: 0...1))
    shares.series = [
      BarChart.Series("pairs", values: [0.75, 0.9].map { summary.share(above: $0) }),
      BarChart.Series("of all masks", values: [0.75, 0.9].map { summary.shareOfAll(above: $0) }),
    ]
    shares.published = BarChart.Published("published, SA-1B", values: [[0.97, 0.94]])
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
        ]), .charts([shares, histogram]),
        .published(
          ReportTable(
            "Masks of SA-1B before and after correction by annotators, 500 images, about 50,000 masks",
            columns: ["pairs", "share"],
            rows: [
              ["IoU above 90 %", "94 %"], ["IoU above 75 %", "97 %"],
              ["between annotators, mean IoU", "85-91 %"],
            ]), source: "Segment Anything (arXiv 2304.02643), section 5."),
      ])
    let order = pairsByIoU(compared)
    let shown = min(6, order.count)
    let middle = (order.count - shown) / 2
    for (title, pairs) in [
      ("Least alike", Array(order.prefix(shown))),
      ("In the middle", order.count > 2 * shown ? Array(order[middle..<middle + shown]) : []),
    ] {
      let pictures = pairs.compactMap { picture(compared[$0.image], $0.pair, one, other) }
      if !pictures.isEmpty { page.add(title, [.pictures(pictures)]) }
    }
    return page
  }

  /// All pairs, the least alike first; equal ones in the order of images.
  private func pairsByIoU(_ compared: [ImageQuality]) -> [(image: Int, pair: ImageQuality.Pair)] {
    let pairs = compared.enumerated().flatMap { index, image in image.pairs.map { (image: index, pair: $0) } }
    return pairs.indices.sorted { (pairs[$0].pair.iou, $0) < (pairs[$1].pair.iou, $1) }.map { pairs[$0] }
  }

  /// Both masks of a pair over their picture; nil where that cannot be read.
  private func picture(
    _ image: ImageQuality, _ pair: ImageQuality.Pair, _ one: any DatasetSource, _ other: any DatasetSource
  ) -> ReportPicture? {
    guard let first = try? one.sample(at: image.places.first),
      let second = try? other.sample(at: image.places.second), let picture = try? first.image()
    else { return nil }
    func panel(_ sample: DatasetSample, _ annotation: Int, _ color: Color) -> Image? {
      var overlay = Overlay(picture)
      guard sample.annotations.indices.contains(annotation),
        (try? overlay.add(sample.annotations[annotation].mask.mask, color: color)) != nil
      else { return nil }
      return overlay.image
    }
    guard let before = panel(first, pair.first, .distinct(1)),
      let after = panel(second, pair.second, .distinct(0))
    else { return nil }
    return try? ReportPicture(
      Image(sideBySide: [before, after]),
      caption: "\(image.name), mask \(pair.firstID): IoU \(Decimal.fixed(pair.iou, decimals: 2))",
      description: "The first set's mask and the second's over the picture")
  }
}
