import Foundation
import TestSupport
import Testing

@Suite("Evaluations that are interrupted")
struct EvalRunTests {
  private let options = ["--masks-per-image", "2", "--box-points", "1", "--random", "5"]

  private func run(_ more: [String], in folder: TemporaryDirectory) throws -> Sam.Outcome {
    try Sam.run(["eval", "points", "one"] + options + more, in: folder)
  }

  @Test func goOnWhereTheyWereAndComeToTheSameNumbers() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 4, in: folder)
    #expect(try run(["--json", "whole.json", "--csv", "whole.csv", "-o", "whole"], in: folder).status == 0)
    let whole = try Data(contentsOf: URL(filePath: folder.file("whole.json")))
    let table = try Data(contentsOf: URL(filePath: folder.file("whole.csv")))
    let journal = try Data(contentsOf: URL(filePath: folder.file("whole/results.jsonl")))
    let lines = journal.split(separator: 10, omittingEmptySubsequences: false)
    #expect(lines.count == 1 + 1 + 4 + 1)
    // After any line, and torn within one.
    for (kept, torn) in [(0, 20), (1, 0), (2, 30), (4, 0), (5, 1)] {
      try FileManager.default.createDirectory(atPath: folder.file("run"), withIntermediateDirectories: true)
      var bytes = Data(lines.prefix(kept).flatMap { $0 + [10] })
      bytes += lines[kept].prefix(torn)
      try bytes.write(to: URL(filePath: folder.file("run/results.jsonl")))
      let outcome = try run(["--json", "again.json", "--csv", "again.csv", "-o", "run"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try Data(contentsOf: URL(filePath: folder.file("again.json"))) == whole)
      #expect(try Data(contentsOf: URL(filePath: folder.file("again.csv"))) == table)
      #expect(try Data(contentsOf: URL(filePath: folder.file("run/results.jsonl"))) == journal)
      try FileManager.default.removeItem(atPath: folder.file("run"))
    }
  }

  @Test func byASignalStopBetweenImagesAndGoOn() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 24, masks: 6, in: folder)
    let arguments = ["eval", "points", "one", "--points", "20"]
    let whole = try Sam.run(arguments, in: folder)
    // Ctrl-C ends it in order, a kill at any place.
    for (signal, status) in [(SIGINT, Int32(130)), (SIGKILL, -SIGKILL)] {
      let run = "run-\(signal)"
      let outcome = try Sam.run(
        arguments + ["-o", run], in: folder, signal: signal, whenWritten: folder.file(run + "/results.jsonl"),
        bytes: 4000)
      // A fast machine may have been done before.
      #expect([status, 0].contains(outcome.status), "\(outcome.errors)")
      if outcome.status == 130 {
        #expect(outcome.messages.last?.hasPrefix("stopped after ") == true)
        #expect(outcome.messages.last?.hasSuffix("of 24 images; the same command goes on") == true)
      }
      let again = try Sam.run(arguments + ["-o", run], in: folder)
      #expect(again.status == 0 && again.text == whole.text, "\(again.errors)")
    }
  }

  @Test func withAnotherSettingAreAnError() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 2, in: folder)
    #expect(try run(["-o", "run"], in: folder).status == 0)
    for (more, what) in [
      (["--points", "3"], "points was 9, now 3"), (["--image-size", "256"], "image_size was 384, now 256"),
    ] {
      let outcome = try run(["-o", "run"] + more, in: folder)
      #expect(outcome.status == 1)
      #expect(
        outcome.messages == [
          "sam: run/results.jsonl: was begun with another setting (\(what)); name another folder"
        ])
    }
    // A limit changes which images are measured, and no image's result.
    #expect(try run(["-o", "run", "--limit", "1"], in: folder).status == 0)
  }

  @Test func useEmbeddingsThatAreThereAndKeepThoseThatAreNot() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", count: 2, in: folder)
    let embed = try Sam.run(["embed", "one/0.png", "-o", "kept/one"], in: folder)
    #expect(embed.status == 0)
    let plain = try run(["--json", "a.json"], in: folder)
    let kept = try run(["--json", "b.json", "--embeddings", "kept"], in: folder)
    #expect(plain.status == 0 && kept.status == 0, "\(kept.errors)")
    #expect(plain.text == kept.text)
    #expect(FileManager.default.fileExists(atPath: folder.file("kept/one/1.embedding")))
    // Now nothing needs the pictures.
    try Data("broken".utf8).write(to: URL(filePath: folder.file("one/1.png")))
    #expect(try run(["--embeddings", "kept"], in: folder).text == plain.text)
    // One that is another picture's is refused.
    _ = try Sam.run(["embed", Sam.photo("cell.jpg"), "-o", "."], in: folder)
    try FileManager.default.removeItem(atPath: folder.file("kept/one/1.embedding"))
    try FileManager.default.copyItem(
      atPath: folder.file("cell.embedding"), toPath: folder.file("kept/one/1.embedding"))
    let wrong = try run(["--embeddings", "kept"], in: folder)
    #expect(wrong.status == 1)
    #expect(
      wrong.messages.last?.hasPrefix("sam: kept/one/1.embedding: the embedding is of a picture of ") == true)
    let other = try Sam.run(
      ["eval", "points", "one", "--embeddings", "kept", "--image-size", "256"], in: folder)
    #expect(other.status == 1 && other.messages.count == 1, "\(other.errors)")
  }

  @Test func reportsAreWellFormedAndSayHowTheyWereMade() throws {
    let folder = try TemporaryDirectory()
    try MadeDataset.write("one", in: folder)
    try MadeDataset.write("ADE20K <val>", seed: 2, in: folder)
    let outcome = try run(["ADE20K <val>", "--report", "points.html", "--points", "4"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let page = try #require(Page(contentsOfFile: folder.file("points.html")))
    #expect(page.text.contains("sam eval points one --masks-per-image 2"))
    #expect(page.text.contains("ADE20K <val>") && page.text.contains("Worst with one point"))
    // The paper's dataset of that name is beside it.
    #expect(page.text.contains("SAM - RITM"))
    #expect(page.count("img") == 12 && page.count("svg") > 5 && page.count("script") == 0)
    // The four worst masks are of four of the six pictures.
    let worst = try #require(page.text.components(separatedBy: "Worst with one point").last)
    let shown = worst.matches(of: /(one|ADE20K <val>), \d, mask/).map { String($0.output.0) }
    #expect(shown.count == 4 && Set(shown).count == 4, "\(shown)")
  }
}
