import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("sam eval proposals, and instances of a detector's boxes")
struct EvalProposalsCommandTests {
  /// Two made scenes with their masks in COCO's form, and a detector's boxes of them.
  private func folder(frequencies: Bool = false) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    let scenes = SyntheticScenes(count: 2, width: 96, height: 80, seed: 5)
    var images: [[String: Any]] = []
    var annotations: [[String: Any]] = []
    var boxes: [[String: Any]] = []
    for index in 0..<scenes.count {
      let scene = scenes.scene(at: index)
      try scene.image.write(to: folder.file("\(index).png"))
      images.append(["id": 7 + index, "width": 96, "height": 80, "file_name": "\(index).png"])
      for mask in scene.masks.prefix(3) {
        let box = mask.boundingBox
        let place = [box.x, box.y, box.width, box.height]
        annotations.append([
          "id": annotations.count + 1, "image_id": 7 + index, "category_id": 1, "iscrowd": 0,
          "area": mask.area, "bbox": place,
          "segmentation": ["size": [80, 96], "counts": mask.compressed] as [String: Any],
        ])
        boxes.append([
          "image_id": 7 + index, "category_id": 1, "score": 0.9 - 0.1 * Double(boxes.count), "bbox": place,
        ])
      }
    }
    var category: [String: Any] = ["id": 1, "name": "thing"]
    if frequencies { category["frequency"] = "c" }
    try write(
      ["images": images, "annotations": annotations, "categories": [category]], to: "gt.json", folder)
    try write(boxes, to: "boxes.json", folder)
    return folder
  }

  private func write(_ object: Any, to name: String, _ folder: TemporaryDirectory) throws {
    try JSONSerialization.data(withJSONObject: object, options: .sortedKeys).write(
      to: URL(filePath: folder.file(name)))
  }

  private func rows(_ outcome: Sam.Outcome) -> [[String]] {
    outcome.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
  }

  @Test func proposalsAreWrittenAndScoreAsTheRunSays() throws {
    let folder = try folder(frequencies: true)
    let outcome = try Sam.run(
      [
        "eval", "proposals", "gt.json", "--points-per-side", "4", "-o", "run", "--results", "masks.json",
        "--json", "p.json", "--report", "p.html",
      ], in: folder)
    #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.errors)")
    let lines = rows(outcome)
    #expect(
      lines[0] == [
        "dataset", "pairs", "images", "objects", "best", "AR", "ARs", "ARm", "ARl", "ARf", "ARc", "ARr",
      ])
    #expect(lines.count == 7 && lines.dropFirst().map { $0[1] }.prefix(3).allSatisfy { $0 == "score-order" })
    // Only common objects are there.
    #expect(lines[1][9] == "-" && lines[1][10] == lines[1][5] && lines[1][11] == "-")
    let scored = try Sam.run(["eval", "proposals", "gt.json", "--score-only", "masks.json"], in: folder)
    #expect(rows(scored).map { Array($0.dropFirst(4)) } == lines.map { Array($0.dropFirst(4)) })
    let again = try Sam.run(
      ["eval", "proposals", "gt.json", "--points-per-side", "4", "-o", "run"], in: folder)
    #expect(again.output == outcome.output)
    let page = try String(contentsOfFile: folder.file("p.html"), encoding: .utf8)
    #expect(page.contains("ViTDet-H") && page.contains("green"))
  }

  @Test func boxesBecomeMasksThatScoreAsTheRunSays() throws {
    let folder = try folder()
    let outcome = try Sam.run(
      [
        "eval", "instances", "gt.json", "boxes.json", "--images", ".", "-o", "run", "--results",
        "masks.json", "--report", "i.html", "--json", "i.json",
      ], in: folder)
    #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.errors)")
    let scored = try Sam.run(
      ["eval", "instances", "gt.json", "masks.json", "--score-only", "masks"], in: folder)
    #expect(scored.status == 0 && scored.output == outcome.output, "\(scored.errors)")
    // Boxes of the truth itself: the model cannot do badly on all.
    #expect((Double(rows(outcome)[1][2]) ?? 0) > 0.3, "\(outcome.text)")
    let results = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder.file("masks.json"))))
        as? [[String: Any]])
    #expect(results.count == 6 && results.allSatisfy { $0["bbox"] == nil && $0["segmentation"] != nil })
    let page = try String(contentsOfFile: folder.file("i.html"), encoding: .utf8)
    #expect(page.contains("ViTDet-H"))
  }

  @Test func drawnImagesOfResultsAreScoredAndShown() throws {
    let folder = try folder()
    let masks = try Sam.run(
      ["eval", "instances", "gt.json", "boxes.json", "--images", ".", "--results", "masks.json"], in: folder)
    #expect(masks.status == 0, "\(masks.errors)")
    let arguments = ["gt.json", "masks.json", "--score-only", "masks", "--images", ".", "--limit", "1"]
    let one = try Sam.run(["eval", "instances"] + arguments + ["--report", "i.html"], in: folder)
    #expect(one.status == 0, "\(one.errors)")
    let page = try #require(Page(contentsOfFile: folder.file("i.html")))
    #expect(page.count("img") == 1 && page.text.contains("images not drawn"))
    // The same seed draws the same image, which has its own numbers.
    #expect(try Sam.run(["eval", "instances"] + arguments, in: folder).output == one.output)
    #expect(one.output != masks.output)
    let proposals = try Sam.run(
      [
        "eval", "proposals", "gt.json", "--score-only", "masks.json", "--images", ".", "--limit", "1",
        "--report", "p.html",
      ], in: folder)
    #expect(proposals.status == 0 && rows(proposals)[1][2] == "1", "\(proposals.errors)")
    #expect(try #require(Page(contentsOfFile: folder.file("p.html"))).count("img") == 1)
  }

  @Test func lvisRulesHoldWhereCategoriesHaveFrequencies() throws {
    let folder = try folder(frequencies: true)
    let outcome = try Sam.run(
      ["eval", "instances", "gt.json", "boxes.json", "--score-only", "boxes", "--json", "s.json"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(rows(outcome)[0].contains("APr"))
    let coco = try Sam.run(
      ["eval", "instances", "gt.json", "boxes.json", "--score-only", "boxes", "--rules", "coco"], in: folder)
    #expect(rows(coco)[0].contains("AR100"))
  }

  @Test(.enabled(if: SharedData.has("golden/lvis/gt.json")))
  func theReferenceDataScoresAsThePackageSays() throws {
    let outcome = try Sam.run([
      "eval", "instances", SharedData.require("golden/lvis/gt.json"),
      SharedData.require("golden/lvis/detections.json"), "--score-only", "masks",
    ])
    #expect(outcome.status == 0)
    #expect(rows(outcome)[1].prefix(3) == ["masks", "0.454", "0.687"])
    #expect(outcome.errors.contains("22 results of categories that their image has not been searched for"))
  }

  @Test(arguments: [
    (["proposals", "gt.json", "gt.json"], "sam: gt.json and gt.json: both datasets are called gt", Int32(1)),
    (
      ["proposals", "gt.json", "--score-only", "boxes.json"],
      "sam: boxes.json: annotation 0: no 'segmentation'", 1
    ),
    (
      ["proposals", "gt.json", "--score-only", "x", "-o", "y"],
      "sam: --out cannot be combined with --score-only", 64
    ),
    (
      ["proposals", ".", "--score-only", "boxes.json"], "sam: .: a folder; --score-only compares with a file",
      1
    ),
    (
      ["proposals", "gt.json", "--results", "none/x.json"], "sam: --results none/x.json: there is no folder",
      64
    ),
    (["instances", "gt.json", "boxes.json"], "sam: expected --images", 64),
    (
      ["instances", "gt.json", "boxes.json", "--images", ".", "--score-only", "boxes"],
      "sam: --images cannot be combined", 64
    ),
    (["instances", "gt.json", "boxes.json", "--images", "none"], "sam: none/0.png", 1),
  ])
  func whatIsWrongIsOneLine(arguments: [String], message: String, status: Int32) throws {
    let outcome = try Sam.run(["eval"] + arguments, in: try folder())
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.messages.first?.hasPrefix(message) == true, "\(outcome.errors)")
  }
}
