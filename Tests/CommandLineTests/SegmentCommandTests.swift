import Checkpoints
import Foundation
import Imaging
import TestSupport
import Testing

/// Numbers of a segmented image's JSON.
private struct Answer {
  var object: [String: Any]

  var masks: [[String: Any]] { object["masks"] as? [[String: Any]] ?? [] }
  var files: [String?] { masks.map { $0["file"] as? String } }

  func mask(_ index: Int) throws -> Mask {
    let segmentation = try #require(masks[index]["segmentation"] as? [String: Any])
    let size = try #require(segmentation["size"] as? [Int])
    let counts = try #require(segmentation["counts"] as? String)
    return try RunLengthMask(compressed: counts, width: size[1], height: size[0]).mask
  }
}

private func answers(_ arguments: [String], in folder: TemporaryDirectory? = nil) throws -> [Answer] {
  let outcome = try Sam.run(["segment"] + arguments + ["--json"], in: folder)
  #expect(outcome.status == 0, "\(outcome.errors)")
  return try outcome.objects().map(Answer.init)
}

private func answer(_ arguments: [String], in folder: TemporaryDirectory? = nil) throws -> Answer {
  try #require(try answers(arguments, in: folder).first)
}

private let coffee = Sam.photo("coffee.jpg")

@Suite("sam segment")
struct SegmentCommandTests {
  @Test func onePointGivesOneMaskWhoseNumbersDescribeItsFile() throws {
    let folder = try TemporaryDirectory()
    let answer = try answer([coffee, "--point", "300,180", "-o", "cup.png"], in: folder)
    #expect(answer.object["image"] as? String == coffee)
    #expect(answer.object["width"] as? Int == 600)
    #expect(answer.object["height"] as? Int == 400)
    #expect((answer.object["model"] as? String)?.isEmpty == false)
    let times = try #require(answer.object["times_ms"] as? [String: Double])
    #expect(Set(times.keys) == ["load", "read", "encode", "decode", "write"])
    #expect(answer.files == ["cup.png"])

    let mask = try Mask(contentsOfFile: folder.file("cup.png"))
    let box = try #require(mask.boundingBox)
    #expect(answer.masks[0]["area"] as? Int == mask.area)
    #expect(answer.masks[0]["bbox"] as? [Int] == [box.x, box.y, box.width, box.height])
    #expect(try answer.mask(0) == mask)
    #expect(mask[300, 180])
  }

  @Test func aSinglePointTakesTheMostTrustedOfTheThreeCandidates() throws {
    let folder = try TemporaryDirectory()
    let three = try answer([coffee, "--point", "300,180", "--multimask", "-o", "cup.png"], in: folder)
    #expect(three.files == ["cup-0.png", "cup-1.png", "cup-2.png"])
    let scores = three.masks.compactMap { $0["predicted_iou"] as? Double }
    let best = try #require(scores.indices.max { scores[$0] < scores[$1] })
    #expect(try answer([coffee, "--point", "300,180"]).mask(0) == three.mask(best))
    for (index, file) in three.files.enumerated() {
      #expect(try Mask(contentsOfFile: folder.file(#require(file))) == three.mask(index))
    }
  }

  @Test func severalBoxesGiveAMaskEachAndPointsApplyToAll() throws {
    let boxes = ["172,14,404,275", "320,200,440,320"]
    let both = try answer([coffee, "--box", boxes[0], "--box", boxes[1], "--point", "365,290,0"])
    #expect(both.masks.compactMap { $0["prompt"] as? Int } == [0, 1])
    for (index, box) in boxes.enumerated() {
      #expect(try answer([coffee, "--box", box, "--point", "365,290,0"]).mask(0) == both.mask(index))
    }
  }

  @Test func withoutJSONATableTellsTheSame() throws {
    let folder = try TemporaryDirectory()
    let outcome = try Sam.run(["segment", coffee, "--box", "172,14,404,275", "-o", "cup.png"], in: folder)
    #expect(outcome.status == 0)
    #expect(outcome.text.hasPrefix("\(coffee): 600 x 400, "))
    #expect(outcome.text.contains("predicted IoU"))
    #expect(outcome.text.contains("cup.png"))
    #expect(outcome.text.contains("encode "))
    #expect(outcome.errors.hasPrefix("no --checkpoint: using the model inside"))
  }

