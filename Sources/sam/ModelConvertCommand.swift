import ArgumentParser
import Checkpoints
import SegmentAnything

/// `sam model convert`: writes any checkpoint as one self-contained safetensors file.
struct ModelConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a checkpoint as safetensors with official names, in 32 or 16 bits.",
    discussion: """
      The new file holds the model's configuration as well. With --half weights are rounded to 16 bits: half the \
      size, on disk and in memory, and masks that are the same but for a few pixels. Prints the new file's path.

      Examples:
        sam model convert sam_vit_b_01ec64.pth -o sam_vit_b.safetensors
        sam model convert vit_b --half -o vit_b_half.safetensors
      """)

  @Argument(
    help: "A checkpoint file, or the name of a downloaded one.", completion: .file())
  var file: String

  @Flag(help: "Round weights to 16-bit floats; norms, biases and the positional encoding stay as they are.")
  var half = false

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
  var output: String

  func validate() throws {
    if output == "-" { throw ValidationError("--output -: expected a file") }
  }

  func run() throws {
    let path = try ModelOptions.path(of: file)
    // A model that cannot be built is not worth converting, and the error says what is missing.
    _ = try SAM(checkpoint: path)
    let checkpoint = try Checkpoint(contentsOfFile: path)
    let model = try RecognizedModel(checkpoint)
    try model.write(to: output, metadata: checkpoint.metadata, half: half)
    try Console.print(output)
  }
}
