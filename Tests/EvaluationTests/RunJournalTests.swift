import Files
import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite("The journal of an evaluation")
struct RunJournalTests {
  private let settings: [(key: String, value: JSONText)] = [
    ("model", .string("abc")), ("points", .integer(9)),
  ]

  private func journal(
    _ folder: TemporaryDirectory, _ evaluation: String = "points",
    _ settings: [(key: String, value: JSONText)]? = nil
  ) throws -> RunJournal {
    try RunJournal(folder: folder.file("run"), evaluation: evaluation, settings: settings ?? self.settings)
  }

  @Test func resultsAreFoundAgain() throws {
    let folder = try TemporaryDirectory()
    do {
      let journal = try journal(folder)
      try journal.begin("a", images: 3)
      try journal.add("a", "x/1", .real(0.1 + 0.2))
      #expect(journal.count == 0)
    }
    let again = try journal(folder)
    #expect(again.count == 1)
    #expect(again.result("a", "x/1")?.real == 0.1 + 0.2)
    #expect(again.result("a", "2") == nil && again.result("b", "x/1") == nil)
    try again.begin("a", images: 3)
    try again.begin("b", images: 1)
  }

  @Test(
    arguments: [
      ("edges", nil, "evaluation was points, now edges"), ("points", ("points", "3"), "points was 9, now 3"),
      ("points", ("more", "1"), "more was none, now 1"),
      ("points", ("model", "\"x\""), "model was abc, now x"),
    ] as [(String, (String, String)?, String)])
  func anotherSettingIsAnError(evaluation: String, change: (String, String)?, message: String) throws {
    let folder = try TemporaryDirectory()
    _ = try journal(folder)
    var settings = settings
    if let change {
      settings.removeAll { $0.key == change.0 }
      settings.append((change.0, change.0 == "model" ? .string("x") : .integer(Int(change.1) ?? 0)))
    }
    do {
      _ = try journal(folder, evaluation, settings)
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
      #expect("\(error)".hasPrefix(folder.file("run") + "/results.jsonl: "))
    }
  }

  @Test func aSettingThatIsGoneAndAnotherDatasetAreErrors() throws {
    let folder = try TemporaryDirectory()
    do {
      let journal = try journal(folder)
      try journal.begin("a", images: 3)
    }
    #expect(throws: EvaluationError.self) { try journal(folder, "points", [("model", .string("abc"))]) }
    let again = try journal(folder)
    #expect(throws: EvaluationError.self) { try again.begin("a", images: 4) }
  }

  @Test func aLineThatSaysSomethingElseIsToldWithItsNumber() throws {
    let folder = try TemporaryDirectory()
    _ = try journal(folder)
    let path = folder.file("run/results.jsonl")
    let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    try Data((text + "{\"what\": 1}\n").utf8).write(to: URL(filePath: path))
    do {
      _ = try journal(folder)
      Issue.record("nothing was thrown")
    } catch {
      #expect("\(error)" == "\(path): line 2 is damaged; remove the file to begin anew")
    }
  }
}

@Suite("Which images are measured")
struct ImageSelectionTests {
  @Test func aLimitDrawsTheSameEveryTimeInOrder() {
    let drawn = ImageSelection.drawn(5, of: 100, seed: 3)
    #expect(drawn == ImageSelection.drawn(5, of: 100, seed: 3))
    #expect(drawn != ImageSelection.drawn(5, of: 100, seed: 4))
    #expect(drawn == drawn.sorted() && Set(drawn).count == 5)
    #expect(ImageSelection.drawn(5, of: 4, seed: 0) == [0, 1, 2, 3])
    #expect(ImageSelection.drawn(nil, of: 2, seed: 0) == [0, 1])
  }

  @Test func aLargeDatasetIsDrawnUntilThereAreTenThousandMasks() throws {
    #expect(ImageSelection.papersSubset(masks: [Int](repeating: 10, count: 1500), seed: 0) == nil)
    let masks = (0..<3000).map { 3 + $0 % 9 }
    let chosen = try #require(ImageSelection.papersSubset(masks: masks, seed: 5))
    let count = chosen.map { masks[$0] }.reduce(0, +)
    #expect((10_000..<10_011).contains(count))
    #expect(chosen == chosen.sorted() && Set(chosen).count == chosen.count)
    #expect(chosen != ImageSelection.papersSubset(masks: masks, seed: 6))
  }
}
