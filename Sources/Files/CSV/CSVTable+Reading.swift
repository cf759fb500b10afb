extension CSVTable {
  /// Reads a file. Lines end with CR LF or LF; a byte order mark at the beginning and empty lines mean nothing.
  ///
  /// - Throws: ``CSVError`` that names the file and the line.
  package init(contentsOfFile path: String) throws(CSVError) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try MappedFile(path: path).withBytes { [UInt8]($0) }
    } catch {
      throw CSVError(path: path, line: nil, problem: .file(error))
    }
    try self.init(parsing: bytes, path: path)
  }

  /// Reads a table's bytes.
  ///
  /// - Parameter path: what errors call it.
  package init(parsing bytes: [UInt8], path: String) throws(CSVError) {
    var reader = Reader(bytes: bytes, path: path)
    var header: [String]?
    var rows: [Row] = []
    while let row = try reader.row() {
      guard let header else {
        header = row.cells
        try Self.check(row, path)
        continue
      }
      guard row.cells.count == header.count else {
        throw CSVError(
          path: path, line: row.line, problem: .columns(row.cells.count, expected: header.count))
      }
      rows.append(row)
    }
    guard let header else { throw CSVError(path: path, line: nil, problem: .nothing) }
    self.init(header: header, rows: rows, path: path)
  }

  private static func check(_ header: Row, _ path: String) throws(CSVError) {
    var seen: Set<String> = []
    for name in header.cells where !seen.insert(name).inserted {
      throw CSVError(path: path, line: header.line, problem: .sameColumn(name))
    }
    // What spreadsheets of some countries write.
    if header.cells.count == 1, let only = header.cells.first,
      let separator = [";", "\t"].first(where: only.contains)
    {
      throw CSVError(
        path: path, line: header.line, problem: .separator(separator == "\t" ? "tabs" : "semicolons"))
    }
  }

  /// Where reading is.
  private struct Reader {
    let bytes: [UInt8]
    let path: String
    private var at = 0
    private var line = 1

    init(bytes: [UInt8], path: String) {
      (self.bytes, self.path) = (bytes, path)
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    private func failure(_ problem: CSVError.Problem, line: Int? = nil) -> CSVError {
      CSVError(path: path, line: line ?? self.line, problem: problem)
    }

    /// The next row that is not an empty line; nil at the end.
    mutating func row() throws(CSVError) -> Row? {
      while at < bytes.count, skipLineEnd() {}
      guard at < bytes.count else { return nil }
      let begin = line
      var cells: [String] = []
      while true {
        cells.append(try cell())
        if at < bytes.count, bytes[at] == UInt8(ascii: ",") {
          at += 1
          continue
        }
        if at < bytes.count { _ = skipLineEnd() }
        return Row(cells, line: begin)
      }
    }

    /// Passes over the end of a line; false where there is none.
    private mutating func skipLineEnd() -> Bool {
      if bytes[at] == 0x0D, at + 1 < bytes.count, bytes[at + 1] == 0x0A {
        at += 2
      } else if bytes[at] == 0x0A {
        at += 1
      } else {
        return false
      }
      line += 1
      return true
    }

    private mutating func cell() throws(CSVError) -> String {
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return try plainCell() }
      let begin = line
      at += 1
      var cell: [UInt8] = []
      while at < bytes.count {
        let byte = bytes[at]
        at += 1
        if byte == UInt8(ascii: "\"") {
          guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
            let isEnd = at == bytes.count || [0x2C, 0x0A].contains(bytes[at]) || isCarriageReturn
            guard isEnd else { throw failure(.afterQuote) }
            return try text(cell, line: begin)
          }
          at += 1
        } else if byte == 0x0A {
          line += 1
        }
        cell.append(byte)
      }
      throw failure(.openQuote, line: begin)
    }

    private var isCarriageReturn: Bool {
      bytes[at] == 0x0D && at + 1 < bytes.count && bytes[at + 1] == 0x0A
    }

    private mutating func plainCell() throws(CSVError) -> String {
      let begin = at
      while at < bytes.count, bytes[at] != UInt8(ascii: ","), bytes[at] != 0x0A, !isCarriageReturn {
        guard bytes[at] != UInt8(ascii: "\"") else { throw failure(.quoteInside) }
        at += 1
      }
      return try text(Array(bytes[begin..<at]), line: line)
    }

    private func text(_ bytes: [UInt8], line: Int) throws(CSVError) -> String {
      guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
        throw failure(.notText, line: line)
      }
      return text
    }
  }
}
