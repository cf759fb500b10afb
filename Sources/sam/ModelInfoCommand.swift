import ArgumentParser
import Checkpoints
import SegmentAnything

/// `sam model info`: what is in a checkpoint, or in the model inside.
struct ModelInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Show what a checkpoint holds: kind, sizes, parameters, fingerprint, terms.",
    discussion: """
      Examples:
        sam model info                          (the model inside)
        sam model info sam_vit_b_01ec64.pth
        sam model info vit_b --json
      """)

  @Argument(
    help: "A checkpoint file, or the name of a downloaded one (default: the model inside).",
    completion: .file())
  var file: String?

  @Flag(help: "Print a JSON object.")
  var json = false

  func run() throws {
    let facts: ModelFacts
    if let file {
      let path = try ModelOptions.path(of: file)
      let model = try SAM(checkpoint: path)
      // Opened once more, for what a loaded model no longer knows: mapping is quick.
      let checkpoint = try Checkpoint(contentsOfFile: path)
      facts = ModelFacts(model, format: checkpoint.format, naming: try RecognizedModel(checkpoint).naming)
    } else {
      facts = ModelFacts(try SAM.embedded(), format: .safetensors, naming: .official)
    }
    try Console.print(json ? facts.json : facts.text)
  }
}
