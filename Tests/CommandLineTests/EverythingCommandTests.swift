import Datasets
import Files
import Foundation
import Imaging
import TestSupport
import Testing

/// Few points, so that a picture takes little time, and low thresholds, so that there are masks.
private let quick = [
  "--preset", "reference", "--points-per-side", "6", "--pred-iou-thresh", "0.2", "--stability-score-thresh",
  "0.3",
]

/// A folder of small photos, two of them in a folder below.
private func photos(_ names: [String] = ["a.jpg", "b.png", "sub/a.jpg", "sub/c.jpg"]) throws
  -> TemporaryDirectory
{
  let folder = try TemporaryDirectory()
  let sources = ["coffee.jpg", "cat.jpg", "astronaut.jpg", "coins.jpg", "rocket.jpg"]
  for (index, name) in names.enumerated() {
    let path = folder.file("in/" + name)
    let parent = URL(filePath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    let photo = try Image(contentsOfFile: Sam.photo(sources[index % sources.count]))
    try photo.resizedLongestSide(to: 160).write(to: path)
  }
  return folder
}

/// Every file below a folder with its bytes, hidden ones included.
private func tree(_ folder: String) throws -> [String: Data] {
  var files: [String: Data] = [:]
  let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
  for name in names {
    var isFolder: ObjCBool = false
    let path = folder + "/" + name
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
      continue
    }
    files[name] = try Data(contentsOf: URL(filePath: path))
  }
  return files
}

/// The picture as a plain TIFF of one strip.
private func tiff(_ image: Image) -> [UInt8] {
  func bytes(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 255) } }
  let end = 8 + image.pixels.count + image.pixels.count % 2
  // Tag, type (3: 16 bits, 4: 32 bits), count, value.
  let tags = [
    (256, 4, 1, image.width), (257, 4, 1, image.height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 2),
    (273, 4, 1, 8), (277, 3, 1, 3), (278, 4, 1, image.height), (279, 4, 1, image.pixels.count),
  ]
  var file = Array("II".utf8) + bytes(42, 2) + bytes(end, 4) + image.pixels
  file += [UInt8](repeating: 0, count: end - file.count) + bytes(tags.count, 2)
  for tag in tags { file += bytes(tag.0, 2) + bytes(tag.1, 2) + bytes(tag.2, 4) + bytes(tag.3, 4) }
  return file + bytes(0, 4)
}

@Suite("sam everything")
struct EverythingCommandTests {
  @Test func theReferencesCommandLineGivesItsFiles() throws {
    let folder = try photos(["a.jpg"])
    let outcome = try Sam.run(
      ["everything", "--input", "in/a.jpg", "--output", "out", "--device", "cpu"] + quick, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let table = try String(contentsOfFile: folder.file("out/a/metadata.csv"), encoding: .utf8)
    let lines = table.split(separator: "\n")
    #expect(
      lines.first
        == "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,crop_box_x0,crop_box_y0,crop_box_w,crop_box_h"
    )
    #expect(lines.count > 1)
    for (index, line) in lines.dropFirst().enumerated() {
      let mask = try Mask(contentsOfFile: folder.file("out/a/\(index).png"))
      #expect(line.hasPrefix("\(index),\(mask.area),"))
    }

    let other = try Sam.run(
      ["everything", "--input", "in/a.jpg", "--output", "rle", "--convert-to-rle"] + quick, in: folder)
    #expect(other.status == 0)
    let record = try SA1BRecord(contentsOfFile: folder.file("rle/a.json"))
    #expect(record.annotations.count == lines.count - 1)
    for (index, annotation) in record.annotations.enumerated() {
      #expect(try annotation.mask.mask == Mask(contentsOfFile: folder.file("out/a/\(index).png")))
    }
  }

  /// The points that were asked about and gave a mask, in pixels.
  private func points(_ table: String) throws -> [(x: Double, y: Double)] {
    try String(contentsOfFile: table, encoding: .utf8).split(separator: "\n").dropFirst().map { line in
      let cells = line.split(separator: ",").map { Double($0) ?? .nan }
      return (cells[6], cells[7])
    }
  }

