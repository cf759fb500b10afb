import ArgumentParser
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

  @OptionGroup var arguments: RecipeArguments

  func run() throws {
    let recipe = try arguments.recipe()
    guard recipe.pretraining != nil else {
      throw TrainingError.recipe(path: arguments.path, line: nil, .missing("pretraining"))
    }
    try arguments.train(recipe)
  }
}
