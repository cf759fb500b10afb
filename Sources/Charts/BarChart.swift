internal import Files

/// Horizontal bars, a row for each name, in one or several series; each bar may have an interval.
///
/// ```swift
/// var chart = BarChart("Mean IoU", categories: ["older", "middle", "young"], axis: ChartAxis("IoU", range: 0...1))
/// chart.series = [BarChart.Series("1 point", values: [0.63, 0.55, 0.54], halfWidths: [0.07, 0.01, 0.02])]
/// ```
public struct BarChart: Chart, Equatable {
  /// The bars of one colour.
  public struct Series: Sendable, Equatable {
    /// What the legend says.
    public var name: String
    /// One for each category; none is drawn for what is not finite.
    public var values: [Double]
    /// Where a bar's interval begins and ends; empty where there are none.
    public var intervals: [ClosedRange<Double>?]

    /// Bars without intervals, or with given ones.
    public init(_ name: String, values: [Double], intervals: [ClosedRange<Double>?] = []) {
      (self.name, self.values, self.intervals) = (name, values, intervals)
    }

    /// Bars with intervals that are symmetric about them.
    public init(_ name: String, values: [Double], halfWidths: [Double]) {
      self.init(
        name, values: values,
        intervals: zip(values, halfWidths).map { value, half in
          value.isFinite && half.isFinite && half >= 0 ? value - half...value + half : nil
        })
    }
  }

  /// Published values of the bars, told by hollow diamonds in the bars' rows.
  public struct Published: Sendable, Equatable {
    /// What the legend says.
    public var name: String
    /// For each series one value for each category; none is drawn for what is not finite.
    public var values: [[Double]]

    /// Published values.
    public init(_ name: String, values: [[Double]]) { (self.name, self.values) = (name, values) }

    func value(series: Int, category: Int) -> Double? {
      guard values.indices.contains(series), values[series].indices.contains(category) else { return nil }
      return values[series][category].isFinite ? values[series][category] : nil
    }
  }

  /// A value across all bars, told by an upright line.
  public struct Reference: Sendable, Equatable {
    /// Where.
    public var value: Double
    /// What is written above it.
    public var label: String

    /// A line at a value.
    public init(_ value: Double, label: String) { (self.value, self.label) = (value, label) }
  }

  /// What stands above.
  public var title: String
  /// What is measured.
  public var axis: ChartAxis
  /// Names, from top to bottom.
  public var categories: [String]
  /// Bars of each category, from top to bottom.
  public var series: [Series] = []
  /// Upright lines.
  public var references: [Reference] = []
  /// What others published of the same bars.
  public var published: Published?

  /// A chart without bars yet.
  public init(_ title: String, categories: [String], axis: ChartAxis) {
    (self.title, self.categories, self.axis) = (title, categories, axis)
  }

  private var rowHeight: Double { series.count > 1 ? 10 + 13 * Double(series.count) : 24 }

  /// The legend: the series, and what is published of any of them.
  private var keys: [PlotFrame.Key] {
    let bars = series.enumerated().map { PlotFrame.Key(name: $1.name, color: $0, symbol: .box) }
    guard let published, published.values.contains(where: { $0.contains(where: \.isFinite) }) else {
      return bars
    }
    return bars + [PlotFrame.Key(name: published.name, color: 0, symbol: .diamond)]
  }

  /// Room for every bar.
  public var naturalHeight: Int {
    Int(rowHeight * Double(categories.count)) + 110 + (keys.count > 1 ? 22 : 0)
      + (references.isEmpty ? 0 : 8)
  }

  /// Names, values and intervals.
  public var table: ChartTable {
    var table = ChartTable(columns: [""])
    for (place, one) in series.enumerated() {
      table.columns.append(one.name)
      if !one.intervals.isEmpty { table.columns.append("interval") }
      if let published, hasPublished(place) { table.columns.append("\(one.name), \(published.name)") }
    }
    table.rows = categories.indices.map { category in
      [categories[category]]
        + series.enumerated().flatMap { place, one -> [String] in
          var cells = [one.values.indices.contains(category) ? ChartText.number(one.values[category]) : ""]
          if !one.intervals.isEmpty {
            let interval = one.intervals.indices.contains(category) ? one.intervals[category] : nil
            cells.append(
              interval.map { "\(ChartText.number($0.lowerBound)) to \(ChartText.number($0.upperBound))" }
                ?? ""
            )
          }
          if hasPublished(place) {
            cells.append(published?.value(series: place, category: category).map(ChartText.number) ?? "")
          }
          return cells
        }
    }
    table.rows += references.map { [$0.label, ChartText.number($0.value)] }
    return table
  }

  private func hasPublished(_ series: Int) -> Bool {
    categories.indices.contains { published?.value(series: series, category: $0) != nil }
  }

  /// The chart as an SVG document of that size in pixels.
  public func svg(width: Int = 520, height: Int? = nil) -> String {
    svg(width: width, height: height ?? naturalHeight)
  }

  /// The chart as an SVG document of that size in pixels.
  public func svg(width: Int, height: Int) -> String {
    ChartDocument.text(title, width: width, height: height) { text in
      draw(width: Double(width), height: Double(height), into: &text)
    }
  }

