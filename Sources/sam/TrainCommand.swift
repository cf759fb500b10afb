import ArgumentParser
import Files
import Tensors
import Training

/// `sam train RECIPE.yml`: runs a recipe, or goes on with one.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model by a recipe; resumes where it was stopped.",
    discussion: """
      The run's folder gets the recipe, a log (JSON lines), the state to resume from, and the model after each stage. Ctrl-C \
      saves and stops; the same command goes on. Built with the package trait MPI, 'mpirun -np N sam train …' shares the work.

      Example:
        sam train Recipes/nano.yml -o runs/nano
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
    try TrainCommand.train(text, path: recipe, output: output, threads: threads, fresh: fresh)
  }

  /// Runs a recipe and shows how it goes.
  static func train(_ text: String, path: String, output: String, threads: Int?, fresh: Bool) throws {
    let group = try launchedProcesses()
    let stop = StopSignal()
    let display = TrainingDisplay()
    defer { display.clear() }
    let trainer = Trainer(
      try Recipe(text, path: path), folder: RunFolder(output), threads: threads ?? Compute.processorCount,
      group: group)
    let isDone = try trainer.run(resumes: !fresh, isStopped: { stop.isRaised }) { display.show($0) }
    try group.finish()
    if group.rank == 0 { display.finish(isDone: isDone, folder: output) }
  }
}
