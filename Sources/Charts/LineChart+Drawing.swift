internal import Files

extension LineChart {
  func draw(width: Double, height: Double, into text: inout SVGText) {
    let keys = series.enumerated().map { PlotFrame.Key(name: $1.name, color: $0, symbol: .line) }
    let frame = PlotFrame(
      title, x: x, y: y, xs: series.flatMap(\.x) + references.map(\.x),
      ys: series.flatMap(\.y) + references.map(\.y), legend: keys, width: width, height: height)
    frame.draw(into: &text)
    frame.drawField(into: &text) { text in
      drawMarks(frame, into: &text)
      for (index, series) in series.enumerated() {
        draw(series, number: index, frame, into: &text)
      }
      frame.draw(references, into: &text)
    }
  }

  private func drawMarks(_ frame: PlotFrame, into text: inout SVGText) {
    for mark in marks {
      guard let place = frame.horizontal(mark.x), (0...frame.width).contains(place) else { continue }
      let x = SVGText.number(place)
      text.add(
        "line", [("class", "mark"), ("x1", x), ("x2", x), ("y1", "0"), ("y2", SVGText.number(frame.height))])
      text.add("text", [("class", "quiet"), ("x", SVGText.number(place + 4)), ("y", "12")], mark.label)
    }
  }

  private func draw(_ series: Series, number: Int, _ frame: PlotFrame, into text: inout SVGText) {
    let color = number % ChartStyle.colorCount
    let places = zip(series.x, series.y).map { frame.place($0, $1) }
    let path = PlotFrame.path(places)
    if !path.isEmpty { text.add("path", [("class", PlotFrame.lineClass(number)), ("d", path)]) }
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

extension LineChart: Chart {
  /// A row for each position, a column for each line; published results at the end.
  public var table: ChartTable {
    let positions = Set(series.flatMap(\.x)).filter(\.isFinite).sorted()
    let lookups = series.map { Dictionary(zip($0.x, $0.y)) { first, _ in first } }
    var table = ChartTable(columns: [x.label] + series.map(\.name))
    table.rows = positions.map { position in
      [Decimal.exact(position)] + lookups.map { $0[position].map(ChartText.number) ?? "" }
    }
    table.rows += references.map { reference in
      ["\(reference.label), at \(Decimal.exact(reference.x))", ChartText.number(reference.y)]
        + Array(repeating: "", count: max(0, series.count - 1))
    }
    return table
  }
}

/// How tables of charts write numbers.
enum ChartText {
  /// Four significant decimals are more than any picture shows.
  static func number(_ value: Double) -> String {
    value.isFinite
      ? value != 0 && value.magnitude < 0.001 ? "\(value)" : Decimal.shortest(value, decimals: 4) : "-"
  }
}
