import ArgumentParser
import Files

/// Where a run keeps what it has measured.
struct KeepingOptions: ParsableArguments {
  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp(
      "Keep each image's result in this folder, so that an interrupted run goes on where it was.",
      valueName: "folder"), completion: .directory)
  var out: String?

  func validate() throws {
    if out == "-" { throw ValidationError("--out -: expected a folder") }
  }
}

/// Which images of datasets are gone through.
struct DrawingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Images drawn from each dataset at most (default: all).", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("The seed of all that is drawn.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit \(limit): expected 1 or more") }
  }
}

/// The options of evaluations that go through images with a model.
struct EvaluationOptions: ParsableArguments {
  @OptionGroup var keeping: KeepingOptions
  @OptionGroup var drawing: DrawingOptions

  @Option(
    help: ArgumentHelp(
      "Take embeddings of images from this folder (FOLDER/DATASET/NAME.embedding), and keep there what is not.",
      valueName: "folder"), completion: .directory)
  var embeddings: String?

  var out: String? { keeping.out }
  var limit: Int? { drawing.limit }
  var seed: UInt64 { drawing.seed }

  func validate() throws {
    if embeddings == "-" { throw ValidationError("--embeddings -: expected a folder") }
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
    try Self.requireWritable(json, "--json")
    try Self.requireWritable(report, "--report")
  }

  /// Finds out before anything is measured, which may take hours, whether a file can be written where it was asked for.
  static func requireWritable(_ file: String?, _ option: String) throws {
    guard let file else { return }
    if file == "-" { throw ValidationError("\(option) -: expected a file") }
    if Folder.isFolder(file) { throw ValidationError("\(option) \(file): a folder, expected a file") }
    guard let slash = file.lastIndex(of: "/"), slash != file.startIndex else { return }
    if !Folder.isFolder(String(file[..<slash])) {
      throw ValidationError("\(option) \(file): there is no folder \(file[..<slash])")
    }
  }
}
