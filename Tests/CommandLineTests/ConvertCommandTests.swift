import Checkpoints
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("sam model convert")
struct ConvertCommandTests {
  /// A trained small vision transformer, whose configuration stands in a file beside it.
  private static let small = Fixtures.path("golden-small/model/sam_small.safetensors")

  private static func info(_ path: String, in folder: TemporaryDirectory) throws -> [String: Any] {
    let outcome = try Sam.run(["model", "info", path, "--json"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(try outcome.objects().first)
  }

  private static func convert(
    _ path: String, _ options: [String] = [], to name: String, in folder: TemporaryDirectory
  ) throws {
    let outcome = try Sam.run(["model", "convert", path, "-o", name] + options, in: folder)
    #expect(outcome.status == 0 && outcome.text == name + "\n" && outcome.errors.isEmpty, "\(outcome.errors)")
  }

  /// Facts that both have, but for those in `except`, are equal.
  private static func expectSame(_ one: [String: Any], _ other: [String: Any], except: Set<String>) {
    #expect(Set(one.keys) == Set(other.keys))
    for (key, value) in one where !except.contains(key) {
      #expect("\(value)" == other[key].map { "\($0)" }, "\(key)")
    }
  }

  @Test func theNewFileNeedsNoConfigurationBesideIt() throws {
    let folder = try TemporaryDirectory()
    let before = try Self.info(Self.small, in: folder)
    try Self.convert(Self.small, to: "alone.safetensors", in: folder)
    let after = try Self.info("alone.safetensors", in: folder)
    // The decoder has four heads, which no tensor tells.
    #expect(after["decoder_heads"] as? Int == 4)
    Self.expectSame(before, after, except: ["path"])
    // Once more gives the same file.
    try Self.convert("alone.safetensors", to: "again.safetensors", in: folder)
    #expect(try bytes(folder, "again.safetensors") == bytes(folder, "alone.safetensors"))
  }

  private func bytes(_ folder: TemporaryDirectory, _ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder.file(name)))
  }

  @Test(
    .enabled(if: SharedData.has("golden/model/sam_small.pth")),
    arguments: ["sam_small.pth", "sam_small_legacy.pth", "sam_small_hf.safetensors"])
  func everyFormatGivesTheSameModel(file: String) throws {
    let folder = try TemporaryDirectory()
    let path = try SharedData.require("golden/model/" + file)
    try Self.convert(path, to: "new.safetensors", in: folder)
    Self.expectSame(
      try Self.info(path, in: folder), try Self.info("new.safetensors", in: folder),
      except: ["path", "format", "naming"])
    #expect(try Self.info("new.safetensors", in: folder)["naming"] as? String == "official")
  }

  @Test(
    .enabled(if: SharedData.has("golden/nano/sam_nano.safetensors")))
  func aConvolutionalModelKeepsItsInputSizeAndItsTerms() throws {
    let folder = try TemporaryDirectory()
    let path = try SharedData.require("golden/nano/sam_nano.safetensors")
    try Self.convert(path, ["--half"], to: "half.safetensors", in: folder)
    Self.expectSame(
      try Self.info(path, in: folder), try Self.info("half.safetensors", in: folder),
      except: ["path", "fingerprint"])
  }

  @Test func halfPrecisionHalvesTheFileAndKeepsTheMasks() throws {
    let folder = try TemporaryDirectory()
    try Self.convert(Self.small, to: "whole.safetensors", in: folder)
    try Self.convert(Self.small, ["--half"], to: "half.safetensors", in: folder)
    let sizes = try (bytes(folder, "whole.safetensors").count, bytes(folder, "half.safetensors").count)
    #expect(Double(sizes.1) < 0.55 * Double(sizes.0))
    let file = try SafetensorsFile(contentsOfFile: folder.file("half.safetensors"))
    #expect(file.entries["image_encoder.blocks.0.attn.qkv.weight"]?.scalar == .float16)
    for name in [
      "image_encoder.blocks.0.norm1.weight", "image_encoder.blocks.0.attn.qkv.bias",
      "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
    ] {
      #expect(file.entries[name]?.scalar == .float32)
    }
    Self.expectSame(
      try Self.info("whole.safetensors", in: folder), try Self.info("half.safetensors", in: folder),
      except: ["path", "fingerprint"])

    let masks = try ["whole", "half"].map { name in
      let image = Fixtures.path("golden-small/stages/scene.png")
      let outcome = try Sam.run(
        ["segment", image, "--checkpoint", name + ".safetensors", "--point", "128,128", "-o", name + ".png"],
        in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try Mask(contentsOfFile: folder.file(name + ".png"))
    }
    let differing = zip(masks[0].bits, masks[1].bits).count { $0 != $1 }
    #expect(masks[0].area > 0 && differing <= masks[0].area / 200, "\(differing) of \(masks[0].area)")
  }

  @Test func whatIsNoModelOrNoFileIsNamed() throws {
    let folder = try TemporaryDirectory()
    let missing = try Sam.run(["model", "convert", "nothing.pth", "-o", "x.safetensors"], in: folder)
    #expect(
      missing.status == 1 && missing.errors == "sam: nothing.pth: cannot open: No such file or directory\n")
    let photo = Sam.photo("coffee.jpg")
    let other = try Sam.run(["model", "convert", photo, "-o", "x.safetensors"], in: folder)
    #expect(other.status == 1 && other.errors.hasPrefix("sam: \(photo): ") && other.messages.count == 1)
    let nowhere = try Sam.run(["model", "convert", Self.small, "-o", "no/such/x.safetensors"], in: folder)
    #expect(nowhere.status == 1 && nowhere.errors.hasPrefix("sam: no/such/x.safetensors: "))
    let output = try Sam.run(["model", "convert", Self.small, "-o", "-"], in: folder)
    #expect(output.status == 64 && output.errors.contains("--output -"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
