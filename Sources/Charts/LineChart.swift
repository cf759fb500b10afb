/// Lines over a common axis, to be drawn as SVG.
///
/// ```swift
/// var chart = LineChart("Loss", x: ChartAxis("step"), y: ChartAxis("loss", .logarithmic))
/// chart.series = [LineChart.Series("training", points: [(20, 7.7), (40, 5.5), (60, 4.6)])]
/// let text = chart.svg()
/// ```
///
/// The picture is readable on a light and on a dark ground: it follows what the reader's browser prefers. It needs no script, no
/// font and no network, and has no identifiers, so that many may stand in one HTML page.
public struct LineChart: Sendable, Equatable {
  /// One line.
  public struct Series: Sendable, Equatable {
    /// What the legend says.
    public var name: String
    /// Positions from left to right. Where a coordinate is not finite, or has no logarithm on an axis of such, the line has a gap.
    public var x: [Double], y: [Double]
    /// Whether each point is marked and tells its values when it is pointed at: for few points.
    public var marksPoints: Bool

    /// A line through points, in the order of x.
    public init(_ name: String, points: [(x: Double, y: Double)], marksPoints: Bool = false) {
      self.name = name
      x = points.map(\.x)
      y = points.map(\.y)
      self.marksPoints = marksPoints
    }
  }

  /// A place on the horizontal axis that is told by an upright line.
  public struct Mark: Sendable, Equatable {
    /// Where.
    public var x: Double
    /// What is written beside it.
    public var label: String

    /// A mark at a place.
    public init(x: Double, label: String) {
      self.x = x
      self.label = label
    }
  }

  /// What stands above.
  public var title: String
  /// The horizontal axis, which spans the points exactly.
  public var x: ChartAxis
  /// The vertical axis, which ends at ticks.
  public var y: ChartAxis
  /// The lines; the first six have colours of their own, which people who confuse colours can tell apart, the next six are broken.
  public var series: [Series] = []
  /// Upright lines.
  public var marks: [Mark] = []
  /// Published results.
  public var references: [ReferencePoint] = []

  /// A chart without lines yet.
  public init(_ title: String, x: ChartAxis, y: ChartAxis) {
    self.title = title
    self.x = x
    self.y = y
  }

  /// The chart as an SVG document of that size in pixels.
  public func svg(width: Int = 520, height: Int = 320) -> String {
    ChartSheet([self], columns: 1, width: width, height: height).svg
  }
}
