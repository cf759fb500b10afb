/// A picture of numbers, and the numbers themselves.
///
/// Every chart is an SVG document that is readable on a light and on a dark ground: it follows what the reader's browser prefers. It
/// needs no script, no font and no network, and has no identifiers, so that many may stand in one HTML page.
public protocol Chart: Sendable {
  /// What stands above.
  var title: String { get }
  /// The numbers that are shown, for readers who want them, or cannot see the picture.
  var table: ChartTable { get }
  /// Pixels from top to bottom that suit what is shown.
  var naturalHeight: Int { get }
  /// The chart as an SVG document of that size in pixels.
  func svg(width: Int, height: Int) -> String
}

extension Chart {
  /// What suits a chart whose height does not depend on what is shown.
  public var naturalHeight: Int { 320 }
}

/// Numbers as text, in columns.
public struct ChartTable: Sendable, Equatable {
  /// What each column is.
  public var columns: [String]
  /// From top to bottom, a text for each column.
  public var rows: [[String]]

  /// A table of given cells.
  public init(columns: [String], rows: [[String]] = []) {
    self.columns = columns
    self.rows = rows
  }
}
