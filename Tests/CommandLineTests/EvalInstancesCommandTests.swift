import Foundation
import TestSupport
import Testing

@Suite("sam eval instances")
struct EvalInstancesCommandTests {
  private func files() throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    let truth = """
      {"images": [{"id": 1, "width": 64, "height": 64}], "categories": [{"id": 1, "name": "cup"}, {"id": 2, "name": "pen"}],
       "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 40, 40], "area": 1600, "iscrowd": 0}]}
      """
    let results = """
      [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 40, 40], "score": 0.9},
       {"image_id": 1, "category_id": 3, "bbox": [0, 0, 40, 40], "score": 0.9}]
      """
    try Data(truth.utf8).write(to: URL(filePath: folder.file("gt.json")))
    try Data(results.utf8).write(to: URL(filePath: folder.file("dt.json")))
    return folder
  }

  @Test func printsAndWritesTheTwelveNumbers() throws {
    let folder = try files()
    let outcome = try Sam.run(
      [
        "eval", "instances", "gt.json", "dt.json", "--score-only", "boxes", "--by-category", "--json",
        "s.json",
      ],
      in: folder)
    #expect(outcome.status == 0)
    #expect(outcome.messages == ["1 result of a category that gt.json does not list does not count"])
    let rows = outcome.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(
      rows[1] == [
        "boxes", "1.000", "1.000", "1.000", "-", "1.000", "-", "1.000", "1.000", "1.000", "-", "1.000", "-",
      ])
    #expect(rows[3] == ["cup", "1.000", "1.000", "1.000"] && rows[4] == ["pen", "-", "-", "-"])
    let data = try Data(contentsOf: URL(filePath: folder.file("s.json")))
    let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let stats = try #require(report["stats"] as? [String: Any])
    #expect(stats.count == 12 && stats["APs"] is NSNull)
    #expect((stats["AP"] as? Double).map { ($0 - 1).magnitude < 1e-12 } == true)
    #expect(report["ignored_results"] as? Int == 1)
  }

  @Test func aTruthWithoutObjectsIsTold() throws {
    let folder = try files()
    try Data(#"{"images": [{"id": 1}], "categories": [{"id": 1, "name": "cup"}], "annotations": []}"#.utf8)
      .write(to: URL(filePath: folder.file("gt.json")))
    let outcome = try Sam.run(
      ["eval", "instances", "gt.json", "dt.json", "--score-only", "boxes"], in: folder)
    #expect(outcome.status == 0)
    #expect(outcome.messages.last == "gt.json has no objects that count: there is nothing to find")
    #expect(outcome.text.split(separator: "\n")[1].split(separator: " ").dropFirst().allSatisfy { $0 == "-" })
  }

  @Test(arguments: [
    (
      ["gt.json", "dt.json"], "expected --images, to make masks of the boxes, or --score-only masks|boxes",
      Int32(64)
    ),
    (["gt.json", "dt.json", "--score-only", "masks"], "gt.json: annotation 0: no 'segmentation'", 1),
    (
      ["gt.json", "none.json", "--score-only", "boxes"], "none.json: cannot open: No such file or directory",
      1
    ),
    (
      ["dt.json", "dt.json", "--score-only", "boxes"],
      "dt.json: not the JSON expected: expected '{' at byte 0", 1
    ),
    (
      ["gt.json", "dt.json", "--score-only", "boxes", "--class-agnostic", "--by-category"],
      "--by-category cannot be combined with --class-agnostic", 64
    ),
  ])
  func whatIsWrongIsOneLine(arguments: [String], message: String, status: Int32) throws {
    let outcome = try Sam.run(["eval", "instances"] + arguments, in: try files())
    #expect(outcome.status == status)
    #expect(
      outcome.messages.count == 1 && outcome.messages[0].hasPrefix("sam: " + message), "\(outcome.errors)")
  }
}
