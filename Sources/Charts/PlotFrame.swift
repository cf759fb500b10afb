/// What charts over two axes have in common: where things are, title, legend, axes.
struct PlotFrame {
  /// A name in the legend, with the number of its colour.
  struct Key {
    /// What stands before the name.
    enum Symbol { case line, dot, box, diamond }

    var name: String
    var color: Int
    var symbol: Symbol
  }

  /// A character's width on average, which is not known before it is drawn.
  static let letter = 6.6

  let title: String
  let xLabel: String, yLabel: String
  let x: AxisLayout, y: AxisLayout
  /// Pixels of the field between the axes.
  let left: Double, top: Double, width: Double, height: Double
  private let drawsTicks: Bool
  private let legend: [[(key: Key, x: Double)]]

  /// - Parameters:
  ///   - xs: what the horizontal axis has to show.
  ///   - ys: what the vertical axis has to show.
  ///   - legend: shown where there are two or more.
  ///   - drawsTicks: whether the horizontal axis has ticks and numbers.
  init(
    _ title: String, x xAxis: ChartAxis, y yAxis: ChartAxis, xs: some Sequence<Double>,
    ys: some Sequence<Double>, xEndsAtTicks: Bool = false, legend: [Key], width: Double, height: Double,
    drawsTicks: Bool = true
  ) {
    self.title = title
    self.drawsTicks = drawsTicks
    (xLabel, yLabel) = (xAxis.label, yAxis.label)
    self.legend = legend.count > 1 ? Self.rows(legend, width: width - 32) : []
    y = AxisLayout(yAxis, ys, endsAtTicks: true, tickCount: max(2, Int(height / 64)))
    x = AxisLayout(xAxis, xs, endsAtTicks: xEndsAtTicks, tickCount: max(2, Int(width / 90)))
    left = 26 + Self.letter * Double(max(2, y.ticks.map(\.label.count).max() ?? 0))
    top = (yLabel.isEmpty ? 44 : 58) + 18 * Double(self.legend.count)
    self.width = max(10, width - left - 22)
    self.height = max(10, height - top - 48)
  }

  /// Pixels from the field's left edge.
  func horizontal(_ value: Double) -> Double? { x.position(value).map { $0 * width } }
  /// Pixels from the field's upper edge.
  func vertical(_ value: Double) -> Double? { y.position(value).map { (1 - $0) * height } }

  /// The title, the legend, the axes.
  func draw(into text: inout SVGText) {
    text.add("text", [("class", "title ink"), ("x", "16"), ("y", "24")], title)
    Self.draw(legend, into: &text)
    text.add("text", [("class", "quiet"), ("x", "16"), ("y", SVGText.number(top - 10))], yLabel)
    drawVerticalAxis(into: &text)
    drawHorizontalAxis(into: &text)
  }

  /// What lies between the axes, and half of a point on them; what is beyond is cut off. Its origin is the field's upper left corner.
  func drawField(into text: inout SVGText, _ body: (_ text: inout SVGText) -> Void) {
    let room = 4.0
    text.open(
      "svg",
      [
        ("x", SVGText.number(left - room)), ("y", SVGText.number(top - room)),
        ("width", SVGText.number(width + 2 * room)), ("height", SVGText.number(height + 2 * room)),
        (
          "viewBox",
          [-room, -room, width + 2 * room, height + 2 * room].map(SVGText.number).joined(separator: " ")
        ), ("overflow", "hidden"),
      ])
    body(&text)
    text.close("svg")
  }

  /// The path of a line through places in the field, with gaps where there is none.
  static func path(_ places: [(x: Double, y: Double)?]) -> String {
    var path = ""
    for stretch in places.split(whereSeparator: { $0 == nil }) {
      let points = LineChart.thinned(stretch.compactMap { $0 })
      for (index, point) in points.enumerated() {
        path += "\(index == 0 ? "M" : "L")\(SVGText.number(point.x)) \(SVGText.number(point.y))"
      }
      // A single point is a line of no length, which a round cap makes a dot.
      if points.count == 1, let point = points.first {
        path += "L\(SVGText.number(point.x)) \(SVGText.number(point.y))"
      }
    }
    return path
  }

