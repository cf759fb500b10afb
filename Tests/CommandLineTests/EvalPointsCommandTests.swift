import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("sam eval points")
struct EvalPointsCommandTests {
  /// A folder of made scenes in SA-1B's form.
  private func dataset(_ name: String, seed: UInt64, in folder: TemporaryDirectory) throws {
    let scenes = SyntheticScenes(count: 3, width: 96, height: 80, seed: seed)
    try FileManager.default.createDirectory(
      atPath: folder.file(name), withIntermediateDirectories: false)
    for index in 0..<scenes.count {
      let scene = scenes.scene(at: index)
      let path = folder.file("\(name)/\(index)")
      try scene.image.write(to: path + ".png")
      let record = SA1BRecord(
        width: 96, height: 80, fileName: "\(index).png",
        annotations: scene.masks.prefix(3).enumerated().map { Annotation(id: $0, mask: $1) })
      try Data(record.json).write(to: URL(filePath: path + ".json"))
    }
  }

  private func report(_ name: String, in folder: TemporaryDirectory) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: folder.file(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func theTableAndTheFileHaveEveryDatasetAndTheMean() throws {
    let folder = try TemporaryDirectory()
    try dataset("one", seed: 1, in: folder)
    try dataset("two", seed: 2, in: folder)
    let outcome = try Sam.run(["eval", "points", "one", "two", "--json", "points.json"], in: folder)
    #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.errors)")
    let lines = outcome.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(lines.map(\.[0]) == ["dataset", "one", "two", "mean"])
    #expect(
      lines[0] == [
        "dataset", "images", "masks", "1", "oracle", "2", "3", "5", "9", "box", "r", "edge", "to", ".85",
        "to", ".90",
      ])
    #expect(lines.map(\.[1]) == ["images", "3", "3", "6"])

    let report = try report("points.json", in: folder)
    let datasets = try #require(report["datasets"] as? [String: [String: Any]])
    #expect(Set(datasets.keys) == ["one", "two"])
    for summary in try Array(datasets.values) + [#require(report["mean"] as? [String: Any])] {
      #expect(
        Set(summary.keys) == [
          "images", "masks", "points", "box", "iou_correlation", "over_masks", "clicks", "boundary",
        ])
      let points = try #require(summary["points"] as? [String: [String: Double]])
      #expect(Set(points.keys) == ["1", "2", "3", "5", "9"])
      for (count, values) in points {
        #expect(Set(values.keys) == (count == "1" ? ["confident", "oracle"] : ["confident"]))
        #expect(values.values.allSatisfy { (0...1).contains($0) })
      }
      #expect(try #require(points["1"]?["oracle"]) >= #require(points["1"]?["confident"]))
    }
  }

  @Test func limitsAndSeedsChooseTheSameEveryTime() throws {
    let folder = try TemporaryDirectory()
    try dataset("one", seed: 1, in: folder)
    let options = ["--limit", "2", "--masks-per-image", "1", "--seed", "4", "--random", "9"]
    for name in ["a.json", "b.json"] {
      let outcome = try Sam.run(["eval", "points", "one", "--json", name] + options, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let files = try ["a.json", "b.json"].map { try Data(contentsOf: URL(filePath: folder.file($0))) }
    #expect(files[0] == files[1])
    let report = try report("a.json", in: folder)
    #expect((report["mean"] as? [String: Any])?["masks"] as? Int == 2)
  }

  @Test func aBadSampleIsNamedAndTheOthersAreMeasured() throws {
    let folder = try TemporaryDirectory()
    try dataset("one", seed: 1, in: folder)
    try Data("{".utf8).write(to: URL(filePath: folder.file("one/1.json")))
    let outcome = try Sam.run(["eval", "points", "one"], in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.messages.count == 2, "\(outcome.errors)")
    #expect(outcome.messages[0].hasPrefix("sam: one/1.json: "))
    #expect(outcome.messages[1] == "sam: 1 of 3 images failed")
    #expect(outcome.text.contains("one           2"))
  }

  @Test func partsAndWholesAreReported() throws {
    let folder = try TemporaryDirectory()
    let outcome = try Sam.run(
      ["eval", "nested", "--scenes", "3", "--size", "96", "--json", "n.json", "--report", "n.html"],
      in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let numbers = try MadeDataset.json("n.json", in: folder)
    #expect(numbers["scenes"] as? Int == 3 && (numbers["outcomes"] as? [[String: Any]])?.count == 3)
    let page = try #require(Page(contentsOfFile: folder.file("n.html")))
    #expect(page.count("img") == 6 && page.count("svg") > 0)
  }

  @Test(arguments: [
    (["none"], "none: cannot open: No such file or directory", Int32(1)),
    (["empty"], "empty: no ", 1),
    (["one", "one/"], "one and one/: both datasets are called one, by which results are told apart", 1),
    (["one", "--csv", "none/x.csv"], "--csv none/x.csv: there is no folder none", 64),
    (["one", "--json", "one"], "--json one: a folder, expected a file", 64),
    (["one", "--limit", "0"], "--limit 0: expected 1 or more", 64),
    (["one", "--masks-per-image=-1"], "--masks-per-image -1: expected 1 or more", 64),
    (["one", "--json", "-"], "--json -: expected a file", 64),
    ([], "Missing expected argument '<folders> ...'", 64),
  ])
  func whatIsWrongIsOneLine(arguments: [String], message: String, status: Int32) throws {
    let folder = try TemporaryDirectory()
    try dataset("one", seed: 1, in: folder)
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: false)
    let outcome = try Sam.run(["eval", "points"] + arguments, in: folder)
    #expect(outcome.status == status)
    #expect(
      outcome.messages.count == 1 && outcome.messages[0].hasPrefix("sam: " + message), "\(outcome.errors)")
  }
}
