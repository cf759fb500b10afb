import Foundation
import Testing

@testable import Charts

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What an SVG document holds, by an XML reader that is not ours.
private final class Contents: NSObject, XMLParserDelegate {
  var elements: [(name: String, attributes: [String: String])] = []
  var texts: [String] = []
  private var text = ""

  init?(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append((name, attributes))
    text = ""
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if !text.isEmpty { texts.append(text) }
    text = ""
  }

  func paths() -> [String] { elements.filter { $0.name == "path" }.compactMap { $0.attributes["d"] } }
}

@Suite("A line chart")
struct LineChartTests {
  private func chart(_ points: [(Double, Double)], marksPoints: Bool = false) -> LineChart {
    var chart = LineChart("Loss", x: ChartAxis("step"), y: ChartAxis("loss"))
    chart.series = [LineChart.Series("a", points: points, marksPoints: marksPoints)]
    return chart
  }

  @Test("break lines that share a colour with another one")
  func brokenLines() {
    var chart = LineChart("many", x: ChartAxis("x"), y: ChartAxis("y"))
    chart.series = (0..<8).map { LineChart.Series("\($0)", points: [(0, Double($0)), (1, Double($0))]) }
    let lines = chart.svg().split(separator: "\n").filter { $0.contains("class=\"line ") }
    // A line and a sample in the legend for each.
    #expect(lines.count == 16 && lines.filter { $0.contains(" broken\"") }.count == 4)
  }

  @Test("is well-formed whatever it is called, and shows the words as they are")
  func escapes() throws {
    var chart = chart([(0, 1), (1, 2)])
    chart.title = "a < b & \"c\" > 'd' \u{1} ü"
    chart.series.append(LineChart.Series("</svg><script>", points: [(0, 1)]))
    chart.marks = [LineChart.Mark(x: 0.5, label: "<&>")]
    let contents = try #require(Contents(chart.svg()))
    #expect(contents.texts.contains("a < b & \"c\" > 'd'   ü"))
    #expect(contents.texts.contains("</svg><script>"))
    #expect(contents.texts.contains("<&>"))
    #expect(!contents.elements.contains { $0.name == "script" })
  }

  @Test("draws a line from corner to corner of its axes")
  func drawsLine() throws {
    let contents = try #require(Contents(chart([(0, 0), (50, 5), (100, 10)]).svg(width: 400, height: 300)))
    let inner = try #require(contents.elements.last { $0.name == "svg" }).attributes
    let box = try #require(inner["viewBox"]).split(separator: " ").compactMap { Double($0) }
    let (width, height) = (box[2] + 2 * box[0], box[3] + 2 * box[1])
    let path = try #require(contents.paths().first)
    #expect(path.hasPrefix("M0 \(SVGText.number(height))L"))
    #expect(path.hasSuffix("L\(SVGText.number(width)) 0"))
    let middle = path.split(separator: "L")[1].split(separator: " ").compactMap { Double($0) }
    #expect(abs(middle[0] - width / 2) < 0.1 && abs(middle[1] - height / 2) < 0.1)
  }

  @Test("has gaps where there are no numbers, and dots for points between gaps")
  func gaps() throws {
    let contents = try #require(
      Contents(chart([(0, 1), (1, .nan), (2, 3), (3, .infinity), (4, 5), (5, 6)]).svg()))
    #expect(contents.paths().first?.count { $0 == "M" } == 3)
    var logarithmic = chart([(0, 1), (1, 0), (2, 10), (3, -4), (4, 100)])
    logarithmic.y.scale = .logarithmic
    let other = try #require(Contents(logarithmic.svg()))
    #expect(other.paths().first?.count { $0 == "M" } == 3)
  }

  @Test("of many points keeps the extremes of every column of pixels")
  func thins() throws {
    let points = (0..<200_000).map { (x: Double($0) / 400, y: Double($0 * 7919 % 1000)) }
    let thin = LineChart.thinned(points)
    #expect(thin.count <= 4 * 501)
    #expect(thin.first?.x == 0 && thin.last?.x == points.last?.x)
    #expect(thin.map(\.y).max() == 999 && thin.map(\.y).min() == 0)
    #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.x <= $1.x })
    #expect(chart(points).svg().utf8.count < 100_000)
  }

  @Test("names several lines in a legend, one in none, and tells values of marked points")
  func legend() throws {
    var chart = chart([(0, 1), (1, 2)], marksPoints: true)
    #expect(try #require(Contents(chart.svg())).texts.contains("a: 2 at step 1"))
    #expect(try !#require(Contents(chart.svg())).texts.contains("a"))
    chart.series += (0..<9).map { LineChart.Series("line \($0)", points: [(0, Double($0))]) }
    let texts = try #require(Contents(chart.svg())).texts
    for name in chart.series.map(\.name) { #expect(texts.contains(name)) }
  }

  @Test("is there without any points, and a sheet without any charts")
  func empty() throws {
    _ = try #require(Contents(chart([]).svg()))
    _ = try #require(Contents(LineChart("", x: ChartAxis(""), y: ChartAxis("", .logarithmic)).svg()))
    _ = try #require(Contents(ChartSheet([]).svg))
    let sheet = ChartSheet(Array(repeating: chart([(0, 1)]), count: 3), columns: 2, width: 300, height: 200)
    let root = try #require(Contents(sheet.svg)?.elements.first).attributes
    #expect(root["viewBox"] == "0 0 600 400")
  }

  @Test("has colours for light and for dark grounds")
  func colors() {
    let svg = chart([(0, 1)]).svg()
    #expect(svg.contains("prefers-color-scheme:dark"))
    #expect(svg.components(separatedBy: ".ground{fill:").count == 3)
  }
}
