import Files
import SegmentAnything

/// A file of prompts: for the image named on the command line, or for many images (docs/formats.md, "Prompts").
struct PromptFile {
  /// The prompts for one image.
  struct Entry {
    /// The image's path as written; nil where the command line names the image.
    var image: String?
    var prompts: [PromptRequest]
  }

  /// One entry for each image, or a single one without an image.
  let entries: [Entry]

  /// Reads a file's bytes.
  ///
  /// - Parameter name: what errors call it.
  /// - Throws: ``PromptFileError``, with the line and column.
  init(_ bytes: [UInt8], name: String) throws(PromptFileError) {
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(JSONScanner.Failure) in
        var reader = Reader(scanner: JSONScanner(buffer))
        return try reader.document()
      }
    }
    do {
      entries = try result.get()
    } catch {
      throw PromptFileError(file: name, bytes: bytes, failure: error)
    }
  }
}

/// What is wrong with a file of prompts, and where.
struct PromptFileError: Error, Equatable, CustomStringConvertible {
  var file: String
  /// Counted from 1.
  var line: Int
  /// Counted from 1, in bytes.
  var column: Int
  var problem: String

  init(file: String, bytes: [UInt8], failure: JSONScanner.Failure) {
    self.file = file
    let before = bytes.prefix(failure.offset)
    line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    column = 1 + before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
    problem = failure.problem
  }

  var description: String { "\(file): line \(line), column \(column): \(problem)" }
}

// MARK: - Reading

private struct Reader {
  typealias Failure = JSONScanner.Failure

  var scanner: JSONScanner

  /// A list of prompts or of images with prompts, or one of them without the brackets.
  mutating func document() throws(Failure) -> [PromptFile.Entry] {
    var entries: [PromptFile.Entry] = []
    var prompts: [PromptRequest] = []
    func take(_ scanner: inout JSONScanner) throws(Failure) {
      let start = Self.position(&scanner)
      switch try Self.element(&scanner) {
      case .image(let entry): entries.append(entry)
      case .prompt(let prompt): prompts.append(prompt)
      }
      if !entries.isEmpty && !prompts.isEmpty {
        throw start.failure("a list holds prompts, or images with prompts, not both")
      }
    }
    guard let first = scanner.peek() else { throw scanner.failure("no prompts") }
    if first == UInt8(ascii: "[") {
      try scanner.array { (scanner) throws(Failure) in try take(&scanner) }
    } else {
      try take(&scanner)
    }
    try scanner.expectEnd()
    if !prompts.isEmpty { return [PromptFile.Entry(image: nil, prompts: prompts)] }
    guard !entries.isEmpty else { throw scanner.failure("no prompts") }
    return entries
  }

  /// The scanner as it stands before the next value, to point there later.
  static func position(_ scanner: inout JSONScanner) -> JSONScanner {
    _ = scanner.peek()
    return scanner
  }

  enum Element {
    case prompt(PromptRequest)
    case image(PromptFile.Entry)
  }

  static func element(_ scanner: inout JSONScanner) throws(Failure) -> Element {
    var image: String?
    var prompts: [PromptRequest]?
    var prompt = PromptRequest()
    var seen: Set<String> = []
    let start = position(&scanner)
    try scanner.object { (scanner, key) throws(Failure) in
      guard seen.insert(key).inserted else { throw scanner.failure("'\(key)' occurs twice") }
      switch key {
      case "image": image = try scanner.string()
      case "prompts":
        var list: [PromptRequest] = []
        try scanner.array { (scanner) throws(Failure) in
          let start = position(&scanner)
          guard case .prompt(let prompt) = try element(&scanner) else {
            throw start.failure("a prompt has no 'image' or 'prompts'")
          }
          list.append(prompt)
        }
        prompts = list
      case "name": prompt.name = try scanner.string()
      case "points": prompt.points = try points(&scanner)
      case "box": prompt.box = try box(&scanner)
      case "mask": prompt.mask = try scanner.string()
      case "multimask": prompt.multimask = try truth(&scanner)
      default:
        throw scanner.failure(
          "unknown key '\(key)'; a prompt has name, points, box, mask, multimask; an image has image, prompts"
        )
      }
    }
    if image != nil || prompts != nil {
      guard let image, let prompts else { throw start.failure("an image needs both 'image' and 'prompts'") }
      guard seen.count == 2 else { throw start.failure("an image has only 'image' and 'prompts'") }
      guard !prompts.isEmpty else { throw start.failure("an image without prompts") }
      return .image(PromptFile.Entry(image: image, prompts: prompts))
    }
    guard !prompt.points.isEmpty || prompt.box != nil || prompt.mask != nil else {
      throw start.failure("a prompt without points, box or mask")
    }
    return .prompt(prompt)
  }

  static func points(_ scanner: inout JSONScanner) throws(Failure) -> [PointPrompt] {
    var points: [PointPrompt] = []
    try scanner.array { (scanner) throws(Failure) in
      let start = position(&scanner)
      let values = try numbers(&scanner)
      guard values.count == 2 || values.count == 3 else {
        throw start.failure("a point is [x, y] or [x, y, label]")
      }
      let label: PointPrompt.Label =
        switch values.count == 3 ? values[2] : 1 {
        case 1: .foreground
        case 0: .background
        default: throw start.failure("a label is 1 (on the object) or 0 (not on it)")
        }
      points.append(PointPrompt(values[0], values[1], label))
    }
    return points
  }

  static func box(_ scanner: inout JSONScanner) throws(Failure) -> Box {
    let start = position(&scanner)
    let values = try numbers(&scanner)
    guard values.count == 4 else { throw start.failure("a box is [x0, y0, x1, y1]") }
    return Box(values[0], values[1], values[2], values[3])
  }

  static func numbers(_ scanner: inout JSONScanner) throws(Failure) -> [Float] {
    var values: [Float] = []
    try scanner.array { (scanner) throws(Failure) in
      let start = position(&scanner)
      let value = Float(try scanner.number())
      guard value.isFinite else { throw start.failure("a number beyond all bounds") }
      values.append(value)
    }
    return values
  }

  static func truth(_ scanner: inout JSONScanner) throws(Failure) -> Bool {
    if scanner.peek() == UInt8(ascii: "f") {
      try scanner.word("false")
      return false
    }
    guard scanner.peek() == UInt8(ascii: "t") else { throw scanner.failure("expected true or false") }
    try scanner.word("true")
    return true
  }
}
