import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

private func addPair(_ seed: UInt64, to folder: String, _ name: String) throws {
  let record = record(seed: seed)
  try write(record.json, to: "\(folder)/\(name).json")
  try write(picture(width: record.width, height: record.height), to: "\(folder)/\(name).png")
}

private func samples(_ source: any DatasetSource) throws -> [DatasetSample] {
  try (0..<source.count).map { try source.sample(at: $0) }
}

@Suite("Dataset sources")
struct SourceTests {
  @Test func aFolderOfPairsIsSortedAndEntersFolders() throws {
    let folder = try TemporaryDirectory()
    for (seed, name) in [(2, "b"), (1, "a"), (3, "sub/a")] {
      try addPair(UInt64(seed), to: folder.path, name)
    }
    try write([1], to: folder.file("alone.json"))
    try write([1], to: folder.file("alone2.jpg"))
    let source = try openDataset(folder.path)
    #expect(source.name == folder.path.split(separator: "/").last.map(String.init))
    let samples = try samples(source)
    #expect(samples.map(\.name) == ["a", "b", "sub/a"])
    #expect(samples.map(\.imageID) == [1, 2, 3])
    #expect(samples[2].annotations == record(seed: 3).annotations)
    #expect(try samples[0].image().width == 31)
    #expect(throws: DatasetError.noSuchSample(name: source.name, index: 3, count: 3)) {
      try source.sample(at: 3)
    }
  }

  @Test func shardsAreReadInPlace() throws {
    let folder = try TemporaryDirectory()
    for shard in 0..<2 {
      try AtomicFile.write(to: folder.file("sa_00000\(shard).tar")) { (sink) throws(FileError) in
        let tar = TarWriter(sink)
        for index in 0..<3 {
          let record = record(seed: UInt64(10 * shard + index))
          // Either may come first.
          let parts: [(String, [UInt8])] = [
            ("./sa_\(shard)\(index).json", record.json),
            ("./sa_\(shard)\(index).png", (try? picture(width: record.width, height: record.height)) ?? []),
          ]
          for part in index == 1 ? parts.reversed() : parts { try tar.add(part.0, part.1) }
        }
        try tar.add("README", [1])
        try tar.finish()
      }
    }
    let source = try openDataset(folder.path)
    let samples = try samples(source)
    #expect(samples.map(\.name) == ["sa_00", "sa_01", "sa_02", "sa_10", "sa_11", "sa_12"])
    #expect(samples.map(\.imageID) == [0, 1, 2, 10, 11, 12])
    for sample in samples { #expect(try sample.image().height == 23) }
    #expect(try openDataset(folder.file("sa_000001.tar")).count == 3)
  }

  @Test func cocoFilesGiveEachImageItsAnnotations() throws {
    let folder = try TemporaryDirectory()
    try write(picture(width: 3, height: 2), to: folder.file("images/a.png"))
    try write(
      Array(
        """
        {"annotations": [
          {"image_id": 9, "id": 1, "category_id": 2, "segmentation": [[0, 0, 1, 0, 1, 2, 0, 2]], "iscrowd": 0},
          {"image_id": 4, "id": 2, "category_id": 1, "segmentation": {"size": [2, 3], "counts": [0, 6]}, "iscrowd": 1},
          {"image_id": 9, "id": 3, "category_id": 3, "segmentation": {"counts": "06", "size": [2, 3]}, "area": 5}],
         "info": {"x": ["\\""]}, "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "d\\u00f6g"}],
         "images": [{"id": 9, "width": 3, "height": 2, "file_name": "a.png"},
          {"id": 4, "width": 3, "height": 2, "coco_url": "http://x.org/val2017/b.jpg"}]}
        """.utf8), to: folder.file("instances.json"))
    let source = try COCODataset(annotations: folder.file("instances.json"), images: folder.file("images"))
    let samples = try samples(source)
    #expect(samples.map(\.name) == ["a", "val2017/b"])
    #expect(samples.map { $0.annotations.map(\.id) } == [[1, 3], [2]])
    #expect(samples[0].annotations.map(\.label) == ["dög", nil])
    #expect(samples[0].annotations.map(\.area) == [2, 5])
    #expect(samples[1].annotations[0].isCrowd)
    #expect(samples[1].annotations[0].mask.area == 6)
    #expect(try samples[0].image().width == 3)
    #expect(throws: DatasetError.self) { try samples[1].image() }
  }

  @Test(.enabled(if: SharedData.has("golden/coco/gt.json")))
  func theReferencesGroundTruthIsRead() throws {
    let source = try COCODataset(annotations: SharedData.require("golden/coco/gt.json"))
    let annotations = try samples(source).flatMap(\.annotations)
    #expect(source.count > 10 && !annotations.isEmpty)
    for annotation in annotations { #expect(annotation.box.width > 0) }
  }

  @Test(arguments: [
    (#"{"images": [], "annotations": []}"#, "no images in it"),
    (#"{"images": [{"id": 1, "width": 2, "height": 2}], "annotations": []}"#, "no 'file_name of image 1'"),
    (
      #"{"images": [{"id": 1, "width": 2, "height": 2, "file_name": "a"}], "annotations": [{"image_id": 2}]}"#,
      "annotation 0: image 2 is not listed"
    ),
    (
      #"{"images": [{"id": 1, "width": 2, "height": 2, "file_name": "a"}, {"id": 1, "width": 2, "height": 2, "file_name": "b"}]}"#,
      "image 1 occurs twice"
    ),
    (#"{"images": [{"id": 1, "width": 2e9, "height": 2e9, "file_name": "a"}]}"#, "a size of 2000000000"),
    (#"{"images": [}"#, "not the JSON expected"),
  ])
  func wrongCOCOFilesAreErrors(text: String, message: String) throws {
    let folder = try TemporaryDirectory()
    try write(Array(text.utf8), to: folder.file("x.json"))
    do {
      _ = try COCODataset(annotations: folder.file("x.json"))
      Issue.record("was read")
    } catch {
      #expect(error.description.hasPrefix(folder.file("x.json") + ": "), "\(error.description)")
      #expect(error.description.contains(message), "\(error.description)")
    }
  }

  @Test func masksAsPicturesInTheirConventions() throws {
    let folder = try TemporaryDirectory()
    for name in ["map", "numbered", "own", "sub/marked", "without"] {
      try write(picture(width: 31, height: 23), to: folder.file("images/\(name).jpg.png"))
      try FileManager.default.moveItem(
        atPath: folder.file("images/\(name).jpg.png"), toPath: folder.file("images/\(name).webp"))
    }
    var generator = SplitMix64(seed: 5)
    let masks = (0..<11).map { _ in randomMask(width: 31, height: 23, using: &generator) }
    let map = try LabelMap(masks, width: 31, height: 23)
    try write(map.encodedPNG(), to: folder.file("masks/map.png"))
    try write(masks[0].mask.encodedPNG(), to: folder.file("masks/sub/marked_mask.png"))
    for (index, mask) in masks.enumerated() {
      try write(mask.mask.encodedPNG(), to: folder.file("masks/numbered-\(index).png"))
      try write(mask.mask.encodedPNG(), to: folder.file("masks/own/\(index).png"))
    }
    try write(Array("id,area,predicted_iou\n10,5,0.25\n".utf8), to: folder.file("masks/own/metadata.csv"))

    let source = try openDataset(folder.path)
    let samples = try samples(source)
    #expect(samples.map(\.name) == ["map", "numbered", "own", "sub/marked"])
    #expect(samples[0].annotations.map(\.mask) == map.masks.map(\.mask))
    #expect(samples[1].annotations.map(\.mask) == masks)
    #expect(samples[2].annotations.map(\.mask) == masks)
    #expect(samples[2].annotations.map(\.predictedIoU) == [Double?](repeating: nil, count: 10) + [0.25])
    #expect(samples[3].annotations.map(\.mask) == [masks[0]])
    for sample in samples { #expect(try sample.image().width == 31) }
  }

  @Test func masksMayLieBesideTheirPictures() throws {
    let folder = try TemporaryDirectory()
    var generator = SplitMix64(seed: 6)
    let mask = randomMask(width: 31, height: 23, using: &generator)
    try write(picture(width: 31, height: 23), to: folder.file("a.png"))
    try write(picture(width: 31, height: 23), to: folder.file("b.jpg"))
    try write(mask.mask.encodedPNG(), to: folder.file("a_mask.png"))
    try write(mask.mask.encodedPNG(), to: folder.file("b.png"))
    let samples = try samples(try openDataset(folder.path))
    #expect(samples.map(\.name) == ["a", "b"])
    #expect(samples.map { $0.annotations.map(\.mask) } == [[mask], [mask]])
  }

  @Test func anEmptyFolderAndNoFolderAreErrors() throws {
    let folder = try TemporaryDirectory()
    #expect(throws: DatasetError.self) { _ = try openDataset(folder.path) }
    #expect(throws: DatasetError.self) { _ = try openDataset(folder.file("none")) }
  }

  @Test(.enabled(if: SharedData.has("data/val/balloons")))
  func realRecordsAgreeWithTheirMasks() throws {
    let source = try openDataset(SharedData.require("data/val/balloons"))
    for sample in try samples(source) {
      #expect(try sample.image().width == sample.width)
      for annotation in sample.annotations {
        #expect(Double(annotation.mask.area) == annotation.area)
        #expect(BoxXYWH(annotation.mask.boundingBox) == annotation.box)
      }
    }
  }

  @Test func manyThreadsReadAtTheSameTime() async throws {
    let folder = try TemporaryDirectory()
    for seed in 0..<8 { try addPair(UInt64(seed), to: folder.path, "p\(seed)") }
    let source = try openDataset(folder.path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<64 {
        group.addTask {
          let sample = try source.sample(at: index % 8)
          #expect(sample.annotations == record(seed: UInt64(index % 8)).annotations)
          _ = try sample.image()
        }
      }
      try await group.waitForAll()
    }
  }
}
