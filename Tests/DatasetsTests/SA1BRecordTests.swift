import Datasets
import Imaging
import TestSupport
import Testing

@Suite("SA-1B records")
struct SA1BRecordTests {
  @Test(arguments: 0..<20)
  func whatIsWrittenIsReadBack(seed: UInt64) throws {
    let record = record(seed: seed, masks: Int(seed % 5))
    #expect(try parse(String(decoding: record.json, as: UTF8.self)) == record)
  }

  @Test func uncompressedRunsAndPolygonsAreReadAsWell() throws {
    let record = try parse(
      """
      {"annotations": [
        {"id": 7, "segmentation": {"size": [2, 3], "counts": [0, 2, 4]}, "extra": {"a": [1, {"b": null}]}},
        {"segmentation": [[1, 0, 3, 0, 3, 2, 1, 2]], "area": 4.5, "predicted_iou": null}],
       "image": {"image_id": 5, "width": 3, "height": 2, "file_name": "é.jpg", "license": 1}, "info": []}
      """)
    #expect(record.imageID == 5)
    #expect(record.fileName == "é.jpg")
    #expect(record.annotations.map(\.id) == [7, 2])
    #expect(record.annotations[0].mask.mask.bits == [1, 0, 0, 1, 0, 0])
    #expect(record.annotations[1].mask.mask.bits == [0, 1, 1, 0, 1, 1])
    #expect(record.annotations[1].area == 4.5)
    #expect(record.annotations[0].area == 2)
    #expect(record.annotations[1].rings == [[1, 0, 3, 0, 3, 2, 1, 2]])
  }

  @Test func theReferenceScriptsListIsARecordWithoutAnImage() throws {
    let record = record(seed: 3)
    let read = try parse(String(decoding: record.annotationsJSON, as: UTF8.self))
    #expect(read.annotations.map(\.mask) == record.annotations.map(\.mask))
    #expect(read.annotations.map(\.predictedIoU) == record.annotations.map(\.predictedIoU))
    #expect((read.width, read.height) == (record.width, record.height))
    #expect(read.imageID == nil)
  }

  /// Hostile or damaged records: one line that names the file and the annotation.
  @Test(arguments: [
    ("", "x.json: not the JSON expected: expected '{' at byte 0"),
    ("{}", "x.json: no 'annotations'"),
    (#"{"annotations": []}"#, "x.json: no 'image'"),
    (
      #"{"image": {"width": 0, "height": 5}, "annotations": []}"#, "x.json: a size of 0 x 5 pixels"
    ),
    (
      #"{"image": {"width": 100000000, "height": 100000000}, "annotations": []}"#,
      "x.json: a size of 100000000 x 100000000 pixels"
    ),
    (
      #"{"image": {"width": 1e300, "height": 5}, "annotations": []}"#,
      "x.json: not the JSON expected: expected a whole number at byte"
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [{"id": 1}]}"#,
      "x.json: annotation 0: no 'segmentation'"
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [{"segmentation": {"size": [2, 3], "counts": [7]}}]}"#,
      "x.json: annotation 0: the runs cover 7 pixels, but a mask of 3 x 2 has 6"
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [{"segmentation": {"size": [2, 3], "counts": "@@"}}]}"#,
      "x.json: annotation 0: "
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [{"segmentation": {"size": [3, 2], "counts": [6]}}]}"#,
      "x.json: annotation 0: the mask is 2 x 3 pixels, the image 3 x 2"
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [{"segmentation": [[1, 2, 1e999, 0, 5, 5]]}]}"#,
      "x.json: annotation 0: a polygon cannot have the coordinate inf"
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [{"segmentation": [[1, 2, 3]]}]}"#,
      "x.json: annotation 0: a polygon's list holds pairs of x and y, not 3 numbers"
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [{"segmentation": {"size": [2, 3], "counts": [99999999999]}}]}"#,
      "x.json: not the JSON expected: a run beyond all bounds at byte"
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [], "x": "#
        + String(repeating: "[", count: 100_000),
      "x.json: not the JSON expected: nested too deeply at byte"
    ),
    (
      #"{"image": {"width": 3, "height": 2}, "annotations": [{"bbox": [1, 2, 3]}]}"#,
      "x.json: not the JSON expected: expected [x, y, width, height] at byte"
    ),
  ])
  func whatIsWrongIsOneLine(text: String, message: String) {
    do {
      _ = try parse(text)
      Issue.record("was read")
    } catch {
      #expect(error.description.hasPrefix(message), "\(error.description)")
    }
  }

  @Test func polygonsThatWouldTakeForeverAreRefused() {
    // Thousands of edges across a wide image, each of which crosses every column.
    let ring = (0..<40_000).map { $0 % 2 == 0 ? "0, \($0 % 1000)" : "100000, \($0 % 1000)" }.joined(
      separator: ", ")
    do {
      _ = try parse(
        #"{"image": {"width": 100000, "height": 1000}, "annotations": [{"segmentation": [[\#(ring)]]}]}"#)
      Issue.record("was read")
    } catch {
      #expect(error.description.contains("its polygons cross columns"))
    }
  }

  @Test func damagedBytesNeverCrash() {
    let sound = record(seed: 1).json
    var generator = SplitMix64(seed: 9)
    for _ in 0..<3000 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      if Bool.random(using: &generator) {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      bytes.withUnsafeBytes { buffer in _ = try? SA1BRecord(parsing: buffer, name: "x") }
    }
  }
}
