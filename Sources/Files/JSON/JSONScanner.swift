/// Reads JSON (RFC 8259) piece by piece from bytes that may be hostile: strict, without recursion of its
/// own, and without memory beyond the strings it returns.
///
/// A checkpoint's header and a dataset's annotations are read with it directly, so that a file of 100 MB never becomes a
/// tree.
package struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  /// The next byte.
  package private(set) var position = 0

  /// A scanner at the first byte, or at another one.
  package init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// What is wrong, and at which byte.
  package struct Failure: Error, Sendable, Equatable {
    /// What was expected or found.
    package let problem: String
    /// The byte it was expected at.
    package let offset: Int
  }

  /// An error at the present byte.
  package func failure(_ problem: String) -> Failure { Failure(problem: problem, offset: position) }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// The next byte that is not white space, not taken.
  package mutating func peek() -> UInt8? {
    skipSpace()
    return current
  }

  /// Takes `character` if it comes next.
  package mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Takes `character`, which must come next.
  package mutating func expect(_ character: Unicode.Scalar) throws(Failure) {
    guard take(character) else { throw failure("expected '\(character)'") }
  }

  /// Throws unless only white space is left.
  package mutating func expectEnd() throws(Failure) {
    guard peek() == nil else { throw failure("something follows the end") }
  }

  /// Calls `member` for each key of the object that comes next; it must take the value.
  package mutating func object(
    _ member: (inout JSONScanner, String) throws(Failure) -> Void
  ) throws(Failure) {
    try expect("{")
    if take("}") { return }
    repeat {
      let key = try string()
      try expect(":")
      try member(&self, key)
    } while take(",")
    try expect("}")
  }

  /// Calls `element` for each element of the array that comes next; it must take the value.
  package mutating func array(_ element: (inout JSONScanner) throws(Failure) -> Void) throws(Failure) {
    try expect("[")
    if take("]") { return }
    repeat { try element(&self) } while take(",")
    try expect("]")
  }

  /// Takes a string.
  package mutating func string() throws(Failure) -> String {
    try expect("\"")
    let start = position
    while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    var text = [UInt8](bytes[start..<position])
    while true {
      guard let byte = current else { throw failure("a string does not end") }
      guard byte >= 0x20 else { throw failure("a control character in a string") }
      position += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &text)
      } else {
        text.append(byte)
      }
    }
    guard let result = String(validating: text, as: UTF8.self) else {
      throw Failure(problem: "a string is not UTF-8", offset: start)
    }
    return result
  }

  private mutating func escape(into text: inout [UInt8]) throws(Failure) {
    guard let byte = current else { throw failure("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if 0xD800..<0xDC00 ~= code {
        guard current == UInt8(ascii: "\\") else { throw failure("half of a surrogate pair") }
        position += 1
        guard current == UInt8(ascii: "u") else { throw failure("half of a surrogate pair") }
        position += 1
        let low = try hexadecimal()
        guard 0xDC00..<0xE000 ~= low else { throw failure("half of a surrogate pair") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw failure("half of a surrogate pair") }
      text.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw failure("an unknown escape")
    }
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw failure("expected four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Takes an integer from zero up: a size or an offset.
  package mutating func size() throws(Failure) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !tooLarge, !overflow else { throw failure("a number beyond all bounds") }
      value = sum
      position += 1
    }
    guard position > start else { throw failure("expected a whole number") }
    guard position == start + 1 || bytes[start] != UInt8(ascii: "0") else { throw failure("a leading zero") }
    return value
  }

  /// Takes a number.
  package mutating func number() throws(Failure) -> Double {
    let text = try numberText()
    if let value = Self.short(text) { return value }
    guard text.count <= 1024, let value = Double(String(decoding: text, as: UTF8.self)) else {
      throw failure("a number beyond all bounds")
    }
    return value
  }

  /// Takes a number as it is written.
  private mutating func numberText() throws(Failure) -> Slice<UnsafeRawBufferPointer> {
    skipSpace()
    let start = position
    func isDigit(_ byte: UInt8?) -> Bool {
      byte.map { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") } ?? false
    }
    func digits() throws(Failure) {
      guard isDigit(current) else { throw failure("expected a digit") }
      while isDigit(current) { position += 1 }
    }
    if current == UInt8(ascii: "-") { position += 1 }
    let first = position
    try digits()
    guard position == first + 1 || bytes[first] != UInt8(ascii: "0") else { throw failure("a leading zero") }
    if current == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return bytes[start..<position]
  }

  /// A number of at most 15 digits without an exponent, as most are: digits and power of ten are then exact, and their
  /// quotient is rounded once, as it should be.
  private static func short(_ text: Slice<UnsafeRawBufferPointer>) -> Double? {
    guard text.count <= 16 else { return nil }
    var digits: Int64 = 0
    var count = 0
    var scale = 1.0
    var isFraction = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        digits = digits * 10 + Int64(byte & 15)
        count += 1
        if isFraction { scale *= 10 }
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "-"): continue
      default: return nil
      }
    }
    guard count <= 15 else { return nil }
    let value = Double(digits) / scale
    return text.first == UInt8(ascii: "-") ? -value : value
  }

  /// Takes the value that comes next, whatever it is, and keeps nothing of it. Nesting is followed without recursion.
  ///
  /// - Parameter maximumDepth: how deep objects and arrays may be nested.
  package mutating func skipValue(maximumDepth: Int = 64) throws(Failure) {
    // The closing brackets that are still to come.
    var open: [Unicode.Scalar] = []
    while true {
      if take("{") {
        guard open.count < maximumDepth else { throw failure("nested too deeply") }
        if !take("}") {
          open.append("}")
          try skipKey()
          continue
        }
      } else if take("[") {
        guard open.count < maximumDepth else { throw failure("nested too deeply") }
        if !take("]") {
          open.append("]")
          continue
        }
      } else {
        try skipScalar()
      }
      // A value is complete: what it is in goes on or ends.
      while let bracket = open.last, !take(",") {
        try expect(bracket)
        open.removeLast()
      }
      guard let bracket = open.last else { return }
      if bracket == "}" { try skipKey() }
    }
  }

  private mutating func skipKey() throws(Failure) {
    try skipString()
    try expect(":")
  }

  private mutating func skipScalar() throws(Failure) {
    switch peek() {
    case UInt8(ascii: "\""): try skipString()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: _ = try numberText()
    }
  }

  /// Takes a string without looking into its escapes.
  private mutating func skipString() throws(Failure) {
    try expect("\"")
    while let byte = current {
      position += 1
      if byte == UInt8(ascii: "\"") { return }
      guard byte >= 0x20 else { throw failure("a control character in a string") }
      if byte == UInt8(ascii: "\\") { position += 1 }
    }
    throw failure("a string does not end")
  }

  /// Takes `word`, such as `true`, `false` or `null`.
  package mutating func word(_ word: StaticString) throws(Failure) {
    skipSpace()
    let rest = UnsafeRawBufferPointer(rebasing: bytes[min(position, bytes.count)...])
    guard rest.starts(with: word) else { throw failure("expected a value") }
    position += word.utf8CodeUnitCount
  }
}
