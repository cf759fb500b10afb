internal import Yams

/// A mapping of a recipe that is read key by key; keys that nobody asked for are mistakes.
final class RecipeReader {
  let path: String
  private let name: String
  private let values: [String: Node]
  private let line: Int?
  private var asked: Set<String> = []

  /// The whole of a recipe.
  convenience init(text: String, path: String) throws(TrainingError) {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      let text = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
      throw .recipe(path: path, line: nil, .syntax(text))
    }
    try self.init(node ?? Node.mapping([:]), name: "", path: path)
  }

  private init(_ node: Node, name: String, path: String) throws(TrainingError) {
    self.path = path
    self.name = name
    line = node.mark?.line
    guard let mapping = node.mapping else {
      throw .recipe(
        path: path, line: line, .value(key: name.isEmpty ? "the recipe" : name, expected: "a mapping"))
    }
    var values: [String: Node] = [:]
    for (key, value) in mapping {
      if let key = key.string { values[key] = value }
    }
    self.values = values
  }

  private func full(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  private func node(_ key: String) -> Node? {
    asked.insert(key)
    guard let node = values[key], node.null == nil else { return nil }
    return node
  }

  func problem(_ key: String, _ expected: String) -> TrainingError {
    .recipe(path: path, line: values[key]?.mark?.line ?? line, .value(key: full(key), expected: expected))
  }

  func has(_ key: String) -> Bool { values[key] != nil }

  /// A number where the key is there.
  func number(_ key: String, in range: ClosedRange<Double>) throws(TrainingError) -> Double? {
    guard let node = node(key) else { return nil }
    guard let number = node.float ?? node.int.map(Double.init), range.contains(number) else {
      throw problem(key, RecipeReader.words(range))
    }
    return number
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws(TrainingError) -> Int? {
    guard let node = node(key) else { return nil }
    guard let number = node.int, range.contains(number) else {
      throw problem(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// `[from, to]`, or one number for both.
  func range(_ key: String, in range: ClosedRange<Double>) throws(TrainingError) -> ClosedRange<Double>? {
    guard let node = node(key) else { return nil }
    let numbers =
      node.sequence.map { $0.compactMap { $0.float ?? $0.int.map(Double.init) } }
      ?? (node.float ?? node.int.map(Double.init)).map { [$0] } ?? []
    guard let first = numbers.first, let last = numbers.last, numbers.count <= 2, first <= last,
      range.contains(first), range.contains(last),
      node.sequence == nil || node.sequence?.count == numbers.count
    else { throw problem(key, "one number or two in order, each \(RecipeReader.words(range))") }
    return first...last
  }

  /// `[from, to]`, or one whole number for both.
  func wholeRange(_ key: String, in range: ClosedRange<Int>) throws(TrainingError) -> ClosedRange<Int>? {
    guard let node = node(key) else { return nil }
    let nodes = node.sequence.map { Array($0) } ?? [node]
    let numbers = nodes.compactMap(\.int)
    guard numbers.count == nodes.count, (1...2).contains(numbers.count), let first = numbers.first,
      let last = numbers.last, first <= last, range.contains(first), range.contains(last)
    else {
      throw problem(
        key, "one whole number or two in order, each from \(range.lowerBound) to \(range.upperBound)")
    }
    return first...last
  }

  func boolean(_ key: String) throws(TrainingError) -> Bool? {
    guard let node = node(key) else { return nil }
    guard let value = node.bool else { throw problem(key, "true or false") }
    return value
  }

  func text(_ key: String) throws(TrainingError) -> String? {
    guard let node = node(key) else { return nil }
    guard let value = node.string else { throw problem(key, "text") }
    return value
  }

  /// A list of texts, or one text.
  func texts(_ key: String) throws(TrainingError) -> [String]? {
    guard let node = node(key) else { return nil }
    if let text = node.string { return [text] }
    guard let list = node.sequence else { throw problem(key, "a list of texts") }
    let texts = list.compactMap(\.string)
    guard texts.count == list.count else { throw problem(key, "a list of texts") }
    return texts
  }

  func numbers(_ key: String, in range: ClosedRange<Double>? = nil) throws(TrainingError) -> [Double]? {
    guard let node = node(key) else { return nil }
    let expected = "a list of numbers" + (range.map { ", each \(RecipeReader.words($0))" } ?? "")
    guard let list = node.sequence else { throw problem(key, expected) }
    let numbers = list.compactMap { $0.float ?? $0.int.map(Double.init) }
    guard numbers.count == list.count, numbers.allSatisfy({ range?.contains($0) ?? true }) else {
      throw problem(key, expected)
    }
    return numbers
  }

  func integers(_ key: String, count: Int? = nil, in range: ClosedRange<Int>) throws(TrainingError) -> [Int]?
  {
    guard let node = node(key) else { return nil }
    let expected =
      (count.map { "\($0) whole numbers" } ?? "whole numbers")
      + " from \(range.lowerBound) to \(range.upperBound)"
    guard let list = node.sequence, list.count == count ?? list.count else { throw problem(key, expected) }
    let numbers = list.compactMap(\.int)
    guard numbers.count == list.count, numbers.allSatisfy(range.contains) else {
      throw problem(key, expected)
    }
    return numbers
  }

  func mapping(_ key: String) throws(TrainingError) -> RecipeReader? {
    guard let node = node(key) else { return nil }
    return try RecipeReader(node, name: full(key), path: path)
  }

  /// A list of mappings; texts in it stand for a mapping of `shorthand`.
  ///
  /// - Parameter allowsOne: whether a text may stand for a list of itself.
  func mappings(
    _ key: String, shorthand: String? = nil, allowsOne: Bool = false
  ) throws(TrainingError) -> [RecipeReader]? {
    guard let node = node(key) else { return nil }
    let one = allowsOne && node.string != nil ? [node] : nil
    guard let list = one ?? node.sequence.map({ Array($0) }) else { throw problem(key, "a list") }
    var readers: [RecipeReader] = []
    for (index, item) in list.enumerated() {
      var item = item
      if let shorthand, let text = item.string, item.mapping == nil {
        item = Node.mapping(Node.Mapping([(Node(shorthand), Node(text))]))
      }
      readers.append(try RecipeReader(item, name: "\(full(key))[\(index)]", path: path))
    }
    return readers
  }

  func required<Value>(_ key: String, _ value: Value?) throws(TrainingError) -> Value {
    guard let value else { throw .recipe(path: path, line: line, .missing(full(key))) }
    return value
  }

  /// - Throws: where a key is left that nobody asked for.
  func finish() throws(TrainingError) {
    guard let unknown = values.keys.sorted().first(where: { !asked.contains($0) }) else { return }
    throw .recipe(
      path: path, line: values[unknown]?.mark?.line ?? line,
      .unknownKey(full(unknown), known: asked.sorted()))
  }

  private static func words(_ range: ClosedRange<Double>) -> String {
    switch (range.lowerBound.isFinite, range.upperBound < 1e9) {
    case (true, true): "from \(text(range.lowerBound)) to \(text(range.upperBound))"
    case (true, false): "at least \(text(range.lowerBound))"
    default: "a number"
    }
  }

  private static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e9 ? String(Int(number)) : String(number)
  }
}
