/// A JSON value to print: keys stay in the order they are written, numbers are short.
package indirect enum JSONText: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A number rounded to so many decimals; null where it is not finite.
  case number(Double, decimals: Int)
  /// A number in the fewest digits that read back as the same one; null where it is not finite.
  case real(Double)
  case string(String)
  case array([JSONText])
  case object([(key: String, value: JSONText)])

  /// The value, or null.
  package static func optional<Value>(_ value: Value?, _ make: (Value) -> JSONText) -> JSONText {
    value.map(make) ?? .null
  }

  /// The document on one line.
  package var line: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value, let decimals):
      value.isFinite ? Decimal.shortest(value, decimals: decimals) : "null"
    case .real(let value):
      value.isFinite ? Decimal.exact(value) : "null"
    case .string(let value): JSONValue.quoted(value)
    case .array(let elements): "[" + elements.map(\.line).joined(separator: ", ") + "]"
    case .object(let members):
      "{" + members.map { JSONValue.quoted($0.key) + ": " + $0.value.line }.joined(separator: ", ") + "}"
    }
  }
}
