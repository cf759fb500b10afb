/// Line charts in rows and columns on one SVG picture.
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
    return ChartDocument.text(
      charts.map(\.title).joined(separator: ", "), width: self.width * used, height: self.height * rows
    ) { text in
      for (index, chart) in charts.enumerated() {
        let (left, top) = (Double(index % used) * width, Double(index / used) * height)
        text.open("g", [("transform", "translate(\(SVGText.number(left)) \(SVGText.number(top)))")])
        chart.draw(width: width, height: height, into: &text)
        text.close("g")
      }
    }
  }
}
