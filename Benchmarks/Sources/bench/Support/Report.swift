internal import Foundation

/// A table of measurements, printed as Markdown or as JSON.
struct Report {
  /// A cell of a row.
  enum Cell {
    case text(String)
    /// A number and its decimals.
    case number(Double, Int)
    /// A share of 1, printed in percent.
    case share(Double)
    case absent

    fileprivate var text: String {
      switch self {
      case .text(let text): text
      case .number(let value, let decimals): String(format: "%.\(decimals)f", value)
      case .share(let value): String(format: "%.0f %%", 100 * value)
      case .absent: "–"
      }
    }

    fileprivate var json: Any {
      switch self {
      case .text(let text): text
      case .number(let value, _), .share(let value): value.isFinite ? value : NSNull()
      case .absent: NSNull()
      }
    }

    fileprivate var isText: Bool { if case .text = self { true } else { false } }
  }

  let title: String
  let columns: [String]
  private(set) var rows: [[Cell]] = []

  init(_ title: String, _ columns: String...) {
    self.title = title
    self.columns = columns
  }

  /// Adds a row, a cell for each column.
  mutating func add(_ cells: Cell...) { rows.append(cells) }

  /// A time in milliseconds, with three digits or so.
  static func time(_ milliseconds: Double) -> Cell {
    .number(milliseconds, milliseconds < 1 ? 3 : milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0)
  }

  /// Prints the table, and for Markdown the machine above it.
  func print(_ options: CommonOptions) throws {
    if options.json {
      let object: [String: Any] = [
        "title": title, "machine": Machine.description, "threads": options.threads, "load": Machine.load,
        "rows": rows.map { row in
          Dictionary(zip(columns, row.map(\.json)), uniquingKeysWith: { first, _ in first })
        },
      ]
      let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
      Swift.print(String(decoding: data, as: UTF8.self))
      return
    }
    Swift.print("\(title): \(Machine.description), \(options.threads) threads, load \(Machine.load)\n")
    let widths = columns.indices.map { column in
      max(columns[column].count, rows.map { $0[column].text.count }.max() ?? 0)
    }
    func line(_ cells: [String], left: (Int) -> Bool) -> String {
      "| "
        + cells.enumerated().map { column, cell in
          let padding = String(repeating: " ", count: widths[column] - cell.count)
          return left(column) ? cell + padding : padding + cell
        }.joined(separator: " | ") + " |"
    }
    let isLeft = columns.indices.map { column in rows.contains { $0[column].isText } }
    Swift.print(line(columns) { isLeft[$0] })
    Swift.print(
      "|"
        + columns.indices.map { column in
          let dashes = String(repeating: "-", count: widths[column] + 1)
          return isLeft[column] ? dashes + "-" : dashes + ":"
        }.joined(separator: "|") + "|")
    for row in rows { Swift.print(line(row.map(\.text)) { isLeft[$0] }) }
    Swift.print("")
  }
}
