import ArgumentParser
import Datasets
import Evaluation
import Files
import SegmentAnything

/// `sam eval points`: mean IoU from points and boxes.
struct EvalPointsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "points",
    abstract: "Mean IoU from one to nine points, and from a box.",
    discussion: """
      The first point is the mask's innermost pixel, the image's border counting as edge. Each further point is the \
      innermost pixel of what is missing or of what is too much, whichever is deeper. With one point, "1" is the mask \
      of the highest predicted IoU and "oracle" the best of the three; with more points, and with the box alone, it is \
      the model's mask for unambiguous prompts. IoU is averaged over an image's masks, then over images, then over \
      datasets. "r" is the correlation of predicted and true IoU of one point's masks, in the last row of all datasets' masks together, "edge" the boundary IoU at one point; \
      "to .85" and "to .90" are the points needed to reach that IoU, masks that never do counting with the most. Files \
      and reports also have the paper's means, in which every mask of a dataset weighs the same.

      As in the paper, a dataset of more than 15,000 masks is reduced to random images with about 10,000.

      Examples:
        sam eval points data/val/*
        sam eval points data/val/* --checkpoint vit_b --json points.json --report points.html
        sam eval points data/val/balloons --limit 8 --masks-per-image 5 --seed 1
        sam eval points data/val/* -o runs/points --points 20 --box-points 3 --csv masks.csv

      A sample that cannot be read is reported and left out; the exit code is 1 then. With --out, Ctrl-C and the same \
      command again go on where it was.
      """)

  @Argument(
    help:
      "Datasets: folders of images with SA-1B's JSON beside them, and the other forms of docs/formats.md.",
    completion: .directory)
  var folders: [String]

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var runOptions: EvaluationOptions
  @OptionGroup var resultOptions: ResultOptions

  @Option(help: ArgumentHelp("Points given to each mask in all.", valueName: "n"))
  var points = 9

  @Option(help: ArgumentHelp("Points given in addition to the box, after the box alone.", valueName: "n"))
  var boxPoints = 0

  @Option(help: ArgumentHelp("Masks drawn from each image at most (default: all).", valueName: "n"))
  var masksPerImage: Int?

  @Option(
    help: ArgumentHelp("Draw the first point uniformly from the mask, with this seed.", valueName: "seed"))
  var random: UInt64?

  @Flag(help: "Measure all masks of datasets with more than 15,000, too.")
  var allMasks = false

  @Option(
    help: ArgumentHelp("Write every mask's results to this table.", valueName: "file"), completion: .file())
  var csv: String?

  func validate() throws {
    if let masksPerImage, masksPerImage < 1 {
      throw ValidationError("--masks-per-image \(masksPerImage): expected 1 or more")
    }
    guard (1...100).contains(points) else { throw ValidationError("--points \(points): expected 1 to 100") }
    guard (0...100).contains(boxPoints) else {
      throw ValidationError("--box-points \(boxPoints): expected 0 to 100")
    }
    try ResultOptions.requireWritable(csv, "--csv")
  }

  func run() throws {
    let sources = try openDatasets(folders)
    let model = try modelOptions.load()
    let evaluation = PointEvaluation(model, settings: settings)
    let chosen = try sources.map { try images(of: $0) }
    let run = try ImageRun(
      "points", runOptions, model: model, settings: ImageRun.settings(of: settings),
      total: chosen.reduce(0) { $0 + $1.count })
    let embeddings = KeptEmbeddings(model, folder: runOptions.embeddings)
    var measured: [(name: String, images: [ImagePointResults])] = []
    for (source, images) in zip(sources, chosen) {
      measured.append(
        (source.name, try run.points(of: source, images: images, evaluation, embeddings)))
    }
    run.clear()
    let report = PointReport(measured.map { PointReport.Dataset($0.name, $0.images) })
    try Console.print(table(report))
    if let csv { try PointTable.table(measured).write(to: csv) }
    try resultOptions.write {
      report.json
    } report: {
      try PointsPage(
        command: self, model: model, report: report, measured: measured, sources: sources,
        embeddings: embeddings, left: zip(sources, chosen).map { $0.count - $1.count }
      ).page
    }
    try run.finish()
  }

  private var settings: PointEvaluation.Settings {
    var settings = PointEvaluation.Settings()
    settings.pointCount = points
    settings.boxPointCount = boxPoints
    settings.measuresBoundaries = true
    settings.imageLimit = runOptions.limit
    settings.masksPerImage = masksPerImage
    settings.seed = runOptions.seed
    settings.randomFirstPoint = random
    return settings
  }

  /// The images of a dataset that are measured.
  private func images(of source: any DatasetSource) throws -> [Int] {
    guard runOptions.limit == nil, !allMasks else {
      return ImageSelection.drawn(runOptions.limit, of: source.count, seed: runOptions.seed)
    }
    var progress = ProgressLine("counting masks of \(source.name)", unit: .images)
    defer { progress.clear() }
    var masks: [Int] = []
    for index in 0..<source.count {
      // A sample that cannot be read is told of when it is measured.
      masks.append((try? source.sample(at: index))?.annotations.count { !$0.mask.isEmpty } ?? 0)
      progress.update(index + 1, of: source.count)
    }
    guard let subset = ImageSelection.papersSubset(masks: masks, seed: runOptions.seed) else {
      return Array(0..<source.count)
    }
    progress.clear()
    Console.note(
      "\(source.name): \(masks.reduce(0, +)) masks; measuring \(subset.count) random images with "
        + "\(subset.reduce(0) { $0 + masks[$1] }), as the paper does (--all-masks for all)")
    return subset
  }

  private func table(_ report: PointReport) -> String {
    let counts = PointReport.shownCounts.filter { $0 <= points }
    var columns: [(heading: String, alignment: Table.Alignment)] = [("dataset", .left)]
    var headings = ["images", "masks", "1", "oracle"]
    headings += counts.dropFirst().map { String($0) }
    headings.append("box")
    headings += (0..<boxPoints).map { "box+\($0 + 1)" }
    headings += ["r", "edge", "to .85", "to .90"]
    columns += headings.map { ($0, .right) }
    var table = Table(columns)
    func iou(_ value: Double?) -> String {
      guard let value, value.isFinite else { return "-" }
      return Decimal.fixed(value, decimals: 3)
    }
    func add(_ name: String, _ summary: PointSummary, _ measures: PointMeasures) {
      let points = counts.map { iou(summary.points($0)) }
      var row = [name, String(summary.images), String(summary.masks), points[0], iou(summary.oracle)]
      row += points.dropFirst()
      row.append(iou(summary.box))
      row += (0..<boxPoints).map { iou($0 < measures.boxPoints.count ? measures.boxPoints[$0] : nil) }
      row += [iou(summary.iouCorrelation), iou(measures.boundaries.first)]
      row += measures.clicks.map { $0.mean.isFinite ? Decimal.fixed($0.mean, decimals: 2) : "-" }
      table.add(row)
    }
    for dataset in report.datasets { add(dataset.name, dataset.summary, dataset.measures) }
    if report.datasets.count > 1 { add("mean", report.mean, report.meanMeasures) }
    return table.text
  }
}
