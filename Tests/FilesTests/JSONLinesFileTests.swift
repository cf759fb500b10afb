import Foundation
import TestSupport
import Testing

@testable import Files

@Suite("A file of JSON lines")
struct JSONLinesFileTests {
  private func line(_ number: Int) -> JSONText { .object([("n", .integer(number)), ("x", .real(1.0 / 3))]) }

  private func written(_ count: Int, in folder: TemporaryDirectory) throws -> String {
    let path = folder.file("log.jsonl")
    let file = try JSONLinesFile(path: path)
    for number in 0..<count { try file.append(line(number)) }
    return path
  }

  @Test func whatWasWrittenIsReadAndMoreIsAdded() throws {
    let folder = try TemporaryDirectory()
    let path = try written(2, in: folder)
    do {
      let file = try JSONLinesFile(path: path)
      #expect(file.values.map { $0["n"]?.integer } == [0, 1])
      #expect(file.values[0]["x"]?.real == 1.0 / 3)
      try file.append(line(2))
    }
    #expect(try JSONLinesFile(path: path).values.count == 3)
  }

  @Test func aTornLastLineIsTakenOffWhereverItWasTorn() throws {
    let folder = try TemporaryDirectory()
    let path = try written(2, in: folder)
    let whole = try Data(contentsOf: URL(filePath: path))
    let first = try #require(whole.firstIndex(of: 10)) + 1
    for length in first..<whole.count {
      try whole.prefix(length).write(to: URL(filePath: path))
      do {
        let file = try JSONLinesFile(path: path)
        #expect(file.values.count == 1)
        try file.append(line(1))
      }
      #expect(try Data(contentsOf: URL(filePath: path)) == whole)
    }
    // As a machine that lost its power may leave it.
    try (whole.prefix(first) + Data(repeating: 0, count: 20) + Data("\n".utf8)).write(to: URL(filePath: path))
    #expect(try JSONLinesFile(path: path).values.count == 1)
  }

  @Test func damageInTheMiddleIsToldWithItsLine() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("log.jsonl")
    try Data("{\"n\": 0}\n{\"n\":\n{\"n\": 2}\n".utf8).write(to: URL(filePath: path))
    #expect(throws: JSONLinesFile.Failure.damaged(path: path, line: 2)) { try JSONLinesFile(path: path) }
  }

  @Test func oneAtATimeHasItOpen() throws {
    let folder = try TemporaryDirectory()
    let path = try written(1, in: folder)
    let file = try JSONLinesFile(path: path)
    #expect(throws: JSONLinesFile.Failure.self) { try JSONLinesFile(path: path) }
    #expect(file.values.count == 1)
  }

  @Test func aFolderIsNoSuchFile() throws {
    let folder = try TemporaryDirectory()
    #expect(throws: JSONLinesFile.Failure.self) { try JSONLinesFile(path: folder.path) }
    #expect(throws: JSONLinesFile.Failure.self) { try JSONLinesFile(path: folder.file("no/log.jsonl")) }
  }
}
