import Foundation
import TestSupport
import Testing

@Suite("sam model")
struct ModelCommandTests {
  @Test func listShowsThePublishedCheckpointsWithoutANetwork() throws {
    let folder = try TemporaryDirectory()
    let table = try Sam.run(["model", "list"], environment: ["SAM_CACHE": folder.path])
    #expect(table.status == 0)
    for name in ["vit_b", "vit_l", "vit_h", "mobile_sam", "Apache-2.0", folder.path] {
      #expect(table.text.contains(name))
    }
    let objects = try Sam.run(["model", "list", "--json"], environment: ["SAM_CACHE": folder.path]).objects()
    #expect(objects.count == 4)
    #expect(objects.allSatisfy { ($0["sha256"] as? String)?.count == 64 && $0["path"] is NSNull })
  }

  @Test func downloadWithoutANetworkIsOneLineThatNamesTheAddress() throws {
    let folder = try TemporaryDirectory()
    let outcome = try Sam.run(
      ["model", "download", "vit_b"],
      environment: ["SAM_CACHE": folder.path, "SAM_MIRROR": "http://127.0.0.1:9/models", "no_proxy": "*"])
    #expect(outcome.status == 1)
    #expect(outcome.messages.count == 1)
    #expect(
      outcome.errors.hasPrefix("sam: http://127.0.0.1:9/models/sam_vit_b_01ec64.pth: cannot reach the server")
    )
    #expect(outcome.text.isEmpty)
  }

  @Test func unknownAndMissingCheckpointsAreNamed() throws {
    let folder = try TemporaryDirectory()
    let environment = ["SAM_CACHE": folder.path]
    let unknown = try Sam.run(["model", "download", "vit_x"], environment: environment)
    #expect(unknown.status == 1)
    #expect(
      unknown.errors == "sam: 'vit_x' is no known checkpoint; known are mobile_sam, vit_b, vit_l, vit_h\n")
    let missing = try Sam.run(["model", "info", "vit_b"], environment: environment)
    #expect(missing.status == 1)
    #expect(
      missing.errors
        == "sam: checkpoint 'vit_b' is not in \(folder.path); get it with: sam model download vit_b\n")
    let file = try Sam.run(["model", "info", "nothing.pth"], environment: environment)
    #expect(file.status == 1)
    #expect(file.errors == "sam: nothing.pth: cannot open: No such file or directory\n")
  }

  @Test func infoDescribesTheModelInside() throws {
    let table = try Sam.run(["model", "info"])
    #expect(table.status == 0)
    for label in ["model", "parameters", "fingerprint", "image encoder", "terms"] {
      #expect(table.text.contains("\n" + label) || table.text.hasPrefix(label))
    }
    let object = try #require(try Sam.run(["model", "info", "--json"]).objects().first)
    #expect((object["parameters"] as? Int).map { $0 > 1_000_000 } == true)
    #expect(object["path"] is NSNull)
    #expect((object["notice"] as? String)?.isEmpty == false)
  }

  @Test(.enabled(if: SharedData.has("golden/model/sam_small.pth")))
  func infoTellsTheSameOfEveryFormatOfTheSameWeights() throws {
    let objects = try [
      "sam_small.pth", "sam_small_legacy.pth", "sam_small.safetensors", "sam_small_hf.safetensors",
    ].map {
      let path = try SharedData.require("golden/model/" + $0)
      return try #require(try Sam.run(["model", "info", path, "--json"]).objects().first)
    }
    #expect(Set(objects.compactMap { $0["fingerprint"] as? String }).count == 1)
    #expect(Set(objects.compactMap { $0["format"] as? String }).count == 3)
    for object in objects {
      #expect(object["width"] as? Int == 96)
      #expect(object["depth"] as? Int == 4)
      #expect(object["heads"] as? Int == 3)
      #expect(object["image_size"] as? Int == 256)
    }
  }
}
