internal import Checkpoints
internal import Files

/// A value of a reference file in JSON that knows where it stands, so that what is wrong with it can be said.
struct ReferenceValue {
  let value: JSONValue
  let path: String
  /// The way to the value: `prompts[0].point`.
  let place: String

  init(_ value: JSONValue, path: String, place: String = "") {
    self.value = value
    self.path = path
    self.place = place
  }

  func unexpected(_ expected: String) -> VerificationError {
    .value(path: path, place: place, expected: expected)
  }

  /// The member of that name; nil where there is none, or null.
  subscript(optional name: String) -> ReferenceValue? {
    guard let member = value[name], member != .null else { return nil }
    return ReferenceValue(member, path: path, place: place.isEmpty ? name : "\(place).\(name)")
  }

  /// The member of that name, which must be there.
  func member(_ name: String) throws(VerificationError) -> ReferenceValue {
    guard let member = self[optional: name] else { throw unexpected("an object with \"\(name)\"") }
    return member
  }

  /// The members in the order of their names.
  func members() throws(VerificationError) -> [(name: String, value: ReferenceValue)] {
    guard case .object(let members) = value else { throw unexpected("an object") }
    return members.sorted { $0.key.isOrderedNaturally(before: $1.key) }.map { name, value in
      (name, ReferenceValue(value, path: path, place: place.isEmpty ? name : "\(place).\(name)"))
    }
  }

  func elements() throws(VerificationError) -> [ReferenceValue] {
    guard case .array(let elements) = value else { throw unexpected("a list") }
    return elements.enumerated().map { ReferenceValue($1, path: path, place: "\(place)[\($0)]") }
  }

  func integer() throws(VerificationError) -> Int {
    guard let integer = value.integer else { throw unexpected("a whole number") }
    return integer
  }

  /// A whole number within bounds: a size.
  func integer(in range: ClosedRange<Int>) throws(VerificationError) -> Int {
    let integer = try integer()
    guard range.contains(integer) else {
      throw unexpected("between \(range.lowerBound) and \(range.upperBound)")
    }
    return integer
  }

  /// A number; null stands for NaN.
  func number() throws(VerificationError) -> Double {
    switch value {
    case .number(let number): return number
    case .null: return .nan
    default: throw unexpected("a number")
    }
  }

  func text() throws(VerificationError) -> String {
    guard let text = value.text else { throw unexpected("text") }
    return text
  }

  func integers() throws(VerificationError) -> [Int] {
    var result: [Int] = []
    for element in try elements() { result.append(try element.integer()) }
    return result
  }

  /// Whole numbers, so many of them, each within bounds.
  func integers(_ count: Int, in range: ClosedRange<Int>) throws(VerificationError) -> [Int] {
    let elements = try elements()
    guard elements.count == count else { throw unexpected("a list of \(count)") }
    var result: [Int] = []
    for element in elements { result.append(try element.integer(in: range)) }
    return result
  }

  func numbers() throws(VerificationError) -> [Double] {
    var result: [Double] = []
    for element in try elements() { result.append(try element.number()) }
    return result
  }

  func numbers(_ count: Int) throws(VerificationError) -> [Double] {
    let numbers = try numbers()
    guard numbers.count == count else { throw unexpected("a list of \(count) numbers") }
    return numbers
  }

  /// All numbers of a list of lists, at any depth, in order.
  func flatNumbers() throws(VerificationError) -> [Double] {
    guard case .array = value else { return [try number()] }
    var result: [Double] = []
    for element in try elements() { result += try element.flatNumbers() }
    return result
  }

  /// Whether this is the word `true`.
  var isTrue: Bool { value == .bool(true) }

  /// How many lists are around the first number.
  var depth: Int {
    guard case .array(let elements) = value else { return 0 }
    guard let first = elements.first else { return 1 }
    return 1 + ReferenceValue(first, path: path).depth
  }
}

extension String {
  /// Whether this comes first where runs of digits count as numbers: block2 before block10.
  func isOrderedNaturally(before other: String) -> Bool {
    var (a, b) = (Substring(self), Substring(other))
    while let x = a.first, let y = b.first {
      if x.isNumber, y.isNumber {
        let (i, j) = (a.prefix(while: \.isNumber), b.prefix(while: \.isNumber))
        if let m = Int(i), let n = Int(j), m != n { return m < n }
        a = a.dropFirst(i.count)
        b = b.dropFirst(j.count)
      } else {
        if x != y { return x < y }
        a = a.dropFirst()
        b = b.dropFirst()
      }
    }
    return a.isEmpty && !b.isEmpty
  }
}
