internal import Files

/// SVG elements, written one after the other.
struct SVGText {
  typealias Attribute = (name: String, value: String)

  private(set) var text = ""

  mutating func open(_ element: String, _ attributes: [Attribute] = []) {
    text += Self.tag(element, attributes) + ">\n"
  }

  mutating func close(_ element: String) { text += "</\(element)>\n" }

  /// An element that holds nothing, or text only.
  mutating func add(_ element: String, _ attributes: [Attribute], _ content: String? = nil) {
    text += Self.tag(element, attributes)
    text += content.map { ">\(Markup.escaped($0))</\(element)>\n" } ?? "/>\n"
  }

  private static func tag(_ element: String, _ attributes: [Attribute]) -> String {
    "<" + element + attributes.map { " \($0.name)=\"\(Markup.escaped($0.value))\"" }.joined()
  }

  /// A coordinate.
  static func number(_ value: Double) -> String { Decimal.shortest(value, decimals: 1) }
}
