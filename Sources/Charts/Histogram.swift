internal import Files

/// How many of something, or which share, falls into each bin: upright bars side by side, a colour for each series.
public struct Histogram: Chart, Equatable {
  /// The bars of one colour.
  public struct Series: Sendable, Equatable {
    /// What the legend says.
    public var name: String
    /// One for each bin; none is drawn for what is not finite.
    public var values: [Double]
    /// Where a bar's interval begins and ends; empty where there are none.
    public var intervals: [ClosedRange<Double>?]

    /// Bars of given heights.
    public init(_ name: String, values: [Double], intervals: [ClosedRange<Double>?] = []) {
      (self.name, self.values, self.intervals) = (name, values, intervals)
    }
  }

  /// What stands above.
  public var title: String
  /// What the bins are of; told below.
  public var x: String
  /// What is counted.
  public var y: ChartAxis
  /// What each bin is called, from left to right.
  public var bins: [String]
  /// Bars of each bin, from left to right.
  public var series: [Series] = []

  /// A histogram without bars yet.
  public init(_ title: String, bins: [String], x: String, y: ChartAxis) {
    (self.title, self.bins, self.x, self.y) = (title, bins, x, y)
  }

  /// Bins and values.
  public var table: ChartTable {
    ChartTable(
      columns: [x] + series.map(\.name),
      rows: bins.indices.map { bin in
        [bins[bin]]
          + series.map { $0.values.indices.contains(bin) ? ChartText.number($0.values[bin]) : "" }
      })
  }

  /// The chart as an SVG document of that size in pixels.
  public func svg(width: Int = 520, height: Int = 320) -> String {
    ChartDocument.text(title, width: width, height: height) { text in
      draw(width: Double(width), height: Double(height), into: &text)
    }
  }

  private func draw(width: Double, height: Double, into text: inout SVGText) {
    let keys = series.enumerated().map { PlotFrame.Key(name: $1.name, color: $0, symbol: .box) }
    let ends = series.flatMap { $0.intervals.compactMap { $0 }.flatMap { [$0.lowerBound, $0.upperBound] } }
    // The names of bins stand where a horizontal axis would have its ticks.
    let frame = PlotFrame(
      title, x: ChartAxis(x, range: 0...1), y: y, xs: [Double](), ys: series.flatMap(\.values) + ends + [0],
      legend: keys, width: width, height: height, drawsTicks: false)
    frame.draw(into: &text)
    let step = frame.width / Double(max(1, bins.count))
    let longest = Double(bins.map(\.count).max() ?? 1) * PlotFrame.letter
    let stride = max(1, Int((longest / step).rounded(.up)))
    for bin in Swift.stride(from: 0, to: bins.count, by: stride) {
      text.add(
        "text",
        [
          ("class", "quiet"), ("text-anchor", "middle"),
          ("x", SVGText.number(frame.left + step * (Double(bin) + 0.5))),
          ("y", SVGText.number(frame.top + frame.height + 18)),
        ], bins[bin])
    }
    frame.drawField(into: &text) { text in
      let thickness = (step - min(8, step * 0.25)) / Double(max(1, series.count))
      let ground = frame.vertical(0) ?? frame.height
      for (index, one) in series.enumerated() {
        for (bin, value) in one.values.enumerated() where bin < bins.count {
          guard let y = frame.vertical(value) else { continue }
          let x = step * Double(bin) + min(4, step * 0.125) + thickness * Double(index)
          text.open(
            "rect",
            [
              ("class", "d\(index % ChartStyle.colorCount)"), ("x", SVGText.number(x)),
              ("y", SVGText.number(min(y, ground))),
              ("width", SVGText.number(max(0.5, thickness - (thickness > 4 ? 1 : 0)))),
              ("height", SVGText.number(abs(ground - y))),
            ])
          text.add("title", [], "\(one.name), \(bins[bin]): \(ChartText.number(value))")
          text.close("rect")
          guard one.intervals.indices.contains(bin), let interval = one.intervals[bin],
            let low = frame.vertical(interval.lowerBound), let high = frame.vertical(interval.upperBound)
          else { continue }
          text.add(
            "path",
            [
              ("class", "whisker"),
              (
                "d",
                "M\(SVGText.number(x + thickness / 2)) \(SVGText.number(low))V\(SVGText.number(high))"
              ),
            ])
        }
      }
    }
  }
}
