/// How numbers lie along one side of a chart.
public struct ChartAxis: Sendable, Equatable {
  /// The spacing of numbers.
  public enum Scale: Sendable {
    /// Equal distances are equal differences.
    case linear
    /// Equal distances are equal ratios; only numbers above 0 have a place.
    case logarithmic
  }

  /// What is measured, with its unit.
  public var label: String
  /// The spacing of numbers.
  public var scale: Scale
  /// What is shown; nil for all that there is.
  public var range: ClosedRange<Double>?

  /// An axis.
  public init(_ label: String, _ scale: Scale = .linear, range: ClosedRange<Double>? = nil) {
    self.label = label
    self.scale = scale
    self.range = range
  }
}