  @Test func everyFormatHoldsTheSameMask() throws {
    let folder = try TemporaryDirectory()
    let prompt = [coffee, "--box", "172,14,404,275"]
    let expected = try answer(prompt).mask(0)

    _ = try answer(prompt + ["--format", "rle", "-o", "cup.json"], in: folder)
    let runs = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder.file("cup.json"))))
        as? [String: Any])
    #expect(runs["size"] as? [Int] == [400, 600])
    #expect(
      try RunLengthMask(compressed: #require(runs["counts"] as? String), width: 600, height: 400).mask
        == expected)

    _ = try answer(prompt + ["--format", "cutout", "-o", "cup.png"], in: folder)
    let cutout = try RGBAImage(contentsOfFile: folder.file("cup.png"))
    #expect((0..<600 * 400).allSatisfy { (cutout.pixels[$0 * 4 + 3] == 255) == (expected.bits[$0] == 1) })

    _ = try answer(prompt + ["--format", "logits", "-o", "cup.npy"], in: folder)
    let logits = try NumPyFile(contentsOfFile: folder.file("cup.npy"))
    #expect(logits.shape.first == 1 && logits.shape.count == 3)

    _ = try answer(prompt + ["--format", "polygon", "-o", "polygon.json"], in: folder)
    let polygons = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder.file("polygon.json"))))
        as? [String: Any])
    #expect(polygons["size"] as? [Int] == [400, 600])
    let rings = try #require(polygons["segmentation"] as? [[Double]])
    #expect(try RunLengthMask(polygons: rings, width: 600, height: 400).mask == expected)
    #expect((polygons["polygons"] as? [[String: Any]])?.count == rings.count)
  }

  /// `SAM_KERNELS` changes sums in their last digits, and nothing else.
  @Test func kernelsCanBeChosen() throws {
    let folder = try TemporaryDirectory()
    func logits(_ environment: [String: String]) throws -> [Float] {
      let outcome = try Sam.run(
        ["segment", coffee, "--box", "172,14,404,275", "--format", "logits", "-o", "cup.npy"],
        in: folder, environment: environment)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try NumPyFile(contentsOfFile: folder.file("cup.npy")).values
    }
    let (fastest, plain) = (try logits([:]), try logits(["SAM_KERNELS": Sam.plainKernels]))
    #expect(zip(fastest, plain).allSatisfy { ($0 - $1).magnitude < 1e-2 } && fastest.count == plain.count)
    let hasOthers = try Sam.run(["segment"], environment: ["SAM_KERNELS": "avx2"]).errors.contains("nothing")
    #expect((fastest != plain) == hasOthers)
  }

  @Test func logitsOfAnAnswerRefineTheNext() throws {
    let folder = try TemporaryDirectory()
    _ = try answer([coffee, "--point", "300,180", "--format", "logits", "-o", "cup.npy"], in: folder)
    let refined = try answer([coffee, "--point", "300,180", "--mask", "cup.npy"], in: folder)
    #expect(refined.masks.count == 1)
  }

  @Test func aBinaryMaskAloneIsAPrompt() throws {
    let folder = try TemporaryDirectory()
    let box = [coffee, "--box", "172,14,404,275"]
    let rough = try answer(box + ["-o", "rough.png"], in: folder).mask(0)
    let again = try answer([coffee, "--mask", "rough.png"], in: folder).mask(0)
    #expect(try RunLengthMask(rough).intersectionOverUnion(with: RunLengthMask(again)) > 0.5)
  }

  @Test func standardStreamsCarryTheImageAndTheMask() throws {
    let photo = try Data(contentsOf: URL(filePath: coffee))
    let outcome = try Sam.run(["segment", "-", "--point", "300,180", "-o", "-"], input: photo)
    #expect(outcome.status == 0)
    let mask = try Mask(decoding: [UInt8](outcome.output), name: "standard output")
    #expect(try mask == answer([coffee, "--point", "300,180"]).mask(0))
    #expect(outcome.errors.contains("predicted IoU"))
  }

  @Test func theOverlayIsThePhotoWithTheMaskPaintedOn() throws {
    let folder = try TemporaryDirectory()
    _ = try answer(
      [coffee, "--point", "300,180", "--overlay", "seen.png", "--contact-sheet", "all.jpg"], in: folder)
    let overlay = try Image(contentsOfFile: folder.file("seen.png"))
    let photo = try Image(contentsOfFile: coffee)
    #expect((overlay.width, overlay.height) == (photo.width, photo.height))
    let isChanged = overlay != photo
    #expect(isChanged)
    _ = try Image(contentsOfFile: folder.file("all.jpg"))
  }

  @Test func anEmbeddingAnswersAsItsImageDoes() throws {
    let folder = try TemporaryDirectory()
    let made = try Sam.run(["embed", coffee, Sam.photo("cat.jpg"), "-o", "made/here", "--json"], in: folder)
    #expect(made.status == 0)
    #expect(
      try made.objects().compactMap { $0["file"] as? String } == [
        "made/here/coffee.embedding", "made/here/cat.embedding",
      ])
    let prompt = ["--box", "172,14,404,275"]
    let answer = try answer(["--embedding", "made/here/coffee.embedding"] + prompt, in: folder)
    #expect(try answer.mask(0) == CommandLineTests.answer([coffee] + prompt).mask(0))

    let resized = try Sam.run(
      ["segment", "--embedding", "made/here/coffee.embedding", "--image-size", "512", "--json"] + prompt,
      in: folder)
    #expect(resized.status == 1)
    #expect(
      resized.messages == [
        "sam: made/here/coffee.embedding: made at an input of 384 pixels, but the model's is 512; see --image-size"
      ])

    let halves = try Sam.run(["embed", coffee, "-o", "halves", "--half"], in: folder)
    #expect(halves.status == 0)
    func size(_ path: String) throws -> Int { try Data(contentsOf: URL(filePath: folder.file(path))).count }
    #expect(try size("halves/coffee.embedding") * 2 < size("made/here/coffee.embedding") + 8192)

    let wrong = try Sam.run(
      ["segment", Sam.photo("cat.jpg"), "--embedding", "made/here/coffee.embedding", "--json"] + prompt,
      in: folder)
    #expect(wrong.status == 1)
    #expect(
      wrong.messages == [
        "sam: made/here/coffee.embedding: made from an image of 600x400 pixels, but \(Sam.photo("cat.jpg")) is 451x300"
      ])
  }

  @Test(.enabled(if: SharedData.has("golden/model/sam_small.pth")))
  func anotherModelsEmbeddingIsRefused() throws {
    let folder = try TemporaryDirectory()
    _ = try Sam.run(["embed", coffee, "-o", "."], in: folder)
    let outcome = try Sam.run(
      [
        "segment", "--embedding", "coffee.embedding", "--point", "300,180", "--json", "--checkpoint",
        SharedData.require("golden/model/sam_small.pth"),
      ], in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("sam: coffee.embedding: the embedding was made by model "))
    #expect(outcome.messages.count == 1)
  }

  @Test func theNumberOfThreadsDoesNotChangeTheMask() throws {
    let prompt = [coffee, "--box", "172,14,404,275"]
    let one = try answer(prompt + ["--threads", "1"]).mask(0)
    let all = try answer(prompt).mask(0)
    #expect(try RunLengthMask(one).intersectionOverUnion(with: RunLengthMask(all)) > 0.999)
  }
}

