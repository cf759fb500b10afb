import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("COCO's instances")
struct COCOInstancesTests {
  private let head =
    #"{"images": [{"id": 7, "width": 4, "height": 3}], "categories": [{"id": 1, "name": "a"}], "#
  private let object =
    #"{"id": 5, "image_id": 7, "category_id": 1, "bbox": [0, 0, 2, 2], "area": 3.5, "iscrowd": 0}"#

  private func truth(_ annotations: String, masks: Bool = false) throws -> COCOInstances {
    let folder = try TemporaryDirectory()
    let path = folder.file("gt.json")
    try Data((head + #""annotations": ["# + annotations + "]}").utf8).write(to: URL(filePath: path))
    return try COCOInstances(annotations: path, masks: masks)
  }

  private func results(_ text: String, masks: Bool = false) throws -> [COCOInstance] {
    let folder = try TemporaryDirectory()
    let path = folder.file("dt.json")
    try Data(text.utf8).write(to: URL(filePath: path))
    return try truth(object).results(contentsOfFile: path, masks: masks)
  }

  @Test func truthKeepsItsOwnAreaAndResultsHaveTheirBoxesOrMasks() throws {
    let truth = try truth(object)
    #expect(truth.instances.map(\.area) == [3.5] && truth.instances[0].id == 5)
    #expect(truth.categories == [.init(id: 1, name: "a")])
    let mask = #""segmentation": {"size": [3, 4], "counts": [0, 3, 9]}"#
    let found = try results(
      #"[{"image_id": 7, "category_id": 1, "score": 0.5, "bbox": [1, 1, 2, 1.5]},"#
        + #" {"image_id": 7, "category_id": 2, "score": 1, \#(mask)},"#
        + #" {"image_id": 7, "category_id": 2, "score": 1, "bbox": [], \#(mask)}]"#)
    #expect(found.map(\.area) == [3, 3, 3])
    #expect(found.map(\.id) == [1, 2, 3])
    #expect(found[1].box == BoxXYWH(x: 0, y: 0, width: 1, height: 3) && found[2].box == found[1].box)
    #expect(found.allSatisfy { $0.mask == nil })
    #expect(
      try results("[{\"image_id\": 7, \"category_id\": 2, \"score\": 1, \(mask)}]", masks: true)[0].mask?.area
        == 3)
  }

  @Test(arguments: [
    (
      #"[{"image_id": 7, "category_id": 1, "score": NaN, "bbox": [1, 1, 2, 1]}]"#,
      "annotation 0: a score that is not a number"
    ),
    (
      #"[{"image_id": 7, "category_id": 1, "score": 1e400, "bbox": [1, 1, 2, 1]}]"#,
      "annotation 0: a score that is not a number"
    ),
    (
      #"[{"image_id": 7, "category_id": 1, "score": -Infinity, "bbox": [1, 1, 2, 1]}]"#,
      "annotation 0: a score that is not a number"
    ),
    (
      #"[{"image_id": 7, "category_id": 1, "score": 1, "bbox": [1, NaN, 2, 1]}]"#,
      "annotation 0: a coordinate of the box that is not a number"
    ),
    (#"[{"image_id": 7, "category_id": 1, "score": -}]"#, "expected a digit"),
    (#"[{"image_id": 7, "category_id": 1, "score": Nan}]"#, "expected a value"),
    (
      #"[{"image_id": 7, "category_id": 1, "score": Infinity, "bbox": [1, 1, 2, 1]}]"#,
      "a score that is not a number"
    ),
    (#"[{"image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 1]}]"#, "annotation 0: no 'score'"),
    (
      #"[{"image_id": 8, "category_id": 1, "score": 1, "bbox": [1, 1, 2, 1]}]"#,
      "annotation 0: image 8 is not listed"
    ),
    (#"[{"image_id": 7, "score": 1, "bbox": [1, 1, 2, 1]}]"#, "annotation 0: no 'category_id'"),
    (#"[{"image_id": 7, "category_id": 1, "score": 1}]"#, "annotation 0: no 'segmentation'"),
    (
      #"[{"image_id": 7, "category_id": 1, "score": 1, "bbox": [1, 1, 2]}]"#, "expected [x, y, width, height]"
    ),
    (
      #"[{"image_id": 7, "category_id": 1, "score": 1, "segmentation": {"size": [4, 4], "counts": [16]}}]"#,
      "annotation 0: the mask is 4 x 4 pixels, the image 4 x 3"
    ),
    (#"{"image_id": 7}"#, "expected '['"), ("[1]", "expected '{'"), ("", "expected '['"),
  ])
  func wrongResultsAreNamed(text: String, problem: String) throws {
    let error = #expect(throws: DatasetError.self) { try results(text) }
    #expect(error.map { "\($0)".contains("dt.json") && "\($0)".contains(problem) } == true, "\(error as Any)")
  }

  @Test(arguments: ["images", "annotations"])
  func aFileWithoutListsIsNoTruth(list: String) throws {
    let folder = try TemporaryDirectory()
    let other = list == "images" ? "annotations" : "images"
    try Data("{\"\(other)\": []}".utf8).write(to: URL(filePath: folder.file("gt.json")))
    let error = #expect(throws: DatasetError.self) {
      try COCOInstances(annotations: folder.file("gt.json"), masks: false)
    }
    #expect(error.map { "\($0)".hasSuffix("gt.json: no '\(list)'") } == true, "\(error as Any)")
  }

  @Test func wrongTruthIsNamed() throws {
    for (text, masks, problem) in [
      (object + "," + object, false, "annotation 1: annotation 5 occurs twice"),
      (object, true, "annotation 0: no 'segmentation'"),
      (object.replacingOccurrences(of: "7", with: "3"), false, "annotation 0: image 3 is not listed"),
      (
        object.replacingOccurrences(of: "3.5", with: "NaN"), false,
        "annotation 0: an area that is not a number"
      ),
    ] {
      let error = #expect(throws: DatasetError.self) { try truth(text, masks: masks) }
      #expect(error.map { "\($0)".contains(problem) } == true, "\(error as Any)")
    }
  }
}
