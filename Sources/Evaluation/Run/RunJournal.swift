package import Files

/// What an evaluation has measured so far, image by image, so that an interrupted one goes on where it was.
///
/// A file of JSON lines: first what was measured and how, then for each dataset how many images it has, then a line for each image.
///
/// ```
/// {"evaluation": "points", "settings": {"model": "3f…", "points": 9}}
/// {"dataset": "balloons", "images": 14}
/// {"dataset": "balloons", "image": "1234", "result": {…}}
/// ```
///
/// What is read back is what was written, to the last bit: a resumed evaluation comes to the same numbers.
package final class RunJournal {
  /// The file's name in its folder.
  package static let fileName = "results.jsonl"

  private struct Key: Hashable {
    let dataset: String, image: String
  }

  private let file: JSONLinesFile
  private var datasets: [String: Int] = [:]
  private var results: [Key: JSONValue] = [:]

  /// Opens the journal of a folder, which is made where there is none.
  ///
  /// - Parameters:
  ///   - folder: where `results.jsonl` is.
  ///   - evaluation: what is measured.
  ///   - settings: all that an image's result depends on besides the image.
  /// - Throws: ``EvaluationError/madeOtherwise(path:setting:there:here:)`` where the journal is of another evaluation.
  package init(
    folder: String, evaluation: String, settings: [(key: String, value: JSONText)]
  ) throws(EvaluationError) {
    let path = folder + (folder.hasSuffix("/") ? "" : "/") + Self.fileName
    do throws(FileError) { try Folder.make(folder) } catch { throw .file(error) }
    do throws(JSONLinesFile.Failure) {
      file = try JSONLinesFile(path: path)
    } catch {
      switch error {
      case .file(let error): throw .file(error)
      case .damaged(let path, let line): throw .damagedJournal(path: path, line: line)
      }
    }
    guard let first = file.values.first else {
      try append(.object([("evaluation", .string(evaluation)), ("settings", .object(settings))]))
      return
    }
    try check(first, evaluation, settings)
    for (number, line) in file.values.enumerated().dropFirst() {
      guard let dataset = line["dataset"]?.text else { throw .damagedJournal(path: path, line: number + 1) }
      if let image = line["image"]?.text, let result = line["result"] {
        results[Key(dataset: dataset, image: image)] = result
      } else if let images = line["images"]?.integer {
        datasets[dataset] = images
      } else {
        throw .damagedJournal(path: path, line: number + 1)
      }
    }
  }

  private func check(
    _ first: JSONValue, _ evaluation: String, _ settings: [(key: String, value: JSONText)]
  ) throws(EvaluationError) {
    guard let there = first["evaluation"]?.text, let kept = first["settings"] else {
      throw .damagedJournal(path: file.path, line: 1)
    }
    func difference(_ name: String, _ there: String, _ here: String) -> EvaluationError {
      .madeOtherwise(path: file.path, setting: name, there: there, here: here)
    }
    guard there == evaluation else { throw difference("evaluation", there, evaluation) }
    for (key, value) in settings {
      guard let here = try? JSONValue(parsing: value.line) else { continue }
      let there = kept[key] ?? .null
      guard there == here else { throw difference(key, there.shortText, here.shortText) }
    }
    guard case .object(let members) = kept else { throw .damagedJournal(path: file.path, line: 1) }
    let known = Set(settings.map(\.key))
    if let other = members.keys.filter({ !known.contains($0) }).min() {
      throw difference(other, kept[other]?.shortText ?? "", "none")
    }
  }

  /// How many images have a result.
  package var count: Int { results.count }

  /// Says which dataset is measured now.
  ///
  /// - Throws: ``EvaluationError/madeOtherwise(path:setting:there:here:)`` where the journal knows another dataset of that name.
  package func begin(_ dataset: String, images: Int) throws(EvaluationError) {
    if let there = datasets[dataset] {
      guard there == images else {
        throw .madeOtherwise(
          path: file.path, setting: "images of \(dataset)", there: "\(there)", here: "\(images)")
      }
      return
    }
    datasets[dataset] = images
    try append(.object([("dataset", .string(dataset)), ("images", .integer(images))]))
  }

  /// What was measured of an image; nil for one that is still to do.
  package func result(_ dataset: String, _ image: String) -> JSONValue? {
    results[Key(dataset: dataset, image: image)]
  }

  /// Keeps what was measured of an image; it is on the disk when this returns.
  package func add(_ dataset: String, _ image: String, _ result: JSONText) throws(EvaluationError) {
    try append(.object([("dataset", .string(dataset)), ("image", .string(image)), ("result", result)]))
  }

  private func append(_ line: JSONText) throws(EvaluationError) {
    do throws(FileError) { try file.append(line) } catch { throw .file(error) }
  }
}

extension JSONValue {
  /// The value as part of a message.
  package var shortText: String {
    switch self {
    case .null: "none"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): Decimal.exact(value)
    case .string(let value): value
    case .array(let values): values.map(\.shortText).joined(separator: ",")
    case .object: "…"
    }
  }
}
