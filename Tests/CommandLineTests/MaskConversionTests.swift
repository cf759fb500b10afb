import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

/// Two pictures with three masks each, in SA-1B's form.
private func records() throws -> TemporaryDirectory {
  let folder = try TemporaryDirectory()
  for (index, name) in ["a", "sub/b"].enumerated() {
    let masks = (0..<3).map { number -> RunLengthMask in
      var mask = Mask(width: 40, height: 30)
      for y in 3..<20 + number { for x in 2 + 9 * number..<8 + 9 * number { mask[x, y] = (x + y) % 7 > 0 } }
      return RunLengthMask(mask)
    }
    let record = SA1BRecord(
      imageID: index + 1, width: 40, height: 30, fileName: "\(name.suffix(1)).png",
      annotations: masks.enumerated().map { number, mask in
        Annotation(id: 10 * index + number + 1, mask: mask, predictedIoU: 0.5 + 0.1 * Double(number))
      })
    try FileManager.default.createDirectory(atPath: folder.file("in/sub"), withIntermediateDirectories: true)
    try Data(record.json).write(to: URL(filePath: folder.file("in/\(name).json")))
    let picture = try Image(width: 40, height: 30, pixels: [UInt8](repeating: 120, count: 40 * 30 * 3))
    try picture.write(to: folder.file("in/\(name).png"))
  }
  return folder
}

private func masks(_ source: any DatasetSource) throws -> [[RunLengthMask]] {
  try (0..<source.count).map { try source.sample(at: $0).annotations.map(\.mask) }
}

@Suite("sam convert")
struct MaskConversionTests {
  /// There and back again, with the same masks in the same order.
  @Test(arguments: ["coco", "masks", "yolo", "labelme", "archive"])
  func masksSurviveTheWayThereAndBack(form: String) throws {
    let folder = try records()
    let middle = form == "coco" ? "middle.json" : form == "archive" ? "middle.tar" : "middle"
    let there = try Sam.run(
      ["convert", "in", middle, "--to", form == "archive" ? "sa1b" : form]
        + (form == "coco" ? ["--coco-segmentation", "polygon"] : form == "archive" ? [] : ["--pictures"]),
      in: folder)
    #expect(there.status == 0, "\(there.errors)")
    #expect(there.text == "\(middle): 2 images, 6 masks\n")
    let back = try Sam.run(
      ["convert", middle, "back", "--to", "sa1b", "--pictures"] + (form == "coco" ? ["--images", "in"] : []),
      in: folder)
    #expect(back.status == 0, "\(back.errors)")
    let (first, last) = (try openDataset(folder.file("in")), try openDataset(folder.file("back")))
    #expect(try masks(last) == masks(first))
    #expect(try last.sample(at: 1).name == "sub/b")
    if form == "coco" || form == "archive" {
      #expect(try last.sample(at: 1).annotations.map(\.id) == [11, 12, 13])
      #expect(try last.sample(at: 1).annotations.map(\.predictedIoU) == [0.5, 0.6, 0.7])
    }
  }

  @Test func theSameInputGivesTheSameArchive() throws {
    let folder = try records()
    for name in ["1.tar", "2.tar"] {
      #expect(try Sam.run(["convert", "in", name, "--to", "sa1b"], in: folder).status == 0)
    }
    #expect(FileManager.default.contentsEqual(atPath: folder.file("1.tar"), andPath: folder.file("2.tar")))
  }

  @Test func labelMapsAndOverlaysAreWritten() throws {
    let folder = try records()
    #expect(try Sam.run(["convert", "in", "maps", "--to", "labelmap"], in: folder).status == 0)
    #expect(try Sam.run(["convert", "in", "seen", "--to", "overlay"], in: folder).status == 0)
    #expect(Set(try LabelMap(contentsOfFile: folder.file("maps/sub/b.png")).labels) == [0, 1, 2, 3])
    #expect(try Image(contentsOfFile: folder.file("seen/a.jpg")).height == 30)
    // A label map is a dataset of masks again.
    let maps = try openDataset(folder.file("maps"), format: .masks, images: folder.file("in"))
    #expect(try masks(maps) == masks(openDataset(folder.file("in"))))
  }

  @Test func categoriesKeepTheirNames() throws {
    let folder = try TemporaryDirectory()
    try Data(
      """
      {"images": [{"id": 5, "width": 4, "height": 3, "file_name": "x.png"}],
       "categories": [{"id": 7, "name": "dog"}, {"id": 3, "name": "cat"}],
       "annotations": [{"id": 1, "image_id": 5, "category_id": 7, "segmentation": [[0, 0, 2, 0, 2, 2, 0, 2]]},
        {"id": 2, "image_id": 5, "category_id": 3, "segmentation": {"size": [3, 4], "counts": [11, 1]}}]}
      """.utf8
    ).write(to: URL(filePath: folder.file("x.json")))
    #expect(try Sam.run(["convert", "x.json", "yolo", "--to", "yolo"], in: folder).status == 0)
    #expect(try String(contentsOfFile: folder.file("yolo/classes.txt"), encoding: .utf8) == "cat\ndog\n")
    #expect(try String(contentsOfFile: folder.file("yolo/x.txt"), encoding: .utf8).hasPrefix("1 "))
    #expect(try Sam.run(["convert", "x.json", "shapes", "--to", "labelme"], in: folder).status == 0)
    #expect(
      try Sam.run(["convert", "shapes", "y.json", "--to", "coco", "--from", "labelme"], in: folder).status
        == 0)
    let names = try COCODataset(annotations: folder.file("y.json")).categories
    #expect(names == [1: "dog", 2: "cat"])
  }

  @Test func aDamagedSampleIsNamedAndPassedOver() throws {
    let folder = try records()
    try Data("{".utf8).write(to: URL(filePath: folder.file("in/a.json")))
    let outcome = try Sam.run(["convert", "in", "x.json", "--to", "coco"], in: folder)
    #expect(outcome.status == 1)
    #expect(
      outcome.messages == [
        "sam: in/a.json: not the JSON expected: expected '\"' at byte 1", "sam: 1 of 2 images failed",
      ])
    #expect(try COCODataset(annotations: folder.file("x.json")).count == 1)
  }

  @Test(arguments: [
    (["none", "out", "--to", "coco"], 1, "none: cannot open: No such file or directory"),
    (["in", "out.tar", "--to", "coco"], 64, "out.tar: only --to sa1b is written as an archive"),
    (["in", "/dev/full", "--to", "coco"], 1, "/dev/full: cannot write: No space left on device"),
    (["in", "out", "--to", "gif"], 64, "The value 'gif' is invalid for '--to <form>'"),
    (["empty", "out", "--to", "coco"], 1, "empty: no masks named like pictures in it"),
  ])
  func whatIsWrongIsOneLine(arguments: [String], status: Int, message: String) throws {
    let folder = try records()
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: true)
    let outcome = try Sam.run(["convert"] + arguments, in: folder)
    #expect(Int(outcome.status) == status)
    #expect(outcome.messages.count == 1 && outcome.errors.hasPrefix("sam: " + message), "\(outcome.errors)")
  }
}
