/// Columns of text, padded to line up.
struct Table {
  /// On which side a column's text stands.
  enum Alignment { case left, right }

  private let alignments: [Alignment]
  private var rows: [[String]]

  /// A table with a heading for each column.
  init(_ columns: KeyValuePairs<String, Alignment>) {
    self.init(columns.map { ($0.key, $0.value) })
  }

  /// A table with a heading for each column.
  init(_ columns: [(heading: String, alignment: Alignment)]) {
    alignments = columns.map(\.alignment)
    rows = [columns.map(\.heading)]
  }

  /// Adds a row, one cell for each column.
  mutating func add(_ cells: String...) { add(cells) }

  /// Adds a row, one cell for each column.
  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The lines, headings first.
  var text: String {
    let widths = alignments.indices.map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() where column < widths.count {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (alignments[column] == .left ? cell + padding : padding + cell)
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
