internal import Files

/// Points on two axes: how two measures of the same things go together.
public struct ScatterChart: Chart, Equatable {
  /// The points of one colour.
  public struct Series: Sendable, Equatable {
    /// What the legend says.
    public var name: String
    /// Where the points are; those that are not finite are not drawn.
    public var x: [Double], y: [Double]

    /// Points.
    public init(_ name: String, points: [(x: Double, y: Double)]) {
      self.name = name
      (x, y) = (points.map(\.x), points.map(\.y))
    }
  }

  /// What stands above.
  public var title: String
  /// The horizontal axis.
  public var x: ChartAxis
  /// The vertical axis.
  public var y: ChartAxis
  /// The points.
  public var series: [Series] = []
  /// Whether a line shows where both are equal.
  public var showsDiagonal = false
  /// Published results.
  public var references: [ReferencePoint] = []

  /// A chart without points yet.
  public init(_ title: String, x: ChartAxis, y: ChartAxis) {
    (self.title, self.x, self.y) = (title, x, y)
  }

  /// Rows that a table has at most; its last row tells of more.
  private static let rowLimit = 500

  /// The points, of many the first.
  public var table: ChartTable {
    let rows = series.flatMap { one in
      zip(one.x, one.y).map { [one.name, ChartText.number($0), ChartText.number($1)] }
    }
    var table = ChartTable(columns: ["series", x.label, y.label], rows: Array(rows.prefix(Self.rowLimit)))
    if rows.count > Self.rowLimit {
      table.rows.append(["and \(rows.count - Self.rowLimit) more points", "", ""])
    }
    table.rows += references.map { [$0.label, ChartText.number($0.x), ChartText.number($0.y)] }
    return table
  }

  /// The chart as an SVG document of that size in pixels.
  public func svg(width: Int = 520, height: Int = 320) -> String {
    ChartDocument.text(title, width: width, height: height) { text in
      draw(width: Double(width), height: Double(height), into: &text)
    }
  }

  private func draw(width: Double, height: Double, into text: inout SVGText) {
    let keys = series.enumerated().map { PlotFrame.Key(name: $1.name, color: $0, symbol: .dot) }
    let frame = PlotFrame(
      title, x: x, y: y, xs: series.flatMap(\.x) + references.map(\.x),
      ys: series.flatMap(\.y) + references.map(\.y), xEndsAtTicks: true, legend: keys, width: width,
      height: height)
    frame.draw(into: &text)
    frame.drawField(into: &text) { text in
      let low = max(frame.x.low, frame.y.low), high = min(frame.x.high, frame.y.high)
      if showsDiagonal, low < high, let from = frame.place(low, low), let to = frame.place(high, high) {
        text.add("path", [("class", "mark"), ("d", PlotFrame.path([from, to]))])
      }
      let count = series.reduce(0) { $0 + $1.x.count }
      let radius = count > 2000 ? "1.2" : count > 300 ? "2" : "3"
      for (index, one) in series.enumerated() {
        // What lies on the same spot is drawn once.
        var seen: Set<[Int]> = []
        for (x, y) in zip(one.x, one.y) {
          guard let place = frame.place(x, y),
            seen.insert([Int(place.x * 2), Int(place.y * 2)]).inserted
          else { continue }
          text.add(
            "circle",
            [
              ("class", "d\(index % ChartStyle.colorCount) faint"), ("cx", SVGText.number(place.x)),
              ("cy", SVGText.number(place.y)), ("r", radius),
            ])
        }
      }
      frame.draw(references, into: &text)
    }
  }
}
