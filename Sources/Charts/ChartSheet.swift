/// Charts in rows and columns on one SVG picture.
public struct ChartSheet: Sendable, Equatable {
  /// From left to right, row by row.
  public var charts: [LineChart]
  /// Charts in a row.
  public var columns: Int
  /// Pixels of each chart.
  public var width: Int, height: Int

  /// A sheet of charts.
  ///
  /// - Parameters:
  ///   - columns: at least 1.
  ///   - width: pixels of each chart, at least 160.
  ///   - height: pixels of each chart, at least 120.
  public init(_ charts: [LineChart], columns: Int = 2, width: Int = 520, height: Int = 320) {
    self.charts = charts
    self.columns = max(1, columns)
    self.width = max(160, width)
    self.height = max(120, height)
  }

  /// The picture as an SVG document, which may also stand in an HTML page as it is.
  public var svg: String {
    let used = max(1, min(columns, charts.count))
    let rows = max(1, (charts.count + used - 1) / used)
    let (width, height) = (Double(self.width), Double(self.height))
    var text = SVGText()
    text.open(
      "svg",
      [
        ("xmlns", "http://www.w3.org/2000/svg"), ("class", "line-charts"), ("role", "img"),
        ("aria-label", charts.map(\.title).joined(separator: ", ")),
        ("width", SVGText.number(width * Double(used))), ("height", SVGText.number(height * Double(rows))),
        ("viewBox", "0 0 \(self.width * used) \(self.height * rows)"),
      ])
    text.add("style", [], ChartStyle.sheet)
    text.add("rect", [("class", "ground"), ("width", "100%"), ("height", "100%")])
    for (index, chart) in charts.enumerated() {
      let (left, top) = (Double(index % used) * width, Double(index / used) * height)
      text.open("g", [("transform", "translate(\(SVGText.number(left)) \(SVGText.number(top)))")])
      chart.draw(width: width, height: height, into: &text)
      text.close("g")
    }
    text.close("svg")
    return text.text
  }
}

/// Colours and type. What a reader's system prefers decides between light and dark.
enum ChartStyle {
  /// Colours that keep apart for people who confuse some (after Okabe and Ito), darker on light and lighter on dark.
  private static let light = ["#0072b2", "#d55e00", "#00835f", "#a8428a", "#8a6d00", "#5b5bd6"]
  private static let dark = ["#56b4e9", "#ff9447", "#2fc79a", "#e48fc6", "#e5d044", "#a9a9ff"]

  /// How many lines have a colour of their own.
  static let colorCount = light.count

  static let sheet =
    """
    .line-charts{font:12px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
    .line-charts .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
    .line-charts .title{font-weight:600;font-size:14px}
    """ + "\n"
    + rules(ground: "#ffffff", ink: "#1f1f1d", quiet: "#62615c", grid: "#e4e3de", light)
    + "@media (prefers-color-scheme:dark){\n"
    + rules(ground: "#191918", ink: "#f1f0ec", quiet: "#a8a7a0", grid: "#363530", dark) + "}\n"

  private static func rules(
    ground: String, ink: String, quiet: String, grid: String, _ colors: [String]
  ) -> String {
    let lines = colors.enumerated().map { index, color in
      ".line-charts .s\(index){stroke:\(color)}.line-charts .d\(index){fill:\(color)}\n"
    }
    return """
      .line-charts .ground{fill:\(ground)}
      .line-charts .ink{fill:\(ink)}
      .line-charts .quiet{fill:\(quiet)}
      .line-charts .grid{stroke:\(grid);stroke-width:1}
      .line-charts .mark{stroke:\(quiet);stroke-width:1;stroke-dasharray:3 3}

      """ + lines.joined()
  }
}
