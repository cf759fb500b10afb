import TestSupport
import Testing

@testable import Verification

/// A folder that is damaged gives failed checks that name the file, and never ends the process.
@Suite struct DamageTests {
  /// Every file that a part cannot do without.
  static let files = [
    "tolerances.json", "preprocess/preprocess.json", "preprocess/a_227x301.png",
    "preprocess/b_longest256.png",
    "model/sam_small.safetensors", "stages/scene.png", "stages/image.safetensors", "stages/prompts.json",
    "stages/prompts.safetensors",
  ]

  private func part(_ file: String) -> String {
    file.contains("/") ? String(file.prefix { $0 != "/" }) : "preprocess"
  }

  private func name(_ file: String) -> String { String(file.split(separator: "/").last ?? "") }

  @Test(arguments: files) func aMissingFileIsAFailedCheckThatNamesIt(_ file: String) throws {
    let copy = try GoldenCopy("preprocess", "model", "stages")
    try copy.remove(file)
    let report = try copy.report(part(file))
    // Of a missing picture or checkpoint only the folder is known.
    let named = ["scene.png", "sam_small.safetensors"].contains(name(file)) ? "/\(part(file))" : name(file)
    #expect(report.reasons.contains { $0.contains(named) }, "\(report.reasons)")
  }

  @Test(arguments: files, [0, 10, 1000]) func aFileCutShortIsAFailedCheckThatNamesIt(
    _ file: String, _ length: Int
  ) throws {
    let copy = try GoldenCopy("preprocess", "model", "stages")
    let bytes = try copy.bytes(file)
    try copy.write(Array(bytes.prefix(min(length, bytes.count / 2))), to: file)
    let report = try copy.report(part(file))
    #expect(report.reasons.contains { $0.contains(name(file)) }, "\(report.reasons)")
  }

  @Test(arguments: ["vit_b.json"]) func aDamagedFullSizeFileIsNamed(_ name: String) throws {
    let copy = try GoldenCopy("fullsize")
    try copy.replace("\"block3\"", by: "\"block33\"", in: "fullsize/" + name)
    try copy.replace("[1, 64, 64, 768]", by: "[1, 64, 64, 769]", in: "fullsize/" + name)
    let report = try copy.report("fullsize/vit_b")
    #expect(report.reasons.contains { $0.contains(name) }, "\(report.reasons)")
    try copy.write(Array("{".utf8), to: "fullsize/" + name)
    #expect(try copy.report("fullsize").reasons.contains { $0.contains(name) })
  }

  /// Text in a file, what takes its place, and what the reason should speak of.
  static let edits: [(file: String, text: String, other: String, reason: String)] = [
    ("stages/image.safetensors", "\"shape\":[1,64,16,16]", "\"shape\":[1,16,64,16]", "has shape 1x16x64x16"),
    ("stages/image.safetensors", "\"shape\":[9,7,7,96]", "\"shape\":[7,9,7,96]", "has shape 7x9x7x96"),
    ("stages/prompts.safetensors", "mask_only.mask_input", "mask_only.mask_inpuX", "mask_only.mask_input"),
    ("stages/prompts.safetensors", "\"shape\":[1,1,64,64]", "\"shape\":[1,2,32,64]", "has shape 1x2x32x64"),
    (
      "stages/prompts.json", "\"multimask_output\": true", "\"multimask_output\": false",
      "has shape 1x3x64x64"
    ),
    ("stages/prompts.json", "161.0", "\"161\"", "is not a number"),
    ("stages/prompts.json", "161.0", "1e300", "not a finite number"),
    ("stages/prompts.json", "161.0", "161.0, 3", "two numbers for each label"),
    (
      "stages/prompts.json", "\"name\": \"point_multi\"", "\"nome\": \"point_multi\"",
      "an object with \"name\""
    ),
    ("stages/prompts.json", "\"cases\"", "\"case\"", "an object with \"cases\""),
    ("stages/prompts.json", "69.25", "69.25, 1", "a box of four numbers"),
    ("preprocess/preprocess.json", "\"target\": 256", "\"target\": 0", "between 1 and"),
    ("preprocess/preprocess.json", "\"target\": 256", "\"target\": 1000000000000000", "between 1 and"),
    ("preprocess/preprocess.json", "a_longest256.png", "b_longest256.png", "b_longest256.png"),
    ("tolerances.json", "\"low_res_logits\"", "\"low_res\"", "a limit for stages.low_res_logits"),
    ("model/sam_small_config.json", "\"num_heads\"", "\"num_heads\": [], \"heads\"", "num_heads"),
  ]

  @Test(arguments: edits.indices) func anEditIsAFailedCheck(_ index: Int) throws {
    let edit = DamageTests.edits[index]
    let copy = try GoldenCopy("preprocess", "model", "stages")
    try copy.replace(edit.text, by: edit.other, in: edit.file)
    let report = try copy.report(edit.file == "tolerances.json" ? "stages" : part(edit.file))
    #expect(!report.failures.isEmpty)
    #expect(report.reasons.contains { $0.contains(edit.reason) }, "\(report.reasons)")
  }

