import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// Files of strangers, damaged byte by byte: an error or a sample, never a crash.
@Suite("Damaged dataset files")
struct DatasetDamageTests {
  private static let coco = """
    {"info": {}, "images": [{"id": 9, "width": 3, "height": 2, "file_name": "a.png"}],
     "annotations": [{"image_id": 9, "id": 1, "category_id": 2, "segmentation": [[0, 0, 1, 0, 1, 2.5, 0, 2]]},
      {"image_id": 9, "id": 3, "segmentation": {"counts": "06", "size": [2, 3]}, "bbox": [0, 0, 1, 1], "iscrowd": 1}],
     "categories": [{"id": 2, "name": "d\\u00f6g"}]}
    """
  private static let labelMe = """
    {"version": "5", "imagePath": "a.png", "imageHeight": 16, "imageWidth": 20, "shapes": [
      {"label": "two", "points": [[0, 0], [2, 0], [2, 2.5]], "shape_type": "polygon", "group_id": 4},
      {"label": "disc", "points": [[10, 8], [14, 8]], "shape_type": "circle"}]}
    """
  private static let yolo = "1 0.5 0.5 0.4 0.5\n0 0 0 1 0 1e-1 1\n"
  private static let table = "id,area,bbox_x0,predicted_iou\n0,12,0.5,0.25\n1,3,,1e-3\n"

  @Test(arguments: [("x.json", coco), ("a.json", labelMe), ("a.txt", yolo), ("a/metadata.csv", table)])
  func damagedFilesNeverCrash(file: String, text: String) throws {
    let folder = try TemporaryDirectory()
    try write(picture(width: 20, height: 16), to: folder.file("a.png"))
    if file.hasPrefix("a/") { try write(picture(width: 20, height: 16), to: folder.file("a/0.png")) }
    let format: DatasetFormat =
      switch file {
      case "x.json": .coco
      case "a.json": .labelme
      case "a.txt": .yolo
      default: .masks
      }
    var generator = SplitMix64(seed: UInt64(text.utf8.count))
    var read = 0
    for attempt in 0..<600 {
      var bytes = Array(text.utf8)
      for _ in 0..<(attempt == 0 ? 0 : Int.random(in: 1...3, using: &generator)) {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes[index] = Array("0123456789-e.[]{},\"".utf8).randomElement(using: &generator) ?? 0
        case 2: bytes.remove(at: index)
        default: bytes.insert(bytes[index], at: index)
        }
      }
      try write(bytes, to: folder.file(file))
      do throws(DatasetError) {
        let source = try openDataset(format == .coco ? folder.file(file) : folder.path, format: format)
        let sample = try source.sample(at: 0)
        #expect(sample.annotations.allSatisfy { $0.mask.width == sample.width })
        read += 1
      } catch {
        #expect(error.description.split(separator: "\n").count == 1)
      }
    }
    #expect(read > 0)
  }
}
