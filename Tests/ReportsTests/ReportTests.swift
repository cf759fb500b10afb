import Charts
import Foundation
import Imaging
import TestSupport
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a page holds, by an XML reader that is not ours.
private final class Page: NSObject, XMLParserDelegate {
  var elements: [(name: String, attributes: [String: String])] = []
  var text = ""

  init?(_ html: String) {
    super.init()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = self
    guard parser.parse() else { return nil }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) { elements.append((name, attributes)) }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func count(_ name: String) -> Int { elements.count { $0.name == name } }
}

@Suite("A report")
struct ReportTests {
  private static let hostile = "</script><b> & \"quotes\" 'single' \u{0} \u{1b} ü 猫 <!-- -->"

  /// A report with a block of every kind.
  static func example(_ word: String = "cats") throws -> Report {
    var report = Report(
      "Points on \(word)", summary: "How well \(word) are found.",
      provenance: Provenance(
        command: "sam eval points \(word)", date: "2026-11-21", model: "sam-nano",
        settings: [("seed", "7"), (word, word)], notes: ["The first click is the innermost pixel. \(word)"]))
    var lines = LineChart("Mean IoU", x: ChartAxis("points"), y: ChartAxis("mean IoU", range: 0...1))
    lines.series = [
      LineChart.Series(
        word, points: [(1, 0.52), (2, 0.61), (3, 0.66), (5, 0.71), (9, 0.74)], marksPoints: true),
      LineChart.Series(
        "oracle", points: [(1, 0.63), (2, 0.63), (3, 0.67), (5, 0.72), (9, 0.74)], marksPoints: true),
    ]
    lines.references = [
      ReferencePoint(x: 1, y: 0.581, label: "SAM ViT-H"), ReferencePoint(x: 5, y: 0.813, label: "SAM ViT-H"),
    ]
    var bars = BarChart(
      "By group", categories: ["older", "middle", word], axis: ChartAxis("mean IoU", range: 0...1))
    bars.series = [
      BarChart.Series("1 point", values: [0.63, 0.55, 0.54], halfWidths: [0.07, 0.01, 0.02]),
      BarChart.Series("3 points", values: [0.93, 0.90, .nan], halfWidths: [0.01, 0.005, 0.01]),
    ]
    bars.references = [BarChart.Reference(0.544, label: "published")]
    var histogram = Histogram(
      "Masks per image", bins: ["up to 10", "11-50", "51-100", "101-200", "over 200"], x: "masks",
      y: ChartAxis("share of images"))
    histogram.series = [
      Histogram.Series(word, values: [0.1, 0.4, 0.3, 0.2, 0]),
      Histogram.Series("COCO", values: [0.8, 0.15, 0.05, 0, 0]),
    ]
    var scatter = ScatterChart(
      "Predicted and true IoU", x: ChartAxis("predicted", range: 0...1), y: ChartAxis("true", range: 0...1))
    var dots: [(x: Double, y: Double)] = []
    for row in 0..<20 {
      for column in 0..<20 { dots.append((Double(column) * 0.05, Double(row) * 0.05)) }
    }
    scatter.series = [ScatterChart.Series(word, points: dots)]
    scatter.showsDiagonal = true
    var cells: [Double] = []
    for row in 0..<16 {
      for column in 0..<16 {
        let x = Double(column) - 7.5, y = Double(row) - 7.5
        cells.append(exp(-x * x / 20 - y * y / 30))
      }
    }
    let map = HeatMapChart("Centres", columns: 16, values: cells, unit: "masks")
    let recall = (0..<99).map { 0.98 - Double($0) * 0.009 }
    let curve = PrecisionRecallChart(
      "Edges",
      curves: [
        PrecisionRecallChart.Curve(
          word, recall: recall, precision: recall.map { 1 - $0 * $0 * 0.6 }, best: 40)
      ],
      references: [
        ReferencePoint(x: 0.77, y: 0.76, label: "SAM"), ReferencePoint(x: 0.78, y: 0.8, label: "HED"),
        ReferencePoint(x: 0.6, y: 0.6, label: "Canny"),
      ])
    let picture = Image(
      trusted: (0..<7200).map { UInt8($0 % 251) }, width: 60, height: 40)
    report.add(
      "What was found",
      [
        .figures([
          KeyFigure("mIoU, 1 point", "0.523", detail: "0.511 to 0.535"), KeyFigure("images", "40"),
          KeyFigure(word, word),
        ]), .text("Text about \(word)."), .note("Small sets say little: \(word)."),
        .table(
          ReportTable(
            "Datasets", columns: ["dataset", "masks", "remark"],
            rows: [["balloons", "58", word], ["mean", "58", ""]], wordColumns: [2], lastRowIsTotal: true)),
      ])
    report.add("Curves", [.chart(lines), .charts([bars, histogram, scatter, map, curve])])
    report.add(
      "Pictures",
      [
        .pictures([
          try ReportPicture(picture, caption: "best: \(word)"),
          try ReportPicture(picture, caption: "worst", format: .png),
        ]),
        .published(
          ReportTable("SAM", columns: ["model", "mIoU"], rows: [["ViT-H", "58.1"]]), source: "arXiv \(word)"),
      ])
    return report
  }

