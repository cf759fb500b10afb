import ArgumentParser
import Files
import Tensors
import Training

/// The options of every command that trains.
struct RunOptions: ParsableArguments {
  @Option(name: [.short, .long], help: ArgumentHelp("The run's folder.", valueName: "folder"))
  var output: String?

  @Flag(help: "Refuse to go on with a run that is in the folder.")
  var fresh = false

  /// Runs a recipe, or goes on with it, and shows how it goes.
  ///
  /// - Parameter threads: used at most; nil for all processors.
  func train(_ recipe: Recipe, threads: Int?) throws {
    let output = try folder()
    let group = try launchedProcesses()
    let stop = StopSignal()
    let display = TrainingDisplay()
    defer { display.clear() }
    if recipe.roundsProducts, !Compute.multipliesTiles, group.rank == 0 {
      Console.note(
        "precision: bfloat16: this processor multiplies no tiles of it; products stay in single precision")
    }
    let trainer = Trainer(
      recipe, folder: RunFolder(output), threads: threads ?? Compute.processorCount, group: group)
    let isDone = try trainer.run(resumes: !fresh, isStopped: { stop.isRaised }) { display.show($0) }
    try group.finish()
    if group.rank == 0 { display.finish(isDone: isDone, folder: output) }
    // As after other work that Ctrl-C has stopped: what follows in a script needs the model.
    if !isDone { throw ExitCode(130) }
  }
}

extension RunOptions {
  /// The run's folder.
  @discardableResult
  func folder() throws -> String {
    guard let output else { throw ValidationError("Missing expected argument '--output <folder>'") }
    return output
  }
}

/// A recipe's file, and how it is run.
struct RecipeArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("The recipe, a YAML file.", valueName: "recipe"), completion: .file())
  var path: String

  @OptionGroup var run: RunOptions

  @Option(help: ArgumentHelp("Threads to use at most (default: all processors).", valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Only find what the recipe costs here, in memory and time, by so many steps of each stage on few images; writes nothing.",
      valueName: "steps"))
  var trial: Int?

  func validate() throws {
    if let trial, trial < 1 { throw ValidationError("--trial \(trial): expected 1 or more") }
    if trial == nil { try run.folder() }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024")
    }
  }

  func recipe() throws -> Recipe {
    try Recipe(MappedFile(path: path).withBytes { String(decoding: $0, as: UTF8.self) }, path: path)
  }

  /// Runs a recipe, or tries it.
  func train(_ recipe: Recipe) throws {
    guard let trial else { return try run.train(recipe, threads: threads) }
    let display = TrainingDisplay()
    defer { display.clear() }
    let trials = try Trainer(recipe, folder: RunFolder(""), threads: threads ?? Compute.processorCount)
      .trial(steps: trial) { display.show($0) }
    print(TrialReport(trials).text)
  }
}
