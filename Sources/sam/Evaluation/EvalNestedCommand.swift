import ArgumentParser
import Datasets
import Evaluation
import Files
import SegmentAnything

/// `sam eval nested`: whether a point on a part is answered with the part and with its whole.
struct EvalNestedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nested",
    abstract: "How often one point's three masks hold both a part and its whole.",
    discussion: """
      Measured on made scenes of a few large things, which need no files: in each, a point on a part that makes a tenth to six tenths of its \
      whole. Prints the share of scenes where two of the three masks have an IoU of .7 with the part and with the whole.

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
    var table = Table(["scenes": .right, "both": .right, "part": .right, "whole": .right])
    func share(_ values: [Double]) -> String {
      values.isEmpty
        ? "-" : Decimal.fixed(Double(values.count { $0 >= 0.7 }) / Double(values.count), decimals: 3)
    }
    table.add(
      String(result.outcomes.count), Decimal.fixed(result.share(), decimals: 3),
      share(result.outcomes.map(\.partIoU)), share(result.outcomes.map(\.wholeIoU)))
    try Console.print(table.text)
  }
}
