public import Files

/// What an experiment found, as a page to read: figures, tables, charts, pictures, and how they came about.
///
/// ```swift
/// var report = Report("Points", summary: "Mean IoU on 3 datasets.", provenance: provenance)
/// report.add("By the number of points", [.chart(curve), .table(table)])
/// try report.write(to: "points.html")
/// ```
///
/// The page is one file. It needs no network and no script, follows the reader's preference for a light or a dark ground, and each
/// chart has its numbers below it. All text is escaped.
public struct Report: Sendable {
  /// What was measured.
  public var title: String
  /// One or two sentences: what came out.
  public var summary: String
  /// How it came about.
  public var provenance: Provenance
  /// The parts, from top to bottom.
  public var sections: [Section] = []

  /// A part with a heading.
  public struct Section: Sendable {
    /// The heading.
    public var title: String
    /// What it holds, from top to bottom.
    public var blocks: [Block]

    /// A part of given blocks.
    public init(_ title: String, _ blocks: [Block]) { (self.title, self.blocks) = (title, blocks) }
  }

  /// A report without parts yet.
  public init(_ title: String, summary: String, provenance: Provenance) {
    (self.title, self.summary, self.provenance) = (title, summary, provenance)
  }

  /// Adds a part.
  public mutating func add(_ title: String, _ blocks: [Block]) { sections.append(Section(title, blocks)) }

  /// Writes ``html`` to a file, whole or not at all.
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(Array(html.utf8), to: path)
  }
}

/// How a report's numbers came about, so that someone else can come to them, too.
public struct Provenance: Sendable, Equatable {
  /// The command line.
  public var command: String
  /// When, as text; whoever makes the report says so.
  public var date: String
  /// The model that was measured; nil where there is none.
  public var model: String?
  /// Decisions and seeds that the numbers depend on, each with its name.
  public var settings: [(name: String, value: String)]
  /// What a reader should know before trusting the numbers.
  public var notes: [String]

  /// A report's origin.
  public init(
    command: String, date: String, model: String? = nil, settings: [(name: String, value: String)] = [],
    notes: [String] = []
  ) {
    (self.command, self.date, self.model, self.notes) = (command, date, model, notes)
    self.settings = settings
  }

  /// Whether both say the same.
  public static func == (left: Provenance, right: Provenance) -> Bool {
    left.command == right.command && left.date == right.date && left.model == right.model
      && left.notes == right.notes && left.settings.elementsEqual(right.settings, by: ==)
  }
}