  @Test("is well-formed, and shows any text as it is")
  func escapes() throws {
    let page = try #require(Page(try Self.example(Self.hostile).html))
    #expect(page.count("script") == 0 && page.count("b") == 0)
    let shown = Self.hostile.replacing("\u{0}", with: " ").replacing("\u{1b}", with: " ")
    #expect(page.text.contains("Text about \(shown)."))
    #expect(page.text.contains("Points on \(shown)"))
  }

  @Test("has a table below every chart, and text for every picture")
  func isAccessible() throws {
    let page = try #require(Page(try Self.example().html))
    #expect(page.elements.first?.attributes["lang"] == "en")
    #expect(page.count("details") == 6 && page.count("table") == 8)
    #expect(page.count("h1") == 1)
    for image in page.elements where image.name == "img" {
      #expect(image.attributes["alt"]?.isEmpty == false)
    }
    let names = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(names).count == names.count)
    for link in page.elements.compactMap({ $0.attributes["href"] }) {
      #expect(names.contains(String(link.dropFirst())))
    }
  }

  @Test("needs nothing but itself")
  func isAlone() throws {
    let html = try Self.example().html
    let page = try #require(Page(html))
    for source in page.elements.compactMap({ $0.attributes["src"] }) {
      #expect(source.hasPrefix("data:image/"))
    }
    #expect(!html.contains("@import") && !html.contains("url(") && page.count("link") == 0)
  }

  @Test("is written whole over an older one")
  func writes() throws {
    let folder = try TemporaryDirectory()
    let report = try Self.example()
    try report.write(to: folder.file("a.html"))
    try report.write(to: folder.file("a.html"))
    #expect(try String(contentsOf: URL(filePath: folder.file("a.html")), encoding: .utf8) == report.html)
    #expect(throws: (any Error).self) { try report.write(to: folder.file("none/a.html")) }
  }

  @Test("is there without anything in it")
  func empty() throws {
    let report = Report("", summary: "", provenance: Provenance(command: "", date: ""))
    _ = try #require(Page(report.html))
    var charts = report
    charts.add(
      "",
      [
        .charts([
          BarChart("", categories: [], axis: ChartAxis("")), Histogram("", bins: [], x: "", y: ChartAxis("")),
          ScatterChart("", x: ChartAxis(""), y: ChartAxis("")),
          HeatMapChart("", columns: 0, values: [], unit: ""), PrecisionRecallChart(""),
        ]), .figures([]), .pictures([]), .table(ReportTable("", columns: [])),
      ])
    _ = try #require(Page(charts.html))
  }

  @Test("is opened by a browser, light and dark", .enabled(if: Chromium.isThere))
  func opens() throws {
    let folder = try TemporaryDirectory()
    // The pictures are kept where someone wants to look at them.
    let target = ProcessInfo.processInfo.environment["SAM_SCREENSHOTS"] ?? folder.path
    try Self.example().write(to: folder.file("report.html"))
    var grounds: [Int] = []
    for isDark in [false, true] {
      let picture = target + "/report-\(isDark ? "dark" : "light").png"
      #expect(
        try Chromium.screenshot(of: folder.file("report.html"), to: picture, height: 3600, isDark: isDark))
      let image = try Image(contentsOfFile: picture)
      grounds.append(Int(image.pixels[0]))
      #expect(Set(image.pixels).count > 50)
    }
    #expect(grounds[0] > 200 && grounds[1] < 60)
  }
}
