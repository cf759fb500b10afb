import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("sam eval edges")
struct EvalEdgesCommandTests {
  private let width = 60, height = 44

  /// Pictures of a bright box, and the box's outline as one person's boundaries.
  private func folder(images: Int = 2) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    for name in ["truth", "maps"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: false)
    }
    for index in 0..<images {
      var pixels = [UInt8](repeating: 40, count: width * height * 3)
      var columns = [UInt8](repeating: 0, count: width * height)
      var map = [UInt8](repeating: 0, count: width * height)
      let (left, top) = (10 + 5 * index, 10)
      for y in top..<top + 20 {
        for x in left..<left + 25 {
          for channel in 0..<3 { pixels[3 * (y * width + x) + channel] = 220 }
          if y == top || y == top + 19 || x == left || x == left + 24 {
            columns[x * height + y] = 1
            map[y * width + x] = 200
          }
        }
      }
      try Image(width: width, height: height, pixels: pixels).write(to: folder.file("truth/\(index).png"))
      try GrayImage(width: width, height: height, pixels: map).write(to: folder.file("maps/\(index).png"))
      let file = MATLABBytes.file(
        MATLABBytes.boundaries([columns, columns], rows: UInt32(height), columns: UInt32(width)))
      try Data(file).write(to: URL(filePath: folder.file("truth/\(index).mat")))
    }
    return folder
  }

  private func rows(_ outcome: Sam.Outcome) -> [[String]] {
    outcome.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  @Test func mapsOfTheTruthAreNearlyPerfect() throws {
    let folder = try folder()
    let outcome = try Sam.run(
      ["eval", "edges", "truth", "--maps", "maps", "--json", "e.json", "--report", "e.html"], in: folder)
    #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.errors)")
    // Thinning takes the corners of the outline, and so a map of the truth is not quite perfect.
    #expect(rows(outcome)[1].prefix(6) == ["maps", "2", "0.976", "0.976", "0.478", "0.477"])
    #expect(outcome.text.contains("deterministic") && outcome.text.contains("random"))
    let data = try Data(contentsOf: URL(filePath: folder.file("e.json")))
    let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect((report["ODS"] as? [String: Double])?["F"].map { $0 > 0.97 } == true)
    #expect((report["images"] as? [[String: Any]])?.count == 2)
    let page = try String(contentsOfFile: folder.file("e.html"), encoding: .utf8)
    #expect(page.contains("SAM ViT-H") && page.contains("<svg"))
  }

  @Test func edgesOfMasksAreWrittenAndAFinishedRunIsTakenUp() throws {
    let folder = try folder()
    let arguments = [
      "eval", "edges", "truth", "-o", "run", "--points-per-side", "3", "--embeddings", "kept",
    ]
    let first = try Sam.run(arguments, in: folder)
    #expect(first.status == 0, "\(first.errors)")
    // Nothing is measured again: without pictures and embeddings that would fail.
    for index in 0..<2 {
      try FileManager.default.removeItem(atPath: folder.file("kept/truth/\(index).embedding"))
    }
    let second = try Sam.run(arguments, in: folder)
    #expect(second.status == 0 && second.output == first.output, "\(second.errors)")
    // The maps that were written score as the run says.
    let maps = try Sam.run(["eval", "edges", "truth", "--maps", "run/maps"], in: folder)
    #expect(rows(maps)[1].dropFirst() == rows(first)[1].dropFirst())
    let other = try Sam.run(arguments + ["--boundary-width", "3"], in: folder)
    #expect(other.status == 1 && other.errors.contains("boundary_width"), "\(other.errors)")
  }

  @Test func scoresOfMapsAreTakenUpWhileTheMapsAreTheSame() throws {
    let folder = try folder()
    let arguments = ["eval", "edges", "truth", "--maps", "maps", "-o", "run"]
    let first = try Sam.run(arguments + ["--limit", "1"], in: folder)
    #expect(first.status == 0 && rows(first)[1][1] == "1", "\(first.errors)")
    let whole = try Sam.run(["eval", "edges", "truth", "--maps", "maps"], in: folder)
    #expect(try Sam.run(arguments, in: folder).output == whole.output)
    let journal = try String(contentsOfFile: folder.file("run/results.jsonl"), encoding: .utf8)
    #expect(journal.split(separator: "\n").count == 4)
    try FileManager.default.removeItem(atPath: folder.file("maps/0.png"))
    try FileManager.default.copyItem(atPath: folder.file("maps/1.png"), toPath: folder.file("maps/0.png"))
    let other = try Sam.run(arguments, in: folder)
    #expect(other.status == 1 && other.errors.contains("another setting (maps was "), "\(other.errors)")
  }

  @Test func whatCannotBeScoredIsNamed() throws {
    let folder = try folder()
    try FileManager.default.removeItem(atPath: folder.file("maps/0.png"))
    try GrayImage(width: 5, height: 4, pixels: [UInt8](repeating: 0, count: 20)).write(
      to: folder.file("maps/1.png"))
    try GrayImage(width: 5, height: 4, pixels: [UInt8](repeating: 0, count: 20)).write(
      to: folder.file("maps/other.png"))
    let outcome = try Sam.run(["eval", "edges", "truth", "--maps", "maps"], in: folder)
    #expect(outcome.status == 1)
    // Of no image there is no number.
    #expect(rows(outcome)[1] == ["maps", "0", "-", "-", "-", "-", "-", "-", "-"])
    #expect(
      outcome.messages == [
        "sam: maps/0.png: no such file or folder",
        "sam: maps/1.png: a map of 5x4 pixels, but truth/1.mat is of 60x44",
        "1 map in maps has no truth and does not count", "sam: 2 of 2 images failed",
      ])
  }

  @Test(arguments: [
    (["none"], "sam: none: cannot list: No such file or directory", Int32(1)),
    (["maps"], "sam: maps: no .mat files of boundaries in it", 1),
    (["truth", "--maps", "maps", "--nms", "canny"], "sam: --nms canny: needs the masks' gradients", 64),
    (
      ["truth", "--maps", "maps", "--embeddings", "x"], "sam: --embeddings cannot be combined with --maps", 64
    ),
    (["truth", "--boundary-width", "0"], "sam: --boundary-width 0: expected 1 to 20", 64),
  ])
  func whatIsWrongIsOneLine(arguments: [String], message: String, status: Int32) throws {
    let outcome = try Sam.run(["eval", "edges"] + arguments, in: try folder(images: 1))
    #expect(outcome.status == status)
    #expect(outcome.messages.count == 1 && outcome.messages[0].hasPrefix(message), "\(outcome.errors)")
  }
}
