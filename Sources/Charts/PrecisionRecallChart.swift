internal import Files

/// Precision over recall, with lines of equal F measure behind, and published results beside.
public struct PrecisionRecallChart: Chart, Equatable {
  /// One curve.
  public struct Curve: Sendable, Equatable {
    /// What the legend says.
    public var name: String
    /// In the order of thresholds; where one is not finite, the curve has a gap.
    public var recall: [Double], precision: [Double]
    /// The place among them that is marked, such as the best threshold's.
    public var best: Int?

    /// A curve through points.
    public init(_ name: String, recall: [Double], precision: [Double], best: Int? = nil) {
      (self.name, self.recall, self.precision, self.best) = (name, recall, precision, best)
    }
  }

  /// What stands above.
  public var title: String
  /// The curves; the first six have colours of their own.
  public var curves: [Curve]
  /// Published results: x is recall, y is precision.
  public var references: [ReferencePoint]

  /// A chart of curves.
  public init(_ title: String, curves: [Curve] = [], references: [ReferencePoint] = []) {
    (self.title, self.curves, self.references) = (title, curves, references)
  }

  /// Square, but for the legend.
  public var naturalHeight: Int { 460 }

  /// Precision and recall of each curve.
  public var table: ChartTable {
    var table = ChartTable(columns: ["curve", "recall", "precision", "F"])
    func row(_ name: String, _ recall: Double, _ precision: Double) -> [String] {
      [name] + [recall, precision, 2 * recall * precision / (recall + precision)].map(ChartText.number)
    }
    for curve in curves {
      table.rows += zip(curve.recall, curve.precision).map { row(curve.name, $0, $1) }
    }
    table.rows += references.map { row($0.label, $0.x, $0.y) }
    return table
  }

  /// The chart as an SVG document of that size in pixels.
  public func svg(width: Int = 520, height: Int = 460) -> String {
    ChartDocument.text(title, width: width, height: height) { text in
      draw(width: Double(width), height: Double(height), into: &text)
    }
  }

  private func draw(width: Double, height: Double, into text: inout SVGText) {
    let keys = curves.enumerated().map { PlotFrame.Key(name: $1.name, color: $0, symbol: .line) }
    let frame = PlotFrame(
      title, x: ChartAxis("recall", range: 0...1), y: ChartAxis("precision", range: 0...1), xs: [Double](),
      ys: [Double](), legend: keys, width: width, height: height)
    frame.draw(into: &text)
    frame.drawField(into: &text) { text in
      for level in 1...9 {
        let measure = Double(level) / 10
        // precision = F recall / (2 recall - F)
        let places = (0...100).map { step -> (x: Double, y: Double)? in
          let recall = measure / 2 + (1 - measure / 2) * Double(step) / 100
          let precision = measure * recall / (2 * recall - measure)
          return precision <= 1 ? frame.place(recall, precision) : nil
        }
        text.add("path", [("class", "mark"), ("d", PlotFrame.path(places))])
        guard let end = frame.place(1, measure / (2 - measure)) else { continue }
        text.add(
          "text",
          [
            ("class", "quiet"), ("text-anchor", "end"), ("x", SVGText.number(end.x - 2)),
            ("y", SVGText.number(end.y - 4)),
          ], "F .\(level)")
      }
      for (index, curve) in curves.enumerated() {
        let color = index % ChartStyle.colorCount
        let places = zip(curve.recall, curve.precision).map { frame.place($0, $1) }
        let path = PlotFrame.path(places)
        if !path.isEmpty { text.add("path", [("class", PlotFrame.lineClass(index)), ("d", path)]) }
        guard let best = curve.best, places.indices.contains(best), let place = places[best] else { continue }
        text.open(
          "circle",
          [
            ("class", "d\(color)"), ("cx", SVGText.number(place.x)), ("cy", SVGText.number(place.y)),
            ("r", "4.5"),
          ])
        text.add("title", [], "\(curve.name): the best threshold")
        text.close("circle")
      }
      frame.draw(references, into: &text)
    }
  }
}
