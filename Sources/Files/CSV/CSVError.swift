/// What is wrong with a table.
package struct CSVError: Error, Sendable, Equatable {
  /// The file.
  package let path: String
  /// The line, counted from 1; nil where it is none in particular.
  package let line: Int?
  /// What is wrong.
  package let problem: Problem

  /// An error in a line of a file.
  package init(path: String, line: Int?, problem: Problem) {
    (self.path, self.line, self.problem) = (path, line, problem)
  }

  /// What is wrong.
  package enum Problem: Sendable, Equatable {
    /// The file cannot be read.
    case file(FileError)
    /// Not even a header.
    case nothing
    /// A row has another number of values than the header.
    case columns(Int, expected: Int)
    /// Two columns have one name.
    case sameColumn(String)
    /// There is no column of that name.
    case noColumn(String, there: [String])
    /// Values are separated by something else than commas.
    case separator(String)
    /// A quoted value does not end.
    case openQuote
    /// Something follows a quoted value.
    case afterQuote
    /// A quote in a value that does not begin with one.
    case quoteInside
    /// Bytes that are no UTF-8 text.
    case notText
    /// A cell that is no finite number.
    case notANumber(String, column: String)
    /// A cell with nothing in it.
    case empty(column: String)
    /// Something about the contents.
    case content(String)
  }
}

extension CSVError: CustomStringConvertible {
  /// One line that names the file.
  package var description: String {
    if case .file(let error) = problem { return error.description }
    return path + ": " + (line.map { "line \($0): " } ?? "") + problem.description
  }
}

extension CSVError.Problem: CustomStringConvertible {
  /// What is wrong, without the file's name.
  package var description: String {
    switch self {
    case .file(let error): error.description
    case .nothing: "an empty file, not a table"
    case .columns(let count, let expected): "\(count) values for \(expected) columns"
    case .sameColumn(let name): "two columns are called '\(name)'"
    case .noColumn(let name, let there): "no column '\(name)', there are: \(there.joined(separator: ", "))"
    case .separator(let what): "values are separated by \(what), expected commas"
    case .openQuote: "a quoted value does not end"
    case .afterQuote: "something follows a quoted value"
    case .quoteInside: "a quote inside a value that is not quoted"
    case .notText: "not UTF-8 text"
    case .notANumber(let cell, let column): "'\(cell)' in column '\(column)' is no finite number"
    case .empty(let column): "nothing in column '\(column)'"
    case .content(let text): text
    }
  }
}
