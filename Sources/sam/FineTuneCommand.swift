import ArgumentParser
import Modeling
import SegmentAnything
import Tensors
import Training

/// `sam finetune DATA… -o FOLDER`: a model learns one's own kind of picture.
struct FineTuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Fine-tune a model on pictures with masks.",
    discussion: """
      DATA is what 'sam train' takes: an SA-1B folder or shard, a COCO file, a folder of pictures and masks. The folder gets the recipe that \
      this makes, to be changed and run with 'sam train', and model.safetensors for --checkpoint.

      Examples:
        sam finetune leaves -o runs/leaves
        sam finetune leaves -o runs/leaves --checkpoint vit_b.pth --part lora --validate leaves-held-out
      """)

  @Argument(help: ArgumentHelp("Datasets.", valueName: "data"), completion: .directory)
  var data: [String]

  @Option(
    help: ArgumentHelp(
      "The folder of the pictures, where they do not lie beside the masks or the COCO file.",
      valueName: "folder"),
    completion: .directory)
  var pictures: String?

  @OptionGroup var options: RunOptions

  @OptionGroup var model: ModelOptions

  @Option(
    help:
      "What is learned: decoder (on embeddings computed once), lora (the encoder by low-rank changes), all.")
  var part: FineTunedPart = .decoder

  @Option(help: ArgumentHelp("Images seen in all, each as often as it comes.", valueName: "n"))
  var images = 2000

  @Option(help: ArgumentHelp("Images of a step.", valueName: "n"))
  var batch = 4

  @Option(help: "Learning rate (default: 0.0005; 0.0001 where everything is learned).")
  var rate: Double?

  @Option(
    name: .customLong("validate"),
    help: ArgumentHelp("A dataset to measure on as it goes; may be given again.", valueName: "data"))
  var validation: [String] = []

  func validate() throws {
    try options.folder()
    for (name, value) in [("--images", images), ("--batch", batch)]
    where !(1...Int.max / 65536).contains(value) {
      throw ValidationError("\(name) \(value): expected 1 or more")
    }
    if let rate, !(rate > 0 && rate <= 100) {
      throw ValidationError("--rate \(rate): expected a number above 0, at most 100")
    }
  }

  func run() throws {
    let size = try model.load().configuration.imageSize
    let text = Recipe.fineTuning(
      data: data, checkpoint: try model.checkpoint.map(ModelOptions.path(of:)), part: part, size: size,
      images: images, batch: batch, rate: rate, validation: validation, pictures: pictures)
    try options.train(Recipe(text, path: "the recipe"), threads: model.threads)
  }
}
