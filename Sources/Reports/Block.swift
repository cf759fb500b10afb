public import Charts

extension Report {
  /// One thing on the page.
  public enum Block: Sendable {
    /// A paragraph.
    case text(String)
    /// The numbers that matter most, in large type.
    case figures([KeyFigure])
    /// Rows and columns.
    case table(ReportTable)
    /// A chart over the whole width, with its numbers to unfold below.
    case chart(any Chart)
    /// Smaller charts side by side.
    case charts([any Chart])
    /// Pictures side by side, with captions.
    case pictures([ReportPicture])
    /// What others published, set off from what was measured here.
    case published(ReportTable, source: String)
    /// What to mind.
    case note(String)
  }
}

/// A number in large type.
public struct KeyFigure: Sendable, Equatable {
  /// What it is.
  public var label: String
  /// The number, with its unit.
  public var value: String
  /// What stands below in small type: an interval, a comparison.
  public var detail: String

  /// A number with its name.
  public init(_ label: String, _ value: String, detail: String = "") {
    (self.label, self.value, self.detail) = (label, value, detail)
  }
}

/// Rows and columns of text.
public struct ReportTable: Sendable, Equatable {
  /// What it shows; stands above.
  public var caption: String
  /// The headings. The first column names the rows, the others stand at the right, as numbers do.
  public var columns: [String]
  /// A text for each column.
  public var rows: [[String]]
  /// Columns besides the first that hold words and not numbers.
  public var wordColumns: Set<Int>
  /// Whether the last row is set off, as a mean or a sum is.
  public var lastRowIsTotal = false

  /// A table of given cells.
  public init(
    _ caption: String, columns: [String], rows: [[String]] = [], wordColumns: Set<Int> = [],
    lastRowIsTotal: Bool = false
  ) {
    (self.caption, self.columns, self.rows) = (caption, columns, rows)
    (self.wordColumns, self.lastRowIsTotal) = (wordColumns, lastRowIsTotal)
  }
}
