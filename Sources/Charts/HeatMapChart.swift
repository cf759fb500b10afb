internal import Files

/// Numbers in a grid as shades, the largest the strongest.
public struct HeatMapChart: Chart, Equatable {
  /// What stands above.
  public var title: String
  /// Cells in a row.
  public var columns: Int
  /// What each cell holds, row by row from the top; cells that are not finite stay empty.
  public var values: [Double]
  /// What a cell counts.
  public var unit: String
  /// The number that has the strongest shade; nil for the largest there is.
  public var maximum: Double?
  /// Width by height of what the grid lies over; cells are square where nil.
  public var aspect: Double?

  /// A map of given cells.
  public init(_ title: String, columns: Int, values: [Double], unit: String) {
    (self.title, self.columns, self.values, self.unit) = (title, max(1, columns), values, unit)
  }

  private var rows: Int { (values.count + columns - 1) / columns }
  private var top: Double { maximum ?? values.filter(\.isFinite).max() ?? 0 }

  /// The grid.
  public var table: ChartTable {
    ChartTable(
      columns: ["row"] + (1...columns).map(String.init),
      rows: (0..<rows).map { row in
        ["\(row + 1)"]
          + values[row * columns..<min((row + 1) * columns, values.count)].map(ChartText.number)
      })
  }

  /// A square field.
  public var naturalHeight: Int { 420 }

  /// The chart as an SVG document of that size in pixels.
  public func svg(width: Int = 420, height: Int = 420) -> String {
    ChartDocument.text(title, width: width, height: height) { text in
      draw(width: Double(width), height: Double(height), into: &text)
    }
  }

  private func draw(width: Double, height: Double, into text: inout SVGText) {
    text.add("text", [("class", "title ink"), ("x", "16"), ("y", "24")], title)
    guard rows > 0 else { return }
    let room = (width: width - 32, height: height - 40 - 44)
    let aspect = aspect ?? Double(columns) / Double(rows)
    let field = (
      width: min(room.width, room.height * aspect), height: min(room.height, room.width / aspect)
    )
    let left = (width - field.width) / 2, upper = 40.0
    let cell = (width: field.width / Double(columns), height: field.height / Double(rows))
    for row in 0..<rows {
      // Neighbours of one shade are one rectangle.
      var column = 0
      while column < columns, row * columns + column < values.count {
        let begin = column
        let shade = shade(of: values[row * columns + column])
        while column < columns, row * columns + column < values.count,
          self.shade(of: values[row * columns + column]) == shade
        {
          column += 1
        }
        guard let shade else { continue }
        // Half a pixel over, so that no ground shines through between rows.
        text.add(
          "rect",
          [
            ("class", "h\(shade)"), ("x", SVGText.number(left + Double(begin) * cell.width)),
            ("y", SVGText.number(upper + Double(row) * cell.height)),
            ("width", SVGText.number(Double(column - begin) * cell.width + (column < columns ? 0.4 : 0))),
            ("height", SVGText.number(cell.height + (row + 1 < rows ? 0.4 : 0))),
          ])
      }
    }
    drawScale(left: left, top: upper + field.height + 14, width: min(220, field.width), into: &text)
  }

  private func shade(of value: Double) -> Int? {
    guard value.isFinite else { return nil }
    guard top > 0, value > 0 else { return 0 }
    let steps = ChartStyle.rampCount - 1
    return min(steps, 1 + Int(min(1, value / top) * Double(steps) * 0.999_999))
  }

  private func drawScale(left: Double, top: Double, width: Double, into text: inout SVGText) {
    let step = width / Double(ChartStyle.rampCount)
    for shade in 0..<ChartStyle.rampCount {
      text.add(
        "rect",
        [
          ("class", "h\(shade)"), ("x", SVGText.number(left + Double(shade) * step)),
          ("y", SVGText.number(top)), ("width", SVGText.number(step)), ("height", "8"),
        ])
    }
    text.add(
      "text", [("class", "quiet"), ("x", SVGText.number(left)), ("y", SVGText.number(top + 22))], "0")
    text.add(
      "text",
      [
        ("class", "quiet"), ("text-anchor", "end"), ("x", SVGText.number(left + width)),
        ("y", SVGText.number(top + 22)),
      ], "\(ChartText.number(self.top)) \(unit)")
  }
}