  /// How a line is drawn by its number: there are six colours, and beyond them the same ones broken.
  static func lineClass(_ number: Int) -> String {
    "line s\(number % ChartStyle.colorCount)" + (number < ChartStyle.colorCount ? "" : " broken")
  }

  /// Where a point lies in the field; nil where it has no place.
  func place(_ x: Double, _ y: Double) -> (x: Double, y: Double)? {
    guard let across = horizontal(x), let down = vertical(y) else { return nil }
    // Far beyond the axes a line's direction is all that is seen.
    return (min(max(across, -1e5), 1e5), min(max(down, -1e5), 1e5))
  }
}

// MARK: - Legend

extension PlotFrame {
  /// Which names stand in each row above the chart.
  static func rows(_ keys: [Key], width: Double) -> [[(key: Key, x: Double)]] {
    var rows: [[(key: Key, x: Double)]] = [[]]
    var at = 0.0
    for key in keys {
      let needed = 40 + letter * Double(key.name.count)
      if at + needed > width, !rows[rows.count - 1].isEmpty {
        rows.append([])
        at = 0
      }
      rows[rows.count - 1].append((key, at))
      at += needed
    }
    return rows
  }

  static func draw(_ rows: [[(key: Key, x: Double)]], into text: inout SVGText) {
    for (row, entries) in rows.enumerated() {
      let y = 44 + 18 * Double(row)
      for (key, offset) in entries {
        let x = 16 + offset
        let color = key.color % ChartStyle.colorCount
        switch key.symbol {
        case .line:
          text.add(
            "line",
            [
              ("class", lineClass(key.color)), ("x1", SVGText.number(x)), ("x2", SVGText.number(x + 16)),
              ("y1", SVGText.number(y - 4)), ("y2", SVGText.number(y - 4)),
            ])
        case .dot:
          text.add(
            "circle",
            [
              ("class", "d\(color)"), ("cx", SVGText.number(x + 8)), ("cy", SVGText.number(y - 4)),
              ("r", "4"),
            ])
        case .box:
          text.add(
            "rect",
            [
              ("class", "d\(color)"), ("x", SVGText.number(x + 2)), ("y", SVGText.number(y - 10)),
              ("width", "12"), ("height", "12"),
            ])
        case .diamond:
          text.add(
            "path",
            [
              ("class", "hollow"),
              ("d", "M\(SVGText.number(x + 8)) \(SVGText.number(y - 4))m0 -5l5 5l-5 5l-5 -5z"),
            ])
        }
        text.add(
          "text", [("class", "ink"), ("x", SVGText.number(x + 22)), ("y", SVGText.number(y))], key.name)
      }
    }
  }
}

// MARK: - Axes

extension PlotFrame {
  private func drawVerticalAxis(into text: inout SVGText) {
    for tick in y.ticks {
      guard let place = vertical(tick.value) else { continue }
      let y = SVGText.number(top + place)
      text.add(
        "line",
        [
          ("class", "grid"), ("x1", SVGText.number(left)), ("x2", SVGText.number(left + width)), ("y1", y),
          ("y2", y),
        ])
      text.add(
        "text",
        [
          ("class", "quiet"), ("text-anchor", "end"), ("x", SVGText.number(left - 8)),
          ("y", SVGText.number(top + place + 4)),
        ], tick.label)
    }
  }

  private func drawHorizontalAxis(into text: inout SVGText) {
    let bottom = top + height
    for tick in drawsTicks ? x.ticks : [] {
      guard let place = horizontal(tick.value) else { continue }
      let x = SVGText.number(left + place)
      text.add(
        "line",
        [
          ("class", "grid"), ("x1", x), ("x2", x), ("y1", SVGText.number(bottom)),
          ("y2", SVGText.number(bottom + 4)),
        ])
      text.add(
        "text",
        [("class", "quiet"), ("text-anchor", "middle"), ("x", x), ("y", SVGText.number(bottom + 18))],
        tick.label)
    }
    text.add(
      "text",
      [
        ("class", "quiet"), ("text-anchor", "middle"), ("x", SVGText.number(left + width / 2)),
        ("y", SVGText.number(bottom + 36)),
      ], xLabel)
  }
}
