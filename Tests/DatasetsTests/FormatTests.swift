import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

private func export(_ record: SA1BRecord, name: String, image: Image? = nil) -> AnnotatedImage {
  AnnotatedImage(
    name: name, fileName: "\(name).png", imageID: 1, width: record.width, height: record.height,
    annotations: record.annotations, image: image)
}

@Suite("Formats of masks")
struct FormatTests {
  /// Whatever the masks' shapes, each format that can hold them gives them back.
  @Test(arguments: [OutputFormat.masks, .sa1b, .yolo, .labelme], 0..<6)
  func masksComeBackAsTheyWere(format: OutputFormat, seed: UInt64) throws {
    let folder = try TemporaryDirectory()
    let record = record(seed: seed, masks: 5, width: 37, height: 29)
    try write(picture(width: 37, height: 29), to: folder.file("images/sub/x.png"))
    var image = export(record, name: "sub/x")
    image.fileName = "x.png"
    let output = folder.file(format == .labelme ? "images" : "out")
    try format.write(image, to: output)
    let source = try openDataset(
      output, format: DatasetFormat(rawValue: format.rawValue), images: folder.file("images"))
    let sample = try source.sample(at: 0)
    #expect(sample.name == "sub/x")
    #expect(sample.annotations.map(\.mask) == record.annotations.map(\.mask))
    #expect(try sample.image().width == 37)
    if format == .masks || format == .sa1b {
      #expect(sample.annotations.map(\.predictedIoU) == record.annotations.map(\.predictedIoU))
      #expect(sample.annotations.map(\.points) == record.annotations.map(\.points))
      #expect(sample.annotations.map(\.cropBox) == record.annotations.map(\.cropBox))
    }
  }

