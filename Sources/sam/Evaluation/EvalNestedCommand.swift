import ArgumentParser
import Charts
import Datasets
import Evaluation
import Files
import Imaging
import Reports
import SegmentAnything

/// `sam eval nested`: whether a point on a part is answered with the part and with its whole.
struct EvalNestedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nested",
    abstract: "How often one point's three masks hold both a part and its whole.",
    discussion: """
      Measured on made scenes of a few large things, which need no files: in each, a point on a part that makes a tenth to six tenths of its \
      whole. Prints the share of scenes where two of the three masks have an IoU of .7 with the part and with the whole, \
      those where one of them has it with either, and those where the answer to its box has it.

      Examples:
        sam eval nested
        sam eval nested --checkpoint vit_b --scenes 50 --seed 3
      """)

  @OptionGroup var modelOptions: ModelOptions

  @Option(help: ArgumentHelp("Scenes to measure on.", valueName: "n"))
  var scenes = 200

  @Option(help: ArgumentHelp("The seed of the scenes.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Side of the scenes in pixels.", valueName: "n"))
  var size = 384

  @OptionGroup var resultOptions: ResultOptions

  func validate() throws {
    guard (1...1_000_000).contains(scenes) else {
      throw ValidationError("--scenes \(scenes): expected 1 to 1000000")
    }
    guard (16...4096).contains(size) else { throw ValidationError("--size \(size): expected 16 to 4096") }
  }

  func run() throws {
    let model = try modelOptions.load()
    // Most scenes have a pair; the search ends for certain.
    let made = SyntheticScenes(
      count: 4 * scenes + 100, width: size, height: size, seed: seed, arrangement: .nested)
    var progress = ProgressLine("eval nested", unit: .images)
    let result = try NestedAmbiguity(model, scenes: made, count: scenes) { progress.update($0, of: scenes) }
    progress.clear()
    var table = Table([
      "scenes": .right, "both": .right, "part": .right, "whole": .right, "part, box": .right,
      "whole, box": .right,
    ])
    func share(_ values: [Double]) -> String {
      values.isEmpty
        ? "-" : Decimal.fixed(Double(values.count { $0 >= 0.7 }) / Double(values.count), decimals: 3)
    }
    table.add(
      String(result.outcomes.count), Decimal.fixed(result.share(), decimals: 3),
      share(result.outcomes.map(\.partIoU)), share(result.outcomes.map(\.wholeIoU)),
      share(result.outcomes.map(\.partBoxIoU)), share(result.outcomes.map(\.wholeBoxIoU)))
    try Console.print(table.text)
    try resultOptions.write {
      json(result).line + "\n"
    } report: {
      try page(result, made, model)
    }
  }

  private static let threshold = 0.7

  private func json(_ result: NestedAmbiguity) -> JSONText {
    .object([
      ("scenes", .integer(result.outcomes.count)), ("seed", .string(String(seed))), ("size", .integer(size)),
      ("threshold", .real(Self.threshold)), ("both", .real(result.share(threshold: Self.threshold))),
      (
        "outcomes",
        .array(
          result.outcomes.map {
            .object([
              ("scene", .integer($0.scene)), ("part_iou", .real($0.partIoU)),
              ("whole_iou", .real($0.wholeIoU)), ("part_box_iou", .real($0.partBoxIoU)),
              ("whole_box_iou", .real($0.wholeBoxIoU)),
            ])
          })
      ),
    ])
  }

  // MARK: - Report

  private func page(_ result: NestedAmbiguity, _ scenes: SyntheticScenes, _ model: SAM) throws -> Report {
    let outcomes = result.outcomes
    let share =
      outcomes.isEmpty
      ? "-" : Decimal.fixed(result.share(threshold: Self.threshold) * 100, decimals: 1) + " %"
    func boxed(_ iou: KeyPath<NestedAmbiguity.Outcome, Double>) -> String {
      "\(outcomes.count { $0[keyPath: iou] >= Self.threshold }) of \(outcomes.count) scenes"
    }
    var page = Report(
      "Part and whole from one point",
      summary:
        "On \(share) of \(outcomes.count) scenes two of one point's three masks are the part and its whole.",
      provenance: .ofThisRun(
        model: model,
        settings: [("seed", "\(seed)"), ("scenes' side", "\(size) px"), ("IoU needed", "\(Self.threshold)")],
        notes: [
          "Scenes are made; what is part of what is known. The point lies on a part that makes a tenth to six tenths of its whole.",
          "From their boxes the part has an IoU of \(Self.threshold) on \(boxed(\.partBoxIoU)), the whole on \(boxed(\.wholeBoxIoU)).",
          "Two different answers are taken for part and whole, so that the smaller IoU is as large as possible.",
        ]))
    var chart = ScatterChart(
      "IoU of the part and of its whole", x: ChartAxis("IoU of the part", range: 0...1),
      y: ChartAxis("IoU of the whole", range: 0...1))
    chart.series = [ScatterChart.Series("scenes", points: outcomes.map { ($0.partIoU, $0.wholeIoU) })]
    page.add("All scenes", [.charts([chart])])
    let order = outcomes.indices.sorted {
      (min(outcomes[$0].partIoU, outcomes[$0].wholeIoU), $0) < (
        min(outcomes[$1].partIoU, outcomes[$1].wholeIoU), $1
      )
    }
    let shown = min(2, order.count)
    let middle = (order.count - shown) / 2
    let chosen = order.suffix(shown).reversed() + order[middle..<middle + shown] + order.prefix(shown)
    let pictures = try chosen.map { try picture(outcomes[$0], scenes, model) }
    if !pictures.isEmpty { page.add("Best, middle and worst", [.pictures(pictures)]) }
    return page
  }

  /// The true part and whole on the left, the answers taken for them on the right.
  private func picture(
    _ outcome: NestedAmbiguity.Outcome, _ scenes: SyntheticScenes, _ model: SAM
  ) throws -> ReportPicture {
    let scene = scenes.scene(at: outcome.scene)
    let answer = try model.predict(
      [.point(Float(outcome.x), Float(outcome.y))], in: model.embed(scene.image), multimask: true)[0]
    func panel(_ whole: Mask, _ part: Mask) throws(ImageError) -> Image {
      var overlay = Overlay(scene.image)
      try overlay.add(whole, color: .distinct(1))
      try overlay.add(part, color: .distinct(0))
      overlay.addPoint(x: Double(outcome.x) + 0.5, y: Double(outcome.y) + 0.5, isForeground: true)
      return overlay.image
    }
    let truth = try panel(scene.masks[outcome.whole].mask, scene.masks[outcome.part].mask)
    let found = try panel(answer.masks[outcome.wholeAnswer], answer.masks[outcome.partAnswer])
    return try ReportPicture(
      Image(sideBySide: [truth, found]),
      caption: "scene \(outcome.scene): part \(Decimal.fixed(outcome.partIoU, decimals: 2)), "
        + "whole \(Decimal.fixed(outcome.wholeIoU, decimals: 2))",
      description: "A part and its whole on the left, the two answers taken for them on the right")
  }
}
