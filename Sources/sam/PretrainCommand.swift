import ArgumentParser
import Files
import Training

/// `sam pretrain RECIPE.yml`: the image encoder learns from pictures without masks.
struct PretrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Pre-train an image encoder on pictures without masks (masked autoencoding).",
    discussion: """
      Takes a recipe with a part 'pretraining', and any folders of pictures as its data. model.safetensors in the run's folder is the encoder; \
      'model.encoder' of another recipe begins with it.

      Example:
        sam pretrain Recipes/nano-pretraining.yml -o runs/encoder
      """)

  @Argument(help: ArgumentHelp("The recipe, a YAML file.", valueName: "recipe"), completion: .file())
  var recipe: String

  @Option(name: [.short, .long], help: ArgumentHelp("The run's folder.", valueName: "folder"))
  var output: String

  @Option(help: "Threads to use; all cores by default.")
  var threads: Int?

  @Flag(help: "Refuse to go on with a run that is in the folder.")
  var fresh = false

  func run() throws {
    let text = try MappedFile(path: recipe).withBytes { String(decoding: $0, as: UTF8.self) }
    guard try Recipe(text, path: recipe).pretraining != nil else {
      throw TrainingError.recipe(path: recipe, line: nil, .missing("pretraining"))
    }
    try TrainCommand.train(text, path: recipe, output: output, threads: threads, fresh: fresh)
  }
}
