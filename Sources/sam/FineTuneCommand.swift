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

  @Option(name: [.short, .long], help: ArgumentHelp("The run's folder.", valueName: "folder"))
  var output: String

  @OptionGroup var model: ModelOptions

  @Option(
    help:
      "What is learned: decoder (on embeddings computed once), lora (the encoder by low-rank changes), all.")
  var part: FineTunedPart = .decoder

  @Option(help: "Images seen in all.")
  var images = 2000

  @Option(help: "Images of a step.")
  var batch = 4

  @Option(help: "Learning rate; by default 0.0005, and 0.0001 where everything is learned.")
  var rate: Double?

  @Option(help: ArgumentHelp("A dataset to measure on as it goes; may be given again.", valueName: "data"))
  var validate: [String] = []

  func run() throws {
    let size = try model.load().configuration.imageSize
    let text = Recipe.fineTuning(
      data: data, checkpoint: try model.checkpoint.map(ModelOptions.path), part: part, size: size,
      images: images, batch: batch,
      rate: rate, validation: validate)
    try TrainCommand.train(text, path: "the recipe", output: output, threads: model.threads, fresh: false)
  }
}