@Suite("sam segment --prompts")
struct PromptFileTests {
  @Test func aListOfPromptsIsAnsweredInOrder() throws {
    let folder = try TemporaryDirectory()
    let json = """
      [
        { "name": "cup", "box": [172, 14, 404, 275] },
        { "points": [[300, 180]], "multimask": true },
        { "points": [[365, 290], [300, 180, 0]] }
      ]
      """
    try Data(json.utf8).write(to: URL(filePath: folder.file("prompts.json")))
    let list = try answer([coffee, "--prompts", "prompts.json", "-o", "m.png"], in: folder)
    #expect(list.masks.compactMap { $0["prompt"] as? Int } == [0, 1, 1, 1, 2])
    #expect(list.masks.map { $0["name"] as? String } == ["cup", nil, nil, nil, nil])
    #expect(list.files == (0..<5).map { "m-\($0).png" })
    #expect(try list.mask(0) == answer([coffee, "--box", "172,14,404,275"]).mask(0))
    #expect(try list.mask(4) == answer([coffee, "--point", "365,290", "--point", "300,180,0"]).mask(0))
  }

  @Test func manyImagesAreSegmentedInOneProcess() throws {
    let folder = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: folder.file("in"), withIntermediateDirectories: true)
    for name in ["coffee.jpg", "cat.jpg"] {
      try FileManager.default.copyItem(atPath: Sam.photo(name), toPath: folder.file("in/" + name))
    }
    let json = """
      [
        {"image": "coffee.jpg", "prompts": [{"box": [172, 14, 404, 275]}]},
        {"image": "cat.jpg", "prompts": [{"points": [[263, 243]]}, {"points": [[169, 115]]}]}
      ]
      """
    try Data(json.utf8).write(to: URL(filePath: folder.file("in/all.json")))
    let list = try answers(
      ["--prompts", "in/all.json", "-o", "out/masks", "--overlay", "out", "--contact-sheet", "out/all.png"],
      in: folder)
    #expect(list.map { $0.object["image"] as? String } == ["in/coffee.jpg", "in/cat.jpg"])
    #expect(
      list.flatMap(\.files) == ["out/masks/coffee.png", "out/masks/cat-0.png", "out/masks/cat-1.png"])
    for file in ["out/masks/cat-1.png", "out/cat-overlay.jpg", "out/coffee-overlay.jpg", "out/all.png"] {
      #expect(FileManager.default.fileExists(atPath: folder.file(file)), "\(file)")
    }
  }

  @Test func oneBadImageDoesNotSpoilTheOthers() throws {
    let folder = try TemporaryDirectory()
    let json = """
      [{"image": "none.jpg", "prompts": [{"points": [[1, 1]]}]},
       {"image": "\(coffee)", "prompts": [{"points": [[300, 180]]}]}]
      """
    let outcome = try Sam.run(
      ["segment", "--prompts", "-", "--json"], in: folder, input: Data(json.utf8))
    #expect(outcome.status == 1)
    #expect(try outcome.objects().count == 1)
    #expect(
      outcome.messages == [
        "sam: none.jpg: cannot open: No such file or directory", "sam: 1 of 2 images failed",
      ])
  }

  @Test(arguments: [
    ("", 1, 1, "no prompts"),
    ("[]", 1, 3, "no prompts"),
    ("[\n  {\"points\": [[1, 2], [3, x]]}\n]", 2, 27, "expected a digit"),
    ("[\n  {\"points\": [[1, 2], [3]]}\n]", 2, 23, "a point is [x, y] or [x, y, label]"),
    ("{\"points\": [[1, 2, 5]]}", 1, 13, "a label is 1 (on the object) or 0 (not on it)"),
    ("{\"points\": [[1, NaN]]}", 1, 17, "expected a digit"),
    ("{\"points\": [[1, 1e999]]}", 1, 17, "a number beyond all bounds"),
    ("{\"box\": [1, 2, 3]}", 1, 9, "a box is [x0, y0, x1, y1]"),
    ("{\"name\": \"x\"}", 1, 1, "a prompt without points, box or mask"),
    ("[{\"image\": \"a.jpg\"}]", 1, 2, "an image needs both 'image' and 'prompts'"),
    ("[{\"image\": \"a.jpg\", \"prompts\": []}]", 1, 2, "an image without prompts"),
    (
      "[{\"box\": [1, 2, 3, 4]}, {\"image\": \"a\", \"prompts\": [{\"box\": [1, 2, 3, 4]}]}]", 1, 25,
      "a list holds prompts, or images with prompts, not both"
    ),
    ("{\"points\": [[1, 2]]} x", 1, 22, "something follows the end"),
    ("{\"multimask\": 1, \"points\": [[1, 2]]}", 1, 15, "expected true or false"),
  ])
  func malformedFilesAreOneLineThatSaysWhere(json: String, line: Int, column: Int, problem: String) throws {
    let folder = try TemporaryDirectory()
    try Data(json.utf8).write(to: URL(filePath: folder.file("p.json")))
    let outcome = try Sam.run(["segment", coffee, "--prompts", "p.json", "--json"], in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.messages == ["sam: p.json: line \(line), column \(column): \(problem)"])
  }

  @Test func aMisspeltKeyIsNotIgnored() throws {
    let outcome = try Sam.run(
      ["segment", coffee, "--prompts", "-", "--json"], input: Data("{\"point\": [[1, 2]]}".utf8))
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("sam: standard input: line 1, column 10: unknown key 'point'"))
  }

  @Test func imagesThatWouldOverwriteEachOtherAreRefused() throws {
    let json = """
      [{"image": "a/x.jpg", "prompts": [{"points": [[1, 1]]}]},
       {"image": "b/x.png", "prompts": [{"points": [[1, 1]]}]}]
      """
    let outcome = try Sam.run(["segment", "--prompts", "-", "-o", "out"], input: Data(json.utf8))
    #expect(outcome.status == 1)
    #expect(outcome.messages == ["sam: a/x.jpg and b/x.png would both be written as out/x.png"])
  }

  @Test func eightBitsGiveNearlyTheSameMask() throws {
    let model = Fixtures.path("golden-small/model/sam_small.safetensors")
    let image = Fixtures.path("golden-small/stages/scene.png")
    let masks = try ["float32", "int8"].map { precision in
      try answer([image, "--checkpoint", model, "--precision", precision, "--box", "69,0,120,66"]).mask(0)
    }
    let differing = zip(masks[0].bits, masks[1].bits).count { $0 != $1 }
    #expect(differing > 0 && differing < masks[0].area / 20)
  }
}
