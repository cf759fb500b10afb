internal import Files

/// The folder of a training: its recipe, log, state and models. Every file is written whole or not at all.
///
/// | file | content |
/// |---|---|
/// | `recipe.yml` | the recipe as it was given |
/// | `log.jsonl` | a JSON object a line: losses, rates, measurements |
/// | `curves.svg` | the log drawn |
/// | `samples/step-N.png` | validation pictures with true masks and the model's, at each measurement |
/// | `state.safetensors` | what a resumed training goes on from |
/// | `stage-N.safetensors` | the averaged model after stage N, in half precision |
/// | `model.safetensors` | the averaged model at the end, in half precision |
public struct RunFolder: Sendable {
  /// Where it is.
  public let path: String

  /// A folder of that path, which need not exist.
  public init(_ path: String) { self.path = path }

  private func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The recipe as it was given.
  public var recipe: String { file("recipe.yml") }
  /// What happened, a JSON object a line.
  public var log: String { file("log.jsonl") }
  /// The log drawn.
  public var curves: String { file("curves.svg") }
  /// Validation pictures with true masks and the model's after a step.
  public func samples(step: Int) -> String { file("samples/step-\(step).png") }
  /// What a resumed training goes on from.
  public var state: String { file("state.safetensors") }
  /// The model at the end.
  public var model: String { file("model.safetensors") }
  /// The model after a stage, counted from 1.
  public func stage(_ number: Int) -> String { file("stage-\(number).safetensors") }

  /// Whether there is something to resume.
  public var hasState: Bool { FolderListing.kind(of: state) == .file }

  /// Makes the folder and puts the recipe there; or, where a training is in it already, checks that it is of this recipe.
  ///
  /// - Throws: ``TrainingError/otherRecipe(folder:)``, or ``TrainingError/runExists(folder:)`` where nothing was said of resuming.
  func prepare(_ recipe: Recipe, resumes: Bool) throws(TrainingError) {
    guard !hasState || resumes else { throw .runExists(folder: path) }
    let isSame: Bool
    do throws(FileError) {
      try Folder.make(path)
      if hasState {
        isSame = try MappedFile(path: self.recipe).withBytes { $0.elementsEqual(recipe.text.utf8) }
      } else {
        try AtomicFile.write(Array(recipe.text.utf8), to: self.recipe)
        isSame = true
      }
    } catch {
      throw .file(error)
    }
    guard isSame else { throw .otherRecipe(folder: path) }
  }
}

/// A log of JSON objects, one a line, that only grows; what was written after the state that a training resumes from is taken off.
struct TrainingLog {
  private let path: String
  private var lines: [String] = []

  /// - Parameter step: lines of later steps are left out.
  init(_ path: String, upTo step: Int) {
    self.path = path
    guard let file = try? MappedFile(path: path) else { return }
    let text = file.withBytes { String(decoding: $0, as: UTF8.self) }
    for line in text.split(separator: "\n") {
      let line = String(line)
      guard let value = try? JSONValue(parsing: line), let at = value["step"]?.integer, at <= step
      else { continue }
      lines.append(line)
    }
  }

  /// All lines so far.
  var entries: [String] { lines }

  mutating func append(_ line: String) { lines.append(line) }

  func save() throws(FileError) {
    try AtomicFile.write(Array(lines.map { $0 + "\n" }.joined().utf8), to: path)
  }
}
