import ArgumentParser

/// `sam train RECIPE.yml`: runs a recipe, or goes on with one.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model by a recipe; resumes where it was stopped.",
    discussion: """
      The run's folder gets the recipe, a log (JSON lines), the state to resume from, and the model after each stage. Ctrl-C \
      saves and stops (exit code 130); the same command goes on. Built with the package trait MPI, 'mpirun -np N sam train …' shares the work.

      Examples:
        sam train Recipes/nano.yml -o runs/nano
        sam train Recipes/vit_b.yml --trial 2
      """)

  @OptionGroup var arguments: RecipeArguments

  func run() throws {
    try arguments.train(arguments.recipe())
  }
}
