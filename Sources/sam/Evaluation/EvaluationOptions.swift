import ArgumentParser
import Evaluation

/// The options of evaluations that go through images with a model.
struct EvaluationOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp(
      "Keep each image's result in this folder, so that an interrupted run goes on where it was.",
      valueName: "folder"), completion: .directory)
  var out: String?

  @Option(help: ArgumentHelp("Images drawn from each dataset at most (default: all).", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("The seed of all that is drawn.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Take embeddings of images from this folder (FOLDER/DATASET/NAME.embedding), and keep there what is not.",
      valueName: "folder"), completion: .directory)
  var embeddings: String?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit \(limit): expected 1 or more") }
    for (name, folder) in [("--out", out), ("--embeddings", embeddings)] where folder == "-" {
      throw ValidationError("\(name) -: expected a folder")
    }
  }
}

/// Where an evaluation's numbers go besides the terminal.
struct ResultOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the numbers to this file.", valueName: "file"), completion: .file())
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Write a report with charts and pictures to this file, a web page.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var report: String?

  func validate() throws {
    for (name, file) in [("--json", json), ("--report", report)] where file == "-" {
      throw ValidationError("\(name) -: expected a file")
    }
  }
}