  /// Text in a file and a wrong value in its place, of which one check speaks.
  static let wrongValues: [(part: String, file: String, text: String, other: String)] = [
    ("preprocess", "preprocess/preprocess.json", "35.709251101321584", "35.7094"),
    ("preprocess", "preprocess/preprocess.json", "f2899916", "f2899917"),
    ("model", "model/sam_small_config.json", "\"depth\": 4", "\"depth\": 5"),
    ("model", "model/sam_small_config.json", "754728", "754729"),
    ("stages", "stages/prompts.json", "0.3119018077850342", "0.3121"),
    ("stages", "stages/prompts.json", "0.3119018077850342", "null"),
    ("stages", "stages/prompts.json", "4407", "4420"),
    ("stages", "stages/prompts.json", "161.0", "160.0"),
  ]

  @Test(arguments: wrongValues.indices) func aWrongValueIsADifference(_ index: Int) throws {
    let wrong = DamageTests.wrongValues[index]
    let copy = try GoldenCopy("preprocess", "model", "stages")
    try copy.replace(wrong.text, by: wrong.other, in: wrong.file)
    #expect(try !copy.report(wrong.part).failures.isEmpty)
  }

  @Test(arguments: [Float(1), .nan, .infinity]) func aWrongActivationIsADifferenceInThatStage(_ value: Float)
    throws
  {
    let copy = try GoldenCopy("model", "stages")
    var bytes = try copy.bytes("stages/image.safetensors")
    let tensors = try ReferenceFolder(path: copy.path).folder("stages").tensors("image.safetensors")
    let reference = try tensors.tensor("block3").floats()
    let pattern =
      withUnsafeBytes(of: reference[1000]) { Array($0) } + withUnsafeBytes(of: reference[1001]) { Array($0) }
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: pattern) })
    let other = value == 1 ? reference[1000] + 0.001 : value
    bytes.replaceSubrange(start..<start + 4, with: withUnsafeBytes(of: other) { Array($0) })
    try copy.write(bytes, to: "stages/image.safetensors")
    #expect(try copy.report("stages").failures.map(\.name) == ["block3"])
  }

  @Test func randomDamageNeverEndsTheProcess() throws {
    let copy = try GoldenCopy("preprocess", "model", "stages")
    var random = SplitMix64(seed: 3)
    for file in [
      "stages/prompts.json", "stages/prompts.safetensors", "preprocess/preprocess.json", "tolerances.json",
    ] {
      let whole = try copy.bytes(file)
      for _ in 0..<12 {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let place = Int.random(in: 0..<min(bytes.count, 6000), using: &random)
          bytes[place] = Array("0123456789[]{},.:-e\" x".utf8).randomElement(using: &random) ?? 0
        }
        try copy.write(bytes, to: file)
        _ = try copy.report(file.hasPrefix("preprocess") ? "preprocess" : "stages")
      }
      try copy.write(whole, to: file)
    }
  }

  @Test func randomDamageOfScoresNeverEndsTheProcess() throws {
    let copy = try GoldenCopy("edges", "lvis")
    var random = SplitMix64(seed: 5)
    for file in [
      "edges/thin_cases.json", "edges/correspond_cases.json", "edges/aggregate_cases.json", "lvis/gt.json",
      "lvis/detections.json", "lvis/proposals.json", "lvis/expected_ar.json", "lvis/expected_lvis.json",
    ] {
      let whole = try copy.bytes(file)
      for _ in 0..<12 {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let place = Int.random(in: 0..<min(bytes.count, 6000), using: &random)
          bytes[place] = Array("0123456789[]{},.:-e\" x".utf8).randomElement(using: &random) ?? 0
        }
        try copy.write(bytes, to: file)
        _ = try copy.report(file.hasPrefix("edges") ? "edges" : "lvis")
      }
      try copy.write(whole, to: file)
    }
  }

  // MARK: - Folders

  @Test func unknownFoldersAreNotCovered() throws {
    let copy = try GoldenCopy("preprocess")
    for name in ["distant", "future", "photos", ".git"] { try copy.addFolder(name) }
    let report = try Verifier(folder: copy.path).run()
    #expect(report.notCovered == ["distant", "future"])
    #expect(report.failures.isEmpty)
    #expect(report.summary == "verify: \(report.checks.count) checked, 0 failed, 2 not covered")
    #expect(try copy.report("distant").summary == "verify: 0 checked, 0 failed, 1 not covered")
  }

  @Test func partsThatAreNotThereAreRefused() throws {
    let copy = try GoldenCopy("preprocess", "fullsize")
    #expect(throws: VerifierError.noFolder(path: "/nowhere")) { try Verifier(folder: "/nowhere").run() }
    #expect(
      throws: VerifierError.noPart(path: copy.path, part: "stages", available: ["fullsize", "preprocess"])
    ) {
      try copy.report("stages")
    }
    #expect(
      throws: VerifierError.noPart(path: copy.path, part: "fullsize/vit_z", available: ["fullsize/vit_b"])
    ) {
      try copy.report("fullsize/vit_z")
    }
  }

  @Test func tensorsThatTheBuildDoesNotKnowAreNotCovered() throws {
    let copy = try GoldenCopy("model", "stages")
    try copy.replace("\"neck3\"", by: "\"neckX\"", in: "stages/image.safetensors")
    let report = try copy.report("stages")
    #expect(report.notCovered == ["stages/neckX"])
    #expect(report.failures.isEmpty)
  }
}
