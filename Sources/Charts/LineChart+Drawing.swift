internal import Files

extension LineChart {
  /// The chart's parts in pixels.
  private struct Layout {
    let x: AxisLayout, y: AxisLayout
    let left: Double, top: Double, width: Double, height: Double

    func horizontal(_ value: Double) -> Double? { x.position(value).map { $0 * width } }
    func vertical(_ value: Double) -> Double? { y.position(value).map { (1 - $0) * height } }
  }

  /// A character's width on average, which is not known before it is drawn.
  private static let letter = 6.6

  func draw(width: Double, height: Double, into text: inout SVGText) {
    let rows = legendRows(width: width - 32)
    let y = AxisLayout(
      y, series.lazy.flatMap(\.y), endsAtTicks: true, tickCount: max(2, Int(height / 64)))
    let x = AxisLayout(
      x, series.lazy.flatMap(\.x), endsAtTicks: false, tickCount: max(2, Int(width / 90)))
    let left = 26 + Self.letter * Double(max(2, y.ticks.map(\.label.count).max() ?? 0))
    let top = (self.y.label.isEmpty ? 44 : 58) + 18 * Double(rows.count)
    let layout = Layout(
      x: x, y: y, left: left, top: top, width: max(10, width - left - 22), height: max(10, height - top - 48))

    text.add("text", [("class", "title ink"), ("x", "16"), ("y", "24")], title)
    drawLegend(rows, into: &text)
    text.add("text", [("class", "quiet"), ("x", "16"), ("y", SVGText.number(top - 10))], self.y.label)
    drawAxes(layout, into: &text)
    // A picture within the picture cuts off what lies beyond the axes, but not half of a point on them.
    let room = 4.0
    text.open(
      "svg",
      [
        ("x", SVGText.number(left - room)), ("y", SVGText.number(top - room)),
        ("width", SVGText.number(layout.width + 2 * room)),
        ("height", SVGText.number(layout.height + 2 * room)),
        (
          "viewBox",
          [-room, -room, layout.width + 2 * room, layout.height + 2 * room].map(SVGText.number)
            .joined(separator: " ")
        ), ("overflow", "hidden"),
      ])
    drawMarks(layout, into: &text)
    for (index, series) in series.enumerated() {
      draw(series, color: index % ChartStyle.colorCount, layout, into: &text)
    }
    text.close("svg")
  }

  /// Which lines' names stand in each row above the chart.
  private func legendRows(width: Double) -> [[(index: Int, x: Double)]] {
    guard series.count > 1 else { return [] }
    var rows: [[(index: Int, x: Double)]] = [[]]
    var at = 0.0
    for index in series.indices {
      let needed = 40 + Self.letter * Double(series[index].name.count)
      if at + needed > width, !rows[rows.count - 1].isEmpty {
        rows.append([])
        at = 0
      }
      rows[rows.count - 1].append((index, at))
      at += needed
    }
    return rows
  }

  private func drawLegend(_ rows: [[(index: Int, x: Double)]], into text: inout SVGText) {
    for (row, entries) in rows.enumerated() {
      let y = 44 + 18 * Double(row)
      for entry in entries {
        let x = 16 + entry.x
        text.add(
          "line",
          [
            ("class", "line s\(entry.index % ChartStyle.colorCount)"), ("x1", SVGText.number(x)),
            ("x2", SVGText.number(x + 16)), ("y1", SVGText.number(y - 4)), ("y2", SVGText.number(y - 4)),
          ])
        text.add(
          "text", [("class", "ink"), ("x", SVGText.number(x + 22)), ("y", SVGText.number(y))],
          series[entry.index].name)
      }
    }
  }

