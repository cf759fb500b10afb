import Foundation
import TestSupport
import Testing

@testable import Files

@Suite("A table of values between commas")
struct CSVTableTests {
  private func table(_ text: String) throws(CSVError) -> CSVTable {
    try CSVTable(parsing: Array(text.utf8), path: "t.csv")
  }

  @Test(arguments: [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2", [["a", "b"], ["1", "2"]]),
    ("\u{FEFF}a\n1\n", [["a"], ["1"]]),
    ("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", [["a", "b"], ["x,y", "say \"hi\""]]),
    ("a,b\n\"two\nlines\",\"\"\n", [["a", "b"], ["two\nlines", ""]]),
    ("a,b\n\n\r\n,\n\n", [["a", "b"], ["", ""]]),
    ("a\r\n\"x\r\ny\"\r\n", [["a"], ["x\r\ny"]]),
    ("\"a\",b c\n ü , 猫\n", [["a", "b c"], [" ü ", " 猫"]]),
    ("a\n1\r\n", [["a"], ["1"]]), ("a,b\n", [["a", "b"]]),
  ])
  func isReadAsRFC4180Says(text: String, cells: [[String]]) throws {
    let table = try table(text)
    #expect([table.header] + table.rows.map(\.cells) == cells)
  }

  @Test(arguments: [
    ("", "t.csv: an empty file, not a table"), ("\n\n", "t.csv: an empty file, not a table"),
    ("a,b\n1\n", "t.csv: line 2: 1 values for 2 columns"),
    ("a,b\n1,2\n\n1,2,3\n", "t.csv: line 4: 3 values for 2 columns"),
    ("a,a\n", "t.csv: line 1: two columns are called 'a'"),
    ("a\n\"x", "t.csv: line 2: a quoted value does not end"),
    ("a\n\"x\n\n", "t.csv: line 2: a quoted value does not end"),
    ("a\n\"x\"y\n", "t.csv: line 2: something follows a quoted value"),
    ("a\nx\"y\n", "t.csv: line 2: a quote inside a value that is not quoted"),
    ("a;b\n1;2\n", "t.csv: line 1: values are separated by semicolons, expected commas"),
    ("a\tb\n", "t.csv: line 1: values are separated by tabs, expected commas"),
    ("a\n\u{0}\n", "t.csv: line 2: not UTF-8 text"),
  ])
  func whatIsWrongIsToldWithItsLine(text: String, message: String) throws {
    do {
      _ = try table(text)
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.description == message)
    }
  }

  @Test func bytesThatAreNoTextAndFilesThatAreNotThereAreErrors() throws {
    #expect(throws: CSVError.self) { try CSVTable(parsing: [0x61, 0x0A, 0xFF, 0x0A], path: "t") }
    #expect(throws: CSVError.self) { try CSVTable(contentsOfFile: "/none/t.csv") }
    let folder = try TemporaryDirectory()
    #expect(throws: CSVError.self) { try CSVTable(contentsOfFile: folder.path) }
  }

  @Test func cellsAreNumbersOrTold() throws {
    let table = try table("a,b\n 1.5 ,nan\n1e400,\n")
    #expect(try table.number(table.rows[0], table.column("a")) == 1.5)
    for (row, column) in [(0, 1), (1, 0), (1, 1)] {
      #expect(throws: CSVError.self) { try table.number(table.rows[row], column) }
    }
    #expect(throws: CSVError.self) { try table.text(table.rows[1], 1) }
    do {
      _ = try table.column("c")
    } catch {
      #expect(error.description == "t.csv: no column 'c', there are: a, b")
    }
  }

  @Test func whatIsWrittenReadsBackTheSame() throws {
    let odd = ["", "a", ",", "\"", "\"\"", "\n", "\r\n", "x\ny,\"z\"", " ", "ü", "1e-5"]
    var table = CSVTable(header: odd.map { "h" + $0 })
    for _ in 0..<3 { table.rows.append(CSVTable.Row(odd)) }
    let again = try CSVTable(parsing: Array(table.text.utf8), path: "t")
    #expect(again.header == table.header && again.rows.map(\.cells) == table.rows.map(\.cells))
    let single = CSVTable(header: ["a"], rows: [CSVTable.Row([""]), CSVTable.Row(["b"])])
    #expect(try CSVTable(parsing: Array(single.text.utf8), path: "t").rows.map(\.cells) == [[""], ["b"]])
  }

  @Test func anyBytesAreATableOrAnError() {
    var random = SplitMix64(seed: 11)
    let alphabet = Array("a,\"\r\n;\u{FEFF}".utf8) + [0, 0xFF]
    for _ in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<random.index(below: 30) { bytes.append(alphabet[random.index(below: alphabet.count)]) }
      guard let table = try? CSVTable(parsing: bytes, path: "t") else { continue }
      let again = try? CSVTable(parsing: Array(table.text.utf8), path: "t")
      #expect(again?.header == table.header && again?.rows.map(\.cells) == table.rows.map(\.cells))
    }
  }
}