  @Test func pointsCanBeOnesOwnAndLaidOverAPart() throws {
    let folder = try photos(["a.jpg"])
    let image = try Image(contentsOfFile: folder.file("in/a.jpg"))
    let all = ["--preset", "reference", "--pred-iou-thresh", "0", "--stability-score-thresh", "0"]
    for (name, text) in [("points", "[[0.25, 0.5], [0.5, 0.5]]"), ("layers", "[[[0.25, 0.5], [0.5, 0.5]]]")] {
      try Data(text.utf8).write(to: URL(filePath: folder.file(name + ".json")))
      let outcome = try Sam.run(
        ["everything", "in", "-o", name, "--point-grid", name + ".json"] + all, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let found = try points(folder.file(name + "/a/metadata.csv"))
      #expect(!found.isEmpty)
      for point in found {
        #expect([0.25, 0.5].contains { abs(point.x - $0 * Double(image.width)) < 1e-3 })
        #expect(abs(point.y - 0.5 * Double(image.height)) < 1e-3)
      }
    }
    let part = try Sam.run(
      ["everything", "in", "-o", "part", "--region", "20,10,60,40", "--points-per-side", "3"] + all,
      in: folder)
    #expect(part.status == 0, "\(part.errors)")
    let found = try points(folder.file("part/a/metadata.csv"))
    #expect(!found.isEmpty && found.allSatisfy { (20...80).contains($0.x) && (10...50).contains($0.y) })
    // A run with other points is another run.
    let other = try Sam.run(
      ["everything", "in", "-o", "part", "--points-per-side", "3"] + all, in: folder)
    #expect(other.status == 1 && other.messages.first?.contains("region was 20,10,60,40") == true)
  }

  @Test func allFormatsAtOnceHaveTheSameMasks() throws {
    let folder = try photos()
    let formats = OutputFormat.allCases.flatMap { ["--format", $0.rawValue] }
    let outcome = try Sam.run(["everything", "in", "-o", "out", "--json"] + formats + quick, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try outcome.objects().compactMap { $0["name"] as? String } == ["a", "b", "sub/a", "sub/c"])
    let records = try openDataset(folder.file("out/sa1b"), format: .sa1b, images: folder.file("in"))
    let coco = try COCODataset(annotations: folder.file("out/coco.json"), images: folder.file("in"))
    let masks = try openDataset(folder.file("out/masks"), format: .masks, images: folder.file("in"))
    let yolo = try openDataset(folder.file("out/yolo"), format: .yolo, images: folder.file("in"))
    #expect(records.count == 4 && coco.count == 4)
    var ids: Set<Int> = []
    for index in 0..<4 {
      let sample = try records.sample(at: index)
      #expect(sample.imageID == index + 1)
      for annotation in sample.annotations { #expect(ids.insert(annotation.id).inserted) }
      #expect(try coco.sample(at: index).annotations.map(\.mask) == sample.annotations.map(\.mask))
      #expect(try coco.sample(at: index).image().width == sample.width)
      guard !sample.annotations.isEmpty else { continue }
      let position = try #require(
        try (0..<masks.count).first { try masks.sample(at: $0).name == sample.name })
      #expect(try masks.sample(at: position).annotations.map(\.mask) == sample.annotations.map(\.mask))
      #expect(try yolo.sample(at: index).annotations.map(\.mask) == sample.annotations.map(\.mask))
      let map = try LabelMap(contentsOfFile: folder.file("out/labelmap/\(sample.name).png"))
      let union = try #require(try RunLengthMask.union(of: sample.annotations.map(\.mask)))
      #expect(map.labels.count { $0 > 0 } == union.area)
      #expect(try Image(contentsOfFile: folder.file("out/overlay/\(sample.name).jpg")).width == sample.width)
    }
  }

  /// Killed three times at moments that differ, then run to the end: the same files as without.
  @Test(arguments: [
    ["masks"], ["rle"], ["sa1b"], ["yolo"], ["labelme"], ["labelmap"], ["overlay"], ["coco"],
    ["sa1b", "coco", "masks"],
  ])
  func aRunThatIsKilledAndResumedGivesTheSameBytes(formats: [String]) throws {
    let folder = try photos(["a.jpg", "b.png", "c.jpg", "sub/a.jpg", "sub/d.jpg"])
    let command =
      "sam everything in " + (quick + formats.flatMap { ["--format", $0] }).joined(separator: " ")
    #expect(try Sam.shell(command + " -o whole", in: folder).status == 0)
    var generator = SplitMix64(seed: UInt64(formats.joined().utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
    for _ in 0..<3 {
      let seconds = Double.random(in: 0.1...0.9, using: &generator)
      _ = try Sam.shell("timeout -s KILL \(seconds) \(command) -o parts --threads 1 || true", in: folder)
    }
    let outcome = try Sam.shell(command + " -o parts", in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try tree(folder.file("parts")) == tree(folder.file("whole")))
    // Nothing is left to do, and nothing changes.
    #expect(try Sam.shell(command + " -o parts", in: folder).text.isEmpty)
    #expect(try tree(folder.file("parts")) == tree(folder.file("whole")))
  }

  @Test func shardsThatAreKilledAndMergedGiveTheFilesOfOneRun() throws {
    let folder = try photos(["a.jpg", "b.png", "c.jpg", "sub/a.jpg", "sub/d.jpg"])
    let command =
      "sam everything in --format coco --format sa1b --coco-segmentation polygon "
      + quick.joined(separator: " ")
    #expect(try Sam.shell(command + " -o whole", in: folder).status == 0)
    for (seconds, shard) in [(0.4, 2), (0.6, 0), (0.3, 1)] {
      _ = try Sam.shell(
        "timeout -s KILL \(seconds) \(command) -o parts --shard \(shard)/3 || true", in: folder)
    }
    #expect(try Sam.run(["merge", "parts"], in: folder).status == 1)
    for shard in 0..<3 {
      #expect(try Sam.shell(command + " -o parts --shard \(shard)/3", in: folder).status == 0)
    }
    #expect(try Sam.run(["merge", "parts"], in: folder).status == 0)
    #expect(try tree(folder.file("parts")) == tree(folder.file("whole")))
    #expect(try Sam.shell(command + " -o parts --shard 1/3", in: folder).text.isEmpty)
    #expect(try tree(folder.file("parts")) == tree(folder.file("whole")))
    // More machines than pictures.
    for shard in 0..<7 {
      #expect(try Sam.shell(command + " -o many --shard \(shard)/7", in: folder).status == 0)
    }
    #expect(try Sam.run(["merge", "many"], in: folder).status == 0)
    #expect(try tree(folder.file("many")) == tree(folder.file("whole")))
  }

  @Test func whatCannotBeReadIsNamedAndTheRestDone() throws {
    let folder = try photos(["a.jpg", "z.jpg"])
    try Data("no picture".utf8).write(to: URL(filePath: folder.file("in/broken.jpg")))
    try FileManager.default.createDirectory(
      atPath: folder.file("in/folder.jpg"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: folder.file("in/z.jpg"), toPath: folder.file("in/folder.jpg/z.jpg"))
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("in/gone.jpg"), withDestinationPath: "nowhere.jpg")
    let command = ["everything", "in", "-o", "out", "--format", "coco", "--format", "labelmap"] + quick
    let outcome = try Sam.run(command, in: folder)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("sam: in/broken.jpg: not an image in a known format"))
    #expect(outcome.errors.contains("sam: in/gone.jpg: cannot open: No such file or directory"))
    #expect(outcome.errors.contains("sam: 2 failed, 2 of 4 images are done; see out/failures.jsonl"))
    let failures = try String(contentsOfFile: folder.file("out/failures.jsonl"), encoding: .utf8)
    #expect(
      failures == """
        {"image": "in/broken.jpg", "error": "in/broken.jpg: not an image in a known format; JPEG, PNG, WebP and TIFF are read"}
        {"image": "in/gone.jpg", "error": "in/gone.jpg: cannot open: No such file or directory"}

        """)
    #expect(FileManager.default.fileExists(atPath: folder.file("out/labelmap/folder.jpg/z.png")))
    let before = try tree(folder.file("out"))
    #expect(try Sam.run(command, in: folder).status == 3)
    #expect(try tree(folder.file("out")) == before)
    // Repaired, they are done in the next run, and no failure is left.
    for name in ["broken.jpg", "gone.jpg"] {
      try? FileManager.default.removeItem(atPath: folder.file("in/" + name))
      try FileManager.default.copyItem(atPath: folder.file("in/a.jpg"), toPath: folder.file("in/" + name))
    }
    #expect(try Sam.run(command, in: folder).status == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.file("out/failures.jsonl")))
    #expect(try COCODataset(annotations: folder.file("out/coco.json")).count == 4)
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
  func anUnreadableFileIsNamed() throws {
    let folder = try photos(["a.jpg", "b.jpg"])
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.file("in/b.jpg"))
    let outcome = try Sam.run(["everything", "in", "-o", "out"] + quick, in: folder)
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("in/b.jpg: cannot open: Permission denied"))
  }