  private func drawAxes(_ layout: Layout, into text: inout SVGText) {
    let (left, top) = (layout.left, layout.top)
    let (right, bottom) = (left + layout.width, top + layout.height)
    for tick in layout.y.ticks {
      guard let place = layout.vertical(tick.value) else { continue }
      let y = SVGText.number(top + place)
      text.add(
        "line",
        [
          ("class", "grid"), ("x1", SVGText.number(left)), ("x2", SVGText.number(right)), ("y1", y),
          ("y2", y),
        ])
      text.add(
        "text",
        [
          ("class", "quiet"), ("text-anchor", "end"), ("x", SVGText.number(left - 8)),
          ("y", SVGText.number(top + place + 4)),
        ], tick.label)
    }
    for tick in layout.x.ticks {
      guard let place = layout.horizontal(tick.value) else { continue }
      let x = SVGText.number(left + place)
      text.add(
        "line",
        [
          ("class", "grid"), ("x1", x), ("x2", x), ("y1", SVGText.number(bottom)),
          ("y2", SVGText.number(bottom + 4)),
        ])
      text.add(
        "text",
        [
          ("class", "quiet"), ("text-anchor", "middle"), ("x", x), ("y", SVGText.number(bottom + 18)),
        ], tick.label)
    }
    text.add(
      "text",
      [
        ("class", "quiet"), ("text-anchor", "middle"), ("x", SVGText.number(left + layout.width / 2)),
        ("y", SVGText.number(bottom + 36)),
      ], x.label)
  }

  private func drawMarks(_ layout: Layout, into text: inout SVGText) {
    for mark in marks {
      guard let place = layout.horizontal(mark.x), (0...layout.width).contains(place) else { continue }
      let x = SVGText.number(place)
      text.add(
        "line", [("class", "mark"), ("x1", x), ("x2", x), ("y1", "0"), ("y2", SVGText.number(layout.height))])
      text.add("text", [("class", "quiet"), ("x", SVGText.number(place + 4)), ("y", "12")], mark.label)
    }
  }

  private func draw(_ series: Series, color: Int, _ layout: Layout, into text: inout SVGText) {
    let places = zip(series.x, series.y).map { x, y -> (x: Double, y: Double)? in
      guard let across = layout.horizontal(x), let down = layout.vertical(y) else { return nil }
      // Far beyond the axes a line's direction is all that is seen.
      return (min(max(across, -1e5), 1e5), min(max(down, -1e5), 1e5))
    }
    var path = ""
    for stretch in places.split(whereSeparator: { $0 == nil }) {
      let points = Self.thinned(stretch.compactMap { $0 })
      for (index, point) in points.enumerated() {
        path += "\(index == 0 ? "M" : "L")\(SVGText.number(point.x)) \(SVGText.number(point.y))"
      }
      // A single point is a line of no length, which a round cap makes a dot.
      if points.count == 1, let point = points.first {
        path += "L\(SVGText.number(point.x)) \(SVGText.number(point.y))"
      }
    }
    if !path.isEmpty { text.add("path", [("class", "line s\(color)"), ("d", path)]) }
    guard series.marksPoints else { return }
    for (index, place) in places.enumerated() {
      guard let place else { continue }
      text.open(
        "circle",
        [
          ("class", "d\(color)"), ("cx", SVGText.number(place.x)), ("cy", SVGText.number(place.y)),
          ("r", "3"),
        ])
      text.add(
        "title", [],
        "\(series.name): \(Decimal.shortest(series.y[index], decimals: 4)) at \(x.label) \(Decimal.exact(series.x[index]))"
      )
      text.close("circle")
    }
  }

  /// The first, the lowest, the highest and the last point of each column of pixels: all that can be seen.
  static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    guard let first = points.first, points.count > 1000 else { return points }
    var result: [(x: Double, y: Double)] = []
    var column: [(x: Double, y: Double)] = []
    var pixel = first.x.rounded(.down)
    func flush() {
      let low = column.indices.min { column[$0].y < column[$1].y } ?? 0
      let high = column.indices.max { column[$0].y < column[$1].y } ?? 0
      for index in Set([0, low, high, column.count - 1]).sorted() { result.append(column[index]) }
    }
    for point in points {
      if point.x.rounded(.down) != pixel {
        flush()
        column = []
        pixel = point.x.rounded(.down)
      }
      column.append(point)
    }
    flush()
    return result
  }
}
