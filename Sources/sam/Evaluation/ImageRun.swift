import ArgumentParser
import Datasets
import Evaluation
import Files
import SegmentAnything

/// Why an image is left out that is not damaged.
struct SkippedImage: Error, CustomStringConvertible {
  let description: String
}

/// Images of datasets measured one after the other: what is done is kept, what is damaged is told and left out, Ctrl-C stops cleanly.
///
/// ```swift
/// let run = try ImageRun("edges", options, model: model, settings: [("points", .integer(16))], total: count)
/// let results = try run.results(of: source, images: chosen) { sample, _ in try measure(sample) }
/// try run.finish()
/// ```
final class ImageRun {
  /// How many images failed; each was reported.
  private(set) var failed = 0

  private let journal: RunJournal?
  private let folder: String?
  private let total: Int
  /// For work that is asked from several threads whether to go on.
  let stop = StopSignal()
  private var progress: ProgressLine
  private var done = 0
  private var keptBefore = 0

  /// Begins a run, or goes on with the one in the folder of `--out`.
  ///
  /// - Parameters:
  ///   - evaluation: the command's name, such as `points`.
  ///   - model: the model that is measured.
  ///   - settings: all else that an image's result depends on.
  ///   - total: images of all datasets that will be gone through.
  convenience init(
    _ evaluation: String, _ options: EvaluationOptions, model: SAM,
    settings: [(key: String, value: JSONText)], total: Int
  ) throws {
    try self.init(
      evaluation, out: options.out, settings: Self.settings(of: model) + settings, total: total)
  }

  /// Begins a run, or goes on with the one in a folder.
  ///
  /// - Parameters:
  ///   - evaluation: what the folder's journal is of.
  ///   - out: the folder; nil where nothing is kept.
  ///   - settings: all that an image's result depends on.
  ///   - total: images of all datasets that will be gone through.
  ///   - title: what the progress line says.
  init(
    _ evaluation: String, out: String?, settings: [(key: String, value: JSONText)], total: Int,
    title: String? = nil
  ) throws {
    self.total = total
    folder = out
    journal = try out.map { try RunJournal(folder: $0, evaluation: evaluation, settings: settings) }
    progress = ProgressLine(title ?? "eval " + evaluation, unit: .images)
  }

  /// What every result depends on that a model has made.
  static func settings(of model: SAM) -> [(key: String, value: JSONText)] {
    [
      ("model", .string(model.info.fingerprint.description)),
      ("image_size", .integer(model.configuration.imageSize)),
      ("precision", .string(model.precision.rawValue)),
    ]
  }

  /// Whether the user wants to stop.
  var isStopped: Bool { stop.isRaised }

  /// Says which dataset comes next.
  func begin(_ source: any DatasetSource) throws { try journal?.begin(source.name, images: source.count) }

  /// What an earlier run measured of an image.
  func kept<Value: KeptResult>(_ dataset: String, _ image: String, as type: Value.Type = Value.self) -> Value?
  {
    journal?.result(dataset, image).flatMap { Value(journal: $0) }
  }

  /// Keeps what was measured of an image.
  func keep(_ dataset: String, _ image: String, _ value: some KeptResult) throws(EvaluationError) {
    try journal?.add(dataset, image, value.journal)
  }

  /// Moves the progress line on.
  ///
  /// - Parameter wasKept: whether the image took no time.
  func advance(wasKept: Bool = false, note: String? = nil) {
    done += 1
    if wasKept { keptBefore += 1 }
    progress.update(done, of: total, skipped: keptBefore, note: note)
  }

  /// Tells of an image that cannot be measured.
  func skip(_ error: any Error) {
    failed += 1
    tell("sam: \(error)")
  }

  /// Says something on standard error.
  func tell(_ text: String) {
    progress.clear()
    Console.note(text)
  }

  /// Measures images of a dataset, one after the other.
  ///
  /// - Parameters:
  ///   - images: positions in the dataset.
  ///   - measure: gets the sample and its position; where it throws a ``DatasetError`` or a ``SkippedImage``,
  ///     the image is told of and left out.
  /// - Returns: names and results, in the order of `images`.
  func results<Value: KeptResult>(
    of source: any DatasetSource, images: [Int], measure: (DatasetSample, Int) throws -> Value
  ) throws -> [(name: String, value: Value)] {
    try begin(source)
    var results: [(name: String, value: Value)] = []
    for image in images {
      try checkStop()
      do {
        let sample = try source.sample(at: image)
        if let kept = kept(source.name, sample.name, as: Value.self) {
          results.append((sample.name, kept))
          advance(wasKept: true)
          continue
        }
        let value = try measure(sample, image)
        try keep(source.name, sample.name, value)
        results.append((sample.name, value))
      } catch let error as DatasetError {
        skip(error)
      } catch EvaluationError.dataset(let error) {
        skip(error)
      } catch let error as SkippedImage {
        skip(error)
      } catch EvaluationError.model(.cancelled) {
        try checkStop()
      } catch SAMError.cancelled {
        try checkStop()
      }
      advance()
    }
    return results
  }

  /// Ends the process's work where the user wants that.
  func checkStop() throws {
    guard isStopped else { return }
    progress.clear()
    Console.note(
      "stopped after \(done) of \(total) images; "
        + (folder == nil ? "with --out the same command would go on" : "the same command goes on"))
    throw ExitCode(130)
  }

  /// Takes the progress line off, so that results can be printed.
  func clear() { progress.clear() }

  /// Tells by an error that images have failed; to be called when everything has been written.
  func finish() throws {
    clear()
    if failed > 0 { throw CommandError.someFailed(failed: failed, of: total) }
  }
}