  /// Files may not grow beyond some blocks, as on a disk that is full.
  @Test(arguments: ["overlay", "masks", "coco"])
  func aFullDiskStopsTheRunAndNothingIsLost(format: String) throws {
    let folder = try photos(["a.jpg", "b.png", "c.jpg"])
    let command = "sam everything in --format \(format) " + quick.joined(separator: " ")
    #expect(try Sam.shell(command + " -o whole", in: folder).status == 0)
    let outcome = try Sam.shell("ulimit -f 2; \(command) -o out", in: folder)
    #expect([1, 3].contains(outcome.status))
    #expect(outcome.errors.contains("File too large"), "\(outcome.errors)")
    #expect(outcome.errors.contains("run again to go on"))
    for (name, bytes) in try tree(folder.file("out")) where name.hasSuffix(".jpg") || name.hasSuffix(".png") {
      #expect(try tree(folder.file("whole"))[name] == bytes)
    }
    #expect(try Sam.shell(command + " -o out", in: folder).status == 0)
    #expect(try tree(folder.file("out")) == tree(folder.file("whole")))
  }

  @Test func filesPatternsListsAndArchivesNameTheSamePictures() throws {
    let folder = try photos()
    let command = ["everything", "--format", "sa1b"] + quick
    func names(_ inputs: [String], _ output: String, input: String = "") throws -> [String] {
      let outcome = try Sam.run(
        command + inputs + ["-o", output], in: folder, input: Data(input.utf8))
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try FolderListing(of: folder.file(output)).files.filter { $0 != "everything.json" }
    }
    let all = ["a.json", "b.json", "sub/a.json", "sub/c.json"]
    #expect(try names(["in"], "1") == all)
    #expect(try names(["in/**/*.[jp]*g"], "2") == all)
    #expect(try names(["-"], "3", input: "in/sub/c.jpg\nin/a.jpg\nin/b.png\nin/sub/a.jpg\n") == all)
    #expect(try tree(folder.file("1")) == tree(folder.file("2")))
    #expect(try tree(folder.file("1")) == tree(folder.file("3")))
    #expect(try names(["in/sub/*"], "4") == ["a.json", "c.json"])
    #expect(try names(["in/a.jpg"], "5") == ["a.json"])
    #expect(try names(["in/a.jpg", "in/sub/a.jpg"], "6") == ["a.json", "sub/a.json"])
    _ = try Sam.shell("tar -C in -cf pictures.tar .", in: folder)
    #expect(try names(["pictures.tar"], "7") == all)
    #expect(try tree(folder.file("1")) == tree(folder.file("7")))
    // The same stem twice in a folder, and an output folder inside the input.
    try FileManager.default.copyItem(atPath: folder.file("in/b.png"), toPath: folder.file("in/a.png"))
    #expect(try names(["in"], "in/out") == ["a.jpg.json", "a.png.json"] + all.dropFirst())
    #expect(try names(["in"], "in/out") == ["a.jpg.json", "a.png.json"] + all.dropFirst())
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let folder = try photos(["a.jpg", "b.png"])
    for threads in ["1", "2", "5"] {
      let outcome = try Sam.run(
        ["everything", "in", "-o", threads, "--format", "sa1b", "--threads", threads] + quick, in: folder)
      #expect(outcome.status == 0)
    }
    #expect(try tree(folder.file("1")) == tree(folder.file("2")))
    #expect(try tree(folder.file("1")) == tree(folder.file("5")))
  }

