/// A JSON document as a tree: for configuration files, which are small.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// How deep objects and arrays may be nested.
  package static let maximumDepth = 64

  /// Reads a whole document. A key that occurs twice is an error.
  package init(parsing bytes: UnsafeRawBufferPointer) throws(JSONScanner.Failure) {
    var scanner = JSONScanner(bytes)
    self = try JSONValue(&scanner, depth: 0)
    try scanner.expectEnd()
  }

  /// Reads a whole document from text.
  package init(parsing text: String) throws(JSONScanner.Failure) {
    let result = Array(text.utf8).withUnsafeBytes { bytes in
      Result { () throws(JSONScanner.Failure) in try JSONValue(parsing: bytes) }
    }
    self = try result.get()
  }

  private init(_ scanner: inout JSONScanner, depth: Int) throws(JSONScanner.Failure) {
    guard depth <= JSONValue.maximumDepth else { throw scanner.failure("nested too deeply") }
    switch scanner.peek() {
    case UInt8(ascii: "{"):
      var members: [String: JSONValue] = [:]
      try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
        guard members[key] == nil else { throw scanner.failure("a key occurs twice") }
        members[key] = try JSONValue(&scanner, depth: depth + 1)
      }
      self = .object(members)
    case UInt8(ascii: "["):
      var elements: [JSONValue] = []
      try scanner.array { (scanner) throws(JSONScanner.Failure) in
        elements.append(try JSONValue(&scanner, depth: depth + 1))
      }
      self = .array(elements)
    case UInt8(ascii: "\""):
      self = .string(try scanner.string())
    case UInt8(ascii: "t"):
      try scanner.word("true")
      self = .bool(true)
    case UInt8(ascii: "f"):
      try scanner.word("false")
      self = .bool(false)
    case UInt8(ascii: "n"):
      try scanner.word("null")
      self = .null
    default:
      self = .number(try scanner.number())
    }
  }

  /// The member of that name, where this is an object that has it.
  package subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  /// The value as a whole number.
  package var integer: Int? {
    guard case .number(let value) = self else { return nil }
    return Int(exactly: value)
  }

  /// The value as a number.
  package var real: Double? {
    guard case .number(let value) = self else { return nil }
    return value
  }

  /// The value as a list of whole numbers.
  package var integers: [Int]? {
    guard case .array(let elements) = self else { return nil }
    let numbers = elements.compactMap(\.integer)
    return numbers.count == elements.count ? numbers : nil
  }

  /// The value as a list of numbers.
  package var reals: [Double]? {
    guard case .array(let elements) = self else { return nil }
    let numbers = elements.compactMap(\.real)
    return numbers.count == elements.count ? numbers : nil
  }

  /// The value as text.
  package var text: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }
}

extension JSONValue {
  /// Text as a JSON string.
  package static func quoted(_ text: String) -> String {
    // Byte by byte: run lengths are long texts.
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    bytes.reserveCapacity(text.utf8.count + 2)
    func escape(_ character: Unicode.Scalar) { bytes += [UInt8(ascii: "\\"), UInt8(ascii: character)] }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): escape("\"")
      case UInt8(ascii: "\\"): escape("\\")
      case UInt8(ascii: "\n"): escape("n")
      case UInt8(ascii: "\r"): escape("r")
      case UInt8(ascii: "\t"): escape("t")
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }
}
