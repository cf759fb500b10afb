import Foundation
import Testing

@testable import Charts

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Charts besides lines")
struct OtherChartTests {
  /// Charts of nothing, of a single thing, of numbers that have no place, and of words that look like markup.
  private static let hostile: [any Chart] = {
    let odd = [Double.nan, .infinity, -.infinity, 0, -1e308, 1e308, 5e-324, 1]
    let word = "</svg><script> & \""
    var bars = BarChart(word, categories: odd.indices.map { "\(word) \($0)" }, axis: ChartAxis(word))
    bars.series = [
      BarChart.Series(word, values: odd, halfWidths: odd),
      BarChart.Series("short", values: [1], intervals: [0...1, nil]),
    ]
    bars.references = [BarChart.Reference(.nan, label: word), BarChart.Reference(1, label: word)]
    bars.published = BarChart.Published(word, values: [odd, [.nan], odd])
    var logarithmic = bars
    logarithmic.axis.scale = .logarithmic
    var histogram = Histogram(word, bins: odd.indices.map { "\($0)" }, x: word, y: ChartAxis(word))
    histogram.series = [
      Histogram.Series(word, values: odd), Histogram.Series("b", values: [1, 2], intervals: [nil, 1...2]),
      Histogram.Series("long", values: [Double](repeating: 1, count: 20)),
    ]
    var scatter = ScatterChart(word, x: ChartAxis(word), y: ChartAxis(word))
    var many: [(x: Double, y: Double)] = [], pairs: [(x: Double, y: Double)] = []
    for number in 0..<3000 { many.append((Double(number), Double(number % 7))) }
    for one in odd { for other in odd { pairs.append((one, other)) } }
    scatter.series = [
      ScatterChart.Series(word, points: pairs),
      ScatterChart.Series("many", points: many),
    ]
    scatter.showsDiagonal = true
    scatter.references = [
      ReferencePoint(x: .nan, y: 0, label: word), ReferencePoint(x: 1, y: 1, label: word),
    ]
    let curve = PrecisionRecallChart(
      word,
      curves: [PrecisionRecallChart.Curve(word, recall: odd, precision: odd.reversed(), best: 99)],
      references: scatter.references)
    return [
      BarChart("", categories: [], axis: ChartAxis("")), bars, logarithmic,
      Histogram("", bins: [], x: "", y: ChartAxis("")), histogram,
      ScatterChart("", x: ChartAxis(""), y: ChartAxis("")), scatter, PrecisionRecallChart(""), curve,
      HeatMapChart("", columns: -3, values: [], unit: ""),
      HeatMapChart(word, columns: 3, values: odd, unit: word),
      HeatMapChart(word, columns: 1, values: [0, 0], unit: word),
    ]
  }()

  @Test("are well-formed whatever they hold")
  func wellFormed() {
    for chart in Self.hostile {
      for (width, height) in [(0, 0), (520, chart.naturalHeight)] {
        let svg = chart.svg(width: width, height: height)
        #expect(XMLParser(data: Data(svg.utf8)).parse(), "\(chart.title)")
        #expect(!svg.contains("<script>") && !svg.contains("nan") && !svg.contains("inf"))
      }
    }
  }

  @Test("have tables with a cell for each column")
  func tables() {
    for chart in Self.hostile {
      let table = chart.table
      #expect(table.rows.allSatisfy { $0.count <= table.columns.count && !$0.isEmpty })
    }
  }

  @Test("tell all numbers, or how many more there are")
  func numbers() throws {
    var bars = BarChart("a", categories: ["x", "y"], axis: ChartAxis("v"))
    bars.series = [BarChart.Series("s", values: [0.25, .nan], halfWidths: [0.05, 1])]
    #expect(bars.table.columns == ["", "s", "interval"])
    #expect(bars.table.rows == [["x", "0.25", "0.2 to 0.3"], ["y", "-", ""]])
    var scatter = ScatterChart("b", x: ChartAxis("x"), y: ChartAxis("y"))
    var points: [(x: Double, y: Double)] = []
    for number in 0..<1200 { points.append((Double(number), 0)) }
    scatter.series = [ScatterChart.Series("s", points: points)]
    #expect(scatter.table.rows.count == 501)
    #expect(scatter.table.rows.last?.first == "and 700 more points")
    let map = HeatMapChart("c", columns: 2, values: [1, 2, 3, 4], unit: "")
    #expect(map.table.rows == [["1", "1", "2"], ["2", "3", "4"]])
  }

  @Test("tell what is published of their bars")
  func published() {
    var bars = BarChart("a", categories: ["x", "y"], axis: ChartAxis("v"))
    bars.series = [BarChart.Series("s", values: [0.25, 0.5]), BarChart.Series("t", values: [1, 1])]
    let plain = bars.svg(width: 400, height: 200)
    bars.published = BarChart.Published("theirs", values: [[.nan, 0.75], [.nan, .nan]])
    #expect(bars.table.columns == ["", "s", "s, theirs", "t"])
    #expect(bars.table.rows == [["x", "0.25", "", "1"], ["y", "0.5", "0.75", "1"]])
    let svg = bars.svg(width: 400, height: 200)
    // One in the legend, one in its row.
    #expect(svg.components(separatedBy: "class=\"hollow\"").count == 3)
    #expect(!plain.contains("class=\"hollow\"") && svg.contains("y, s, theirs: 0.75"))
    bars.published = BarChart.Published("nothing", values: [[.nan], []])
    #expect(bars.svg(width: 400, height: 200) == plain)
  }

  @Test("grow with what they show")
  func heights() {
    let many = BarChart("", categories: (0..<40).map(String.init), axis: ChartAxis(""))
    #expect(many.naturalHeight > 40 * 20)
  }

  @Test("draw bars from nothing to their values, and shades from little to much")
  func shapes() throws {
    var bars = BarChart("a", categories: ["x"], axis: ChartAxis("v", range: 0...1))
    bars.series = [BarChart.Series("s", values: [0.5])]
    let svg = bars.svg(width: 400, height: 200)
    let bar = try #require(svg.split(separator: "\n").first { $0.contains("class=\"d0\"") })
    let width = try #require(bar.split(separator: "width=\"").last?.prefix { $0 != "\"" })
    // The field is 400 less the margins, of 24 and a letter, and 28.
    let pixels = try #require(Double(width))
    let expected = (400.0 - 24 - 6.6 - 28) / 2
    #expect((expected - 0.2...expected + 0.2).contains(pixels))
    let map = HeatMapChart("c", columns: 3, values: [0, 0.001, 1], unit: "").svg(width: 300, height: 300)
    for shade in ["h0", "h1", "h9"] { #expect(map.contains("class=\"\(shade)\"")) }
  }
}