  private func draw(width: Double, height: Double, into text: inout SVGText) {
    let keys = keys
    let rows = keys.count > 1 ? PlotFrame.rows(keys, width: width - 32) : []
    let shown =
      series.flatMap {
        $0.values + $0.intervals.compactMap { $0 }.flatMap { [$0.lowerBound, $0.upperBound] }
      }
      + references.map(\.value) + (published?.values.flatMap { $0 } ?? [])
    // Bars begin at nothing, which must be seen.
    let values = axis.scale == .linear ? shown + [0] : shown
    let layout = AxisLayout(axis, values, endsAtTicks: true, tickCount: max(2, Int(width / 110)))
    let longest = Double(categories.map(\.count).max() ?? 0) * PlotFrame.letter
    let left = min(24 + longest, width * 0.45)
    // Lines have their names between legend and bars.
    let top = 48 + 18 * Double(rows.count) + (references.isEmpty ? 0 : 8), bottom = height - 48
    let field = (width: max(10, width - left - 28), height: max(10, bottom - top))
    // What lies beyond the axis ends with it.
    func across(_ value: Double) -> Double? {
      layout.position(value).map { left + min(max($0, 0), 1) * field.width }
    }

    text.add("text", [("class", "title ink"), ("x", "16"), ("y", "24")], title)
    PlotFrame.draw(rows, into: &text)
    for tick in layout.ticks {
      guard let x = across(tick.value) else { continue }
      let at = SVGText.number(x)
      text.add(
        "line",
        [
          ("class", "grid"), ("x1", at), ("x2", at), ("y1", SVGText.number(top)),
          ("y2", SVGText.number(bottom)),
        ])
      text.add(
        "text",
        [("class", "quiet"), ("text-anchor", "middle"), ("x", at), ("y", SVGText.number(bottom + 18))],
        tick.label)
    }
    text.add(
      "text",
      [
        ("class", "quiet"), ("text-anchor", "middle"), ("x", SVGText.number(left + field.width / 2)),
        ("y", SVGText.number(bottom + 36)),
      ], axis.label)
    let row = field.height / Double(max(1, categories.count))
    let room = Int((left - 20) / PlotFrame.letter)
    for (category, name) in categories.enumerated() {
      let middle = top + row * (Double(category) + 0.5)
      let label = name.count > room ? name.prefix(max(1, room - 1)) + "…" : name[...]
      text.add(
        "text",
        [
          ("class", "ink"), ("text-anchor", "end"), ("x", SVGText.number(left - 8)),
          ("y", SVGText.number(middle + 4)),
        ], String(label))
      drawBars(of: category, middle: middle, row: row, left: left, across, into: &text)
    }
    for reference in references {
      guard let x = across(reference.value), x.isFinite else { continue }
      let at = SVGText.number(x)
      text.add(
        "line",
        [
          ("class", "mark"), ("x1", at), ("x2", at), ("y1", SVGText.number(top - 2)),
          ("y2", SVGText.number(bottom)),
        ])
      let isRight = x < width / 2
      text.add(
        "text",
        [
          ("class", "quiet"), ("text-anchor", isRight ? "start" : "end"), ("x", at),
          ("y", SVGText.number(top - 6)),
        ], reference.label)
    }
  }

  private func drawBars(
    of category: Int, middle: Double, row: Double, left: Double, _ across: (Double) -> Double?,
    into text: inout SVGText
  ) {
    let count = Double(max(1, series.count))
    let thickness = min(16, (row - 6) / count)
    for (index, one) in series.enumerated() where one.values.indices.contains(category) {
      let value = one.values[category]
      guard let end = across(value) else { continue }
      let begin = axis.scale == .linear ? across(0) ?? left : left
      let y = middle + (Double(index) - count / 2) * thickness
      let hasInterval = one.intervals.indices.contains(category) && one.intervals[category] != nil
      text.open(
        "rect",
        [
          ("class", "d\(index % ChartStyle.colorCount)" + (hasInterval ? " faint" : "")),
          ("x", SVGText.number(min(begin, end))), ("y", SVGText.number(y)),
          ("width", SVGText.number(max(1, abs(end - begin)))),
          ("height", SVGText.number(max(2, thickness - 1.5))),
        ])
      text.add("title", [], "\(categories[category]), \(one.name): \(ChartText.number(value))")
      text.close("rect")
      let centre = y + (thickness - 1.5) / 2
      if let published, let value = published.value(series: index, category: category),
        let x = across(value)
      {
        text.open(
          "path",
          [
            ("class", "hollow"),
            ("d", "M\(SVGText.number(x)) \(SVGText.number(centre))m0 -5l5 5l-5 5l-5 -5z"),
          ])
        text.add(
          "title", [],
          "\(categories[category]), \(one.name), \(published.name): \(ChartText.number(value))")
        text.close("path")
      }
      guard hasInterval, let interval = one.intervals[category],
        let from = across(interval.lowerBound), let to = across(interval.upperBound)
      else { continue }
      let (low, high) = (SVGText.number(from), SVGText.number(to))
      let (up, down) = (SVGText.number(centre - 3.5), SVGText.number(centre + 3.5))
      text.add(
        "path",
        [
          ("class", "whisker"),
          ("d", "M\(low) \(up)V\(down)M\(low) \(SVGText.number(centre))H\(high)M\(high) \(up)V\(down)"),
        ])
    }
  }
}