  @Test(arguments: COCOWriter.Segmentation.allCases)
  func cocoGivesMasksBackAndMergesToTheSameBytes(segmentation: COCOWriter.Segmentation) throws {
    let folder = try TemporaryDirectory()
    let records = (0..<6).map { record(seed: UInt64($0), masks: Int($0) % 3) }
    func write(_ range: Range<Int>, to path: String) throws {
      try AtomicFile.write(to: path) { (sink) throws(FileError) in
        var coco = try COCOWriter(sink)
        for index in range {
          try coco.add(
            records[index].annotations, ofImage: index + 1, width: records[index].width,
            height: records[index].height, fileName: "f/\(index).png", as: segmentation)
        }
        try coco.finish()
      }
    }
    try write(0..<6, to: folder.file("whole.json"))
    let source = try COCODataset(annotations: folder.file("whole.json"))
    for index in 0..<6 {
      let sample = try source.sample(at: index)
      #expect(sample.imageID == index + 1 && sample.name == "f/\(index)")
      #expect(sample.annotations.map(\.mask) == records[index].annotations.map(\.mask))
      #expect(sample.annotations.map(\.predictedIoU) == records[index].annotations.map(\.predictedIoU))
      if segmentation == .polygon { #expect(sample.annotations.allSatisfy { $0.rings != nil }) }
    }
    let parts = [0..<2, 2..<2, 2..<5, 5..<6].enumerated().map {
      ($0.element, folder.file("\($0.offset).json"))
    }
    for (range, path) in parts { try write(range, to: path) }
    try COCOMerging.merge(parts.map(\.1), to: folder.file("merged.json"))
    #expect(
      FileManager.default.contentsEqual(
        atPath: folder.file("whole.json"), andPath: folder.file("merged.json")))
    #expect(throws: DatasetError.self) {
      try COCOMerging.merge([parts[0].1, parts[0].1], to: folder.file("twice.json"))
    }
    #expect(FolderListing.kind(of: folder.file("twice.json")) == nil)
  }

  @Test func aLabelMapShowsPartsOnWhatTheyArePartsOf() throws {
    let folder = try TemporaryDirectory()
    func box(_ x: Range<Int>, _ y: Range<Int>) -> RunLengthMask {
      var mask = Mask(width: 10, height: 8)
      for y in y { for x in x { mask[x, y] = true } }
      return RunLengthMask(mask)
    }
    let masks = [box(2..<4, 2..<4), box(0..<9, 0..<8), box(2..<6, 2..<6)]
    let record = SA1BRecord(
      width: 10, height: 8,
      annotations: masks.enumerated().map { Annotation(id: $0.offset, mask: $0.element) })
    try OutputFormat.labelmap.write(export(record, name: "x"), to: folder.path)
    let map = try LabelMap(contentsOfFile: folder.file("x.png"))
    #expect(map.labels[3 * 10 + 3] == 1)
    #expect(map.labels[5 * 10 + 5] == 3)
    #expect(map.labels[0] == 2)
    #expect(map.labels[9] == 0)
  }

  @Test(arguments: ["../x", "/x", "a/../../x"])
  func namesThatLeadOutOfTheFolderAreRefused(name: String) throws {
    let folder = try TemporaryDirectory()
    #expect(throws: DatasetError.self) {
      try OutputFormat.rle.write(export(record(seed: 1), name: name), to: folder.file("out"))
    }
  }

  @Test func yoloBoxesAndRingsAreRead() throws {
    let folder = try TemporaryDirectory()
    try write(picture(width: 10, height: 8), to: folder.file("images/a.png"))
    try write(Array("1 0.5 0.5 0.4 0.5\n\n0 0 0 1 0 1 1\n".utf8), to: folder.file("labels/a.txt"))
    try write(Array("cat\ndog\n".utf8), to: folder.file("labels/classes.txt"))
    let sample = try openDataset(folder.path).sample(at: 0)
    #expect(sample.annotations.map(\.label) == ["dog", "cat"])
    #expect(sample.annotations[0].mask.boundingBox == PixelBox(x: 3, y: 2, width: 4, height: 4))
    for (text, message) in [
      ("x 1 2 3", "'x' is no class"), ("0 0.1 0.2 0.3", "3 numbers are neither"),
      ("0 0 0 1 nan 1 1", "'nan' is no part"),
    ] {
      try write(Array(("\n" + text).utf8), to: folder.file("labels/a.txt"))
      do {
        _ = try openDataset(folder.path).sample(at: 0)
        Issue.record("was read")
      } catch {
        #expect("\(error)".hasPrefix(folder.file("labels/a.txt") + ": line 2: " + message), "\(error)")
      }
    }
  }

  @Test func labelMeShapesAreRead() throws {
    let folder = try TemporaryDirectory()
    try write(picture(width: 20, height: 16), to: folder.file("a.png"))
    try write(
      Array(
        """
        {"version": "5.2.1", "flags": {}, "imageData": null, "imagePath": "a.png", "imageHeight": 16, "imageWidth": 20,
         "shapes": [
          {"label": "box", "points": [[2, 2], [6, 5]], "shape_type": "rectangle", "group_id": null, "flags": {}},
          {"label": "disc", "points": [[10, 8], [14, 8]], "shape_type": "circle"},
          {"label": "dot", "points": [[1, 1]], "shape_type": "point"},
          {"label": "two", "points": [[0, 0], [2, 0], [2, 2], [0, 2]], "shape_type": "polygon", "group_id": 4},
          {"label": "two", "points": [[8, 0], [9, 0], [9, 1], [8, 1]], "shape_type": "polygon", "group_id": 4}]}
        """.utf8), to: folder.file("a.json"))
    let sample = try openDataset(folder.path).sample(at: 0)
    #expect(sample.annotations.map(\.label) == ["box", "disc", "two"])
    #expect(sample.annotations.map(\.mask.area) == [12, 52, 5])
    #expect(try sample.image().height == 16)
  }

  @Test(arguments: [
    ("{}", "no 'imageWidth and imageHeight'"),
    (#"{"imageWidth": 1e9, "imageHeight": 1e9, "shapes": []}"#, "a size of 1000000000 x 1000000000"),
    (
      #"{"imageWidth": 4, "imageHeight": 4, "shapes": [{"points": [[0, 0], [1e9, 0], [0, 1]]}]}"#,
      "annotation 0: a polygon cannot have the coordinate"
    ),
    (#"{"shapes": 5}"#, "not the JSON expected"),
  ])
  func wrongLabelMeFilesAreErrors(text: String, message: String) throws {
    let folder = try TemporaryDirectory()
    try write(Array(text.utf8), to: folder.file("a.json"))
    do {
      _ = try openDataset(folder.path, format: .labelme).sample(at: 0)
      Issue.record("was read")
    } catch {
      #expect("\(error)".hasPrefix(folder.file("a.json") + ": " + message), "\(error)")
    }
  }

  @Test func anOverlayNeedsThePicture() throws {
    let folder = try TemporaryDirectory()
    let record = record(seed: 2)
    #expect(throws: DatasetError.self) {
      try OutputFormat.overlay.write(export(record, name: "x"), to: folder.path)
    }
    let image = try Image(width: 31, height: 23, pixels: [UInt8](repeating: 9, count: 31 * 23 * 3))
    try OutputFormat.overlay.write(export(record, name: "x", image: image), to: folder.path)
    #expect(try Image(contentsOfFile: folder.file("x.jpg")).width == 31)
  }
}
