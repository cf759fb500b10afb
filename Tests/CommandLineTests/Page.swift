import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A report's contents, by an XML reader that is not ours.
final class Page: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  private(set) var text = ""

  /// Nil where the page is not well-formed.
  init?(contentsOfFile path: String) {
    super.init()
    guard let data = FileManager.default.contents(atPath: path) else { return nil }
    let parser = XMLParser(data: data)
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) { elements[name, default: 0] += 1 }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func count(_ name: String) -> Int { elements[name] ?? 0 }
}