  @Test func masksMadeOtherwiseAreNotMixed() throws {
    let folder = try photos(["a.jpg"])
    let command = ["everything", "in", "-o", "out"] + quick
    #expect(try Sam.run(command, in: folder).status == 0)
    let other = try Sam.run(command + ["--pred-iou-thresh", "0.5"], in: folder)
    #expect(other.status == 1)
    #expect(
      other.messages.joined().contains("out: masks are there that were made otherwise (pred_iou_thresh was "))
    #expect(try Sam.run(command + ["--pred-iou-thresh", "0.5", "--overwrite"], in: folder).status == 0)
    try FileManager.default.removeItem(atPath: folder.file("out/everything.json"))
    let unknown = try Sam.run(command, in: folder)
    #expect(unknown.status == 1)
    #expect(unknown.messages.joined().contains("out/a/metadata.csv: is there already"))
    // New pictures may join where files do not say which number they have.
    #expect(try Sam.run(command + ["--overwrite"], in: folder).status == 0)
    try FileManager.default.copyItem(atPath: folder.file("in/a.jpg"), toPath: folder.file("in/b.jpg"))
    let more = try Sam.run(command, in: folder)
    #expect(more.status == 0)
    #expect(more.text.split(separator: "\n").count == 1)
  }

  @Test func tilesOfATIFFAreThoseOfTheSamePictureInAnotherFormat() throws {
    let folder = try photos(["a.png"])
    let photo = try Image(contentsOfFile: folder.file("in/a.png"))
    try Data(tiff(photo)).write(to: URL(filePath: folder.file("in/b.tif")))
    // Without overlays a TIFF is read row by row, with them as a whole.
    for (output, formats) in [("rows", ["rle"]), ("whole", ["rle", "overlay"])] {
      let outcome = try Sam.run(
        ["everything", "in", "-o", output, "--tile", "96", "--threads", "2"]
          + formats.flatMap { ["--format", $0] } + quick, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let rows = try tree(folder.file("rows"))
    #expect(rows["a.json"] == rows["b.json"])
    let whole = try tree(folder.file("whole"))
    #expect(whole["rle/b.json"] == rows["b.json"])
    #expect(
      try SA1BRecord(contentsOfFile: folder.file("rows/b.json")).annotations.contains { $0.cropBox?.x != 0 })
  }

  @Test func picturesAreNeverOverwritten() throws {
    let folder = try photos(["a.jpg", "sub/b.jpg"])
    let before = try tree(folder.file("in"))
    let outcome = try Sam.run(
      ["everything", "in", "-o", "in", "--format", "overlay", "--overwrite"] + quick, in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.messages.joined().contains("in/a.jpg: is one of the pictures and would be overwritten"))
    #expect(try tree(folder.file("in")) == before)
    // Records may lie beside them.
    let records = try Sam.run(["everything", "in", "-o", "in", "--format", "sa1b"] + quick, in: folder)
    #expect(records.status == 0, "\(records.errors)")
    #expect(try openDataset(folder.file("in")).count == 2)
  }

  @Test(arguments: [
    ([], "Missing expected argument '--output <folder>'"),
    (["-o", "out"], "no pictures: name a file or folder"),
    (["none", "-o", "out"], "none: no such file or folder"),
    (["in/*.gif", "-o", "out"], "in/*.gif: no picture fits the pattern"),
    (["in/empty", "-o", "out"], "no pictures: the inputs hold no JPEG, PNG, WebP or TIFF file"),
    (["in", "-o", "out", "--shard", "3/3"], "The value '3/3' is invalid for '--shard <i/n>'"),
    (["in", "-o", "out", "--format", "gif"], "The value 'gif' is invalid for '--format <format>'"),
    (["in", "-o", "out", "--points-per-side", "0"], ""),
    (["in/bad", "-o", "out"], "in/bad/x.png: not an image"),
    (
      ["in/a.jpg", "-o", "out", "--region", "1,2,3"], "The value '1,2,3' is invalid for '--region <x,y,w,h>'"
    ),
    (
      ["in/a.jpg", "-o", "out", "--region", "150,0,50,50"],
      "in/a.jpg: the region of interest (50x50 at 150,0)"
    ),
    (["in/a.jpg", "-o", "out", "--point-grid", "grid.json"], "grid.json: line 1, column "),
    (
      ["in/a.jpg", "-o", "out", "--point-grid", "none.json"],
      "none.json: cannot open: No such file or directory"
    ),
    (
      ["in/a.jpg", "-o", "out", "--point-grid", "grid.json", "--points-per-side", "4"],
      "--point-grid takes the place of --points-per-side"
    ),
  ])
  func whereNothingIsDoneTheExitCodeIsOne(arguments: [String], message: String) throws {
    let folder = try photos(["a.jpg"])
    for name in ["in/empty", "in/bad"] {
      try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    }
    try Data("x".utf8).write(to: URL(filePath: folder.file("in/bad/x.png")))
    try Data("[[0.5, 1.5]]".utf8).write(to: URL(filePath: folder.file("grid.json")))
    let outcome = try Sam.run(["everything"] + arguments, in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.messages.first?.hasPrefix("sam: " + message) == true, "\(outcome.errors)")
  }
}
