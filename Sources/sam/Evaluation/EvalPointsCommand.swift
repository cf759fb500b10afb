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
      datasets. "r" is the correlation of predicted and true IoU at one point.

      Examples:
        sam eval points data/val/*
        sam eval points data/val/* --checkpoint vit_b --json points.json
        sam eval points data/val/balloons --limit 8 --masks-per-image 5 --seed 1

      A sample that cannot be read is reported and left out; the exit code is 1 then.
      """)

  @Argument(
    help:
      "Datasets: folders of images with SA-1B's JSON beside them, and the other forms of docs/formats.md.",
    completion: .directory)
  var folders: [String]

  @OptionGroup var modelOptions: ModelOptions

  @Option(help: ArgumentHelp("Write the numbers to this file.", valueName: "file"), completion: .file())
  var json: String?

  @Option(help: ArgumentHelp("Images drawn from each dataset at most (default: all).", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("Masks drawn from each image at most (default: all).", valueName: "n"))
  var masksPerImage: Int?

  @Option(help: ArgumentHelp("The seed of what --limit and --masks-per-image draw.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp("Draw the first point uniformly from the mask, with this seed.", valueName: "seed"))
  var random: UInt64?

  func validate() throws {
    for (name, value) in [("--limit", limit), ("--masks-per-image", masksPerImage)] {
      if let value, value < 1 { throw ValidationError("\(name) \(value): expected 1 or more") }
    }
    if json == "-" { throw ValidationError("--json -: expected a file") }
  }

  func run() throws {
    var sources: [any DatasetSource] = []
    for folder in folders {
      let source = try openDataset(folder)
      if let index = sources.firstIndex(where: { $0.name == source.name }) {
        throw CommandError.sameName(first: folders[index], second: folder, name: source.name)
      }
      sources.append(source)
    }
    var settings = PointEvaluation.Settings()
    settings.imageLimit = limit
    settings.masksPerImage = masksPerImage
    settings.seed = seed
    settings.randomFirstPoint = random
    let evaluation = PointEvaluation(try modelOptions.load(), settings: settings)

    let counts = sources.map { evaluation.chosenImages(of: $0.count).count }
    let total = counts.reduce(0, +)
    var (before, failed) = (0, 0)
    var progress = ProgressLine("eval points", unit: .images)
    var report = PointReport([])
    for (source, count) in zip(sources, counts) {
      let results = try evaluation.run(source) {
        progress.update(before + $0.images, of: total)
      } skipped: { error in
        failed += 1
        progress.clear()
        Console.note("sam: \(error)")
      }
      before += count
      report.datasets.append((source.name, PointSummary(results)))
    }
    progress.clear()
    try Console.print(table(report))
    if let json { try report.write(to: json) }
    if failed > 0 { throw CommandError.someFailed(failed: failed, of: total) }
  }

  private func table(_ report: PointReport) -> String {
    var table = Table([
      "dataset": .left, "images": .right, "masks": .right, "1": .right, "oracle": .right, "2": .right,
      "3": .right, "5": .right, "9": .right, "box": .right, "r": .right,
    ])
    func add(_ name: String, _ summary: PointSummary) {
      func iou(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "-" }
        return Decimal.fixed(value, decimals: 3)
      }
      let points = PointReport.shownCounts.map { iou(summary.points($0)) }
      table.add(
        name, String(summary.images), String(summary.masks), points[0], iou(summary.oracle), points[1],
        points[2], points[3], points[4], iou(summary.box), iou(summary.iouCorrelation))
    }
    for (name, summary) in report.datasets { add(name, summary) }
    if report.datasets.count > 1 { add("mean", report.mean) }
    return table.text
  }
}
