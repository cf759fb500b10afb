import Checkpoints

/// A JSON value to print: keys stay in the order they are written, numbers are short.
indirect enum JSONText {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number rounded to so many decimals; null where it is not finite.
  case number(Double, decimals: Int)
  case string(String)
  case array([JSONText])
  case object([(key: String, value: JSONText)])

  /// The value, or null.
  static func optional<Value>(_ value: Value?, _ make: (Value) -> JSONText) -> JSONText {
    value.map(make) ?? .null
  }

  /// The document on one line.
  var line: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value, let decimals):
      value.isFinite ? Decimal.shortest(value, decimals: decimals) : "null"
    case .string(let value): JSONValue.quoted(value)
    case .array(let elements): "[" + elements.map(\.line).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { JSONValue.quoted($0.key) + ": " + $0.value.line }.joined(separator: ", ") + "}"
    }
  }
}

/// Decimal notation of numbers, without a locale.
enum Decimal {
  /// Exactly so many decimals, as in a table.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, value.magnitude < 1e12 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let digits = String(Int((value.magnitude * scale).rounded()))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && padded.contains { $0 != "0" } ? "-" : ""
    return sign + padded.dropLast(decimals) + (decimals > 0 ? "." + padded.suffix(decimals) : "")
  }

  /// At most so many decimals, without zeros at the end.
  static func shortest(_ value: Double, decimals: Int) -> String {
    var text = fixed(value, decimals: decimals)
    guard decimals > 0, text.contains("."), !text.contains("e") else { return text }
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
