/// A table as text, in the form of RFC 4180: values between commas, a header first, quotes where a value needs them.
package struct CSVTable: Sendable, Equatable {
  /// One row.
  package struct Row: Sendable, Equatable {
    /// A text for each column.
    package var cells: [String]
    /// The line of the file that it begins in, counted from 1; 0 for a row that is from no file.
    package var line: Int

    /// A row of given cells.
    package init(_ cells: [String], line: Int = 0) { (self.cells, self.line) = (cells, line) }
  }

  /// The file that it is from, for messages.
  package var path: String
  /// What each column is called; all different.
  package var header: [String]
  /// From top to bottom.
  package var rows: [Row]

  /// A table of given rows.
  package init(header: [String], rows: [Row] = [], path: String = "") {
    (self.header, self.rows, self.path) = (header, rows, path)
  }

  /// The table as a file's content, with a line feed at the end of each row.
  package var text: String {
    ([header] + rows.map(\.cells)).map { Self.line($0) + "\n" }.joined()
  }

  private static func line(_ cells: [String]) -> String {
    // An empty line would be no row at all.
    cells == [""] ? "\"\"" : cells.map(quoted).joined(separator: ",")
  }

  private static func quoted(_ cell: String) -> String {
    let needsQuotes = cell.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
    return needsQuotes
      ? "\"" + cell.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
      : cell
  }

  /// Writes ``text`` to a file, whole or not at all.
  package func write(to path: String) throws(FileError) {
    try AtomicFile.write(Array(text.utf8), to: path)
  }
}

extension CSVTable {
  /// The position of a column.
  ///
  /// - Throws: ``CSVError`` that names the columns there are.
  package func column(_ name: String) throws(CSVError) -> Int {
    guard let column = header.firstIndex(of: name) else {
      throw CSVError(path: path, line: nil, problem: .noColumn(name, there: header))
    }
    return column
  }

  /// A cell as a finite number.
  ///
  /// - Throws: ``CSVError`` that names line and column.
  package func number(_ row: Row, _ column: Int) throws(CSVError) -> Double {
    let cell = row.cells[column]
    guard let value = Double(cell.trimmed), value.isFinite else {
      throw CSVError(path: path, line: row.line, problem: .notANumber(cell, column: header[column]))
    }
    return value
  }

  /// A cell that must not be empty.
  ///
  /// - Throws: ``CSVError`` that names line and column.
  package func text(_ row: Row, _ column: Int) throws(CSVError) -> String {
    let cell = row.cells[column].trimmed
    guard !cell.isEmpty else {
      throw CSVError(path: path, line: row.line, problem: .empty(column: header[column]))
    }
    return cell
  }
}

extension String {
  /// The text without spaces at both ends.
  fileprivate var trimmed: String {
    var text = drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return String(text)
  }
}
