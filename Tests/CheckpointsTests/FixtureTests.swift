import Checkpoints
import Files
import Tensors
import TestSupport
import Testing

@testable import Checkpoints

/// Files that PyTorch 2.15, safetensors and NumPy wrote; see Tests/Fixtures/checkpoints/README.md.
@Suite struct FixtureTests {
  static func path(_ name: String) -> String { Fixtures.path("checkpoints/\(name)") }

  /// The values that the writer had, by group and tensor.
  static func expected(_ group: String) throws -> [String: (shape: [Int], values: [Float])] {
    let file = try MappedBytes(path("expected.json"))
    let document = try JSONValue(parsing: file.bytes)
    guard case .object(let tensors) = document[group] else { return [:] }
    return try tensors.mapValues { tensor in
      guard case .array(let values) = tensor["values"] else { return ([], []) }
      return (try #require(tensor["shape"]?.integers), values.compactMap { $0.text.flatMap(Float.init) })
    }
  }

  @Test(arguments: [
    ("plain.pth", "plain", Checkpoint.Format.pytorchZip),
    ("plain.legacy.pth", "plain", .pytorchLegacy),
    ("plain.safetensors", "plain", .safetensors),
    ("protocol5.pth", "plain", .pytorchZip),
    ("protocol4.legacy.pth", "plain", .pytorchLegacy),
    ("zip64.pth", "plain", .pytorchZip),
    ("nested.pth", "plain", .pytorchZip),
    ("types.pth", "types", .pytorchZip),
    ("types.legacy.pth", "types", .pytorchLegacy),
    ("types.safetensors", "types", .safetensors),
    ("views.pth", "views", .pytorchZip),
    ("views.legacy.pth", "views", .pytorchLegacy),
  ])
  func floatingPointTensorsHaveTheWritersValues(file: String, group: String, format: Checkpoint.Format) throws
  {
    let checkpoint = try Checkpoint(contentsOfFile: Self.path(file))
    let expected = try Self.expected(group)
    #expect(checkpoint.format == format)
    #expect(checkpoint.tensors.keys.sorted() == expected.keys.sorted())
    for (name, reference) in expected {
      let tensor = try #require(checkpoint.tensors[name])
      #expect(Array(tensor.shape) == reference.shape, "\(name)")
      #expect(tensor.elements == reference.values, "\(name)")
    }
  }

  @Test(arguments: ["wrapped.pth", "wrapped.legacy.pth"])
  func aTrainingScriptsFileGivesItsModelAndPlainValues(file: String) throws {
    let checkpoint = try Checkpoint(contentsOfFile: Self.path(file))
    let expected = try Self.expected("plain")
    #expect(checkpoint.tensors.keys.sorted() == expected.keys.map { "module." + $0 }.sorted())
    for (name, reference) in expected {
      #expect(checkpoint.tensors["module." + name]?.elements == reference.values)
    }
    #expect(checkpoint.metadata == ["epoch": "3", "loss": "0.25", "best": "true", "tag": "fine-tuned"])
  }

  @Test func dictionariesOfPartsAreJoined() throws {
    let checkpoint = try Checkpoint(contentsOfFile: Self.path("parts.pth"))
    #expect(checkpoint.tensors.keys.sorted() == ["decoder.b", "encoder.a"])
  }

  @Test(arguments: ["parameters.pth", "parameters.legacy.pth"])
  func parametersAreTensors(file: String) throws {
    let checkpoint = try Checkpoint(contentsOfFile: Self.path(file))
    #expect(checkpoint.tensors["p"]?.elements == (try Self.expected("plain")["a.weight"]?.values))
    #expect(checkpoint.tensors["q"]?.elements == [1, 1])
  }

  @Test(arguments: [
    ("compressed.pth", "is compressed or encrypted"),
    ("bigendian.pth", "big-endian numbers are not supported"),
    ("module.pth", "holds an object of class torch.nn.modules.linear.Linear"),
    ("module.legacy.pth", "holds an object of class torch.nn.modules.linear.Linear"),
    ("tensor.pth", "holds a tensor in place of a state dictionary"),
    ("c.npy", "not a safetensors or PyTorch checkpoint"),
    ("absent.pth", "cannot open: No such file"),
    ("", "not a regular file"),
  ])
  func whatCannotBeReadIsNamedInOneLine(file: String, problem: String) throws {
    let path = Self.path(file)
    let error = try #require(throws: CheckpointError.self) { _ = try Checkpoint(contentsOfFile: path) }
    #expect(error.path == path)
    #expect(error.description.hasPrefix(path + ": "))
    #expect(error.description.contains(problem), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test(arguments: [
    ("", "an empty file"), ("version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ("<!DOCTYPE html><html>", "a web page"), ("\u{89}PNG", nil), ("\u{1F}", nil),
  ])
  func otherFilesAreRecognised(content: String, name: String?) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.write(Array(content.utf8), to: "file.pth")
    let error = try #require(throws: CheckpointError.self) { _ = try Checkpoint(contentsOfFile: path) }
    if let name { #expect(error.description.contains(name), "\(error)") }
  }

  @Test func float32TensorsAreViewsOfTheFile() throws {
    // A view is not 64-byte aligned in general, and never moves; what matters is that values are right after
    // everything but the tensor is gone.
    var tensor: Tensor?
    do {
      let checkpoint = try Checkpoint(contentsOfFile: Self.path("plain.pth"))
      tensor = checkpoint.tensors["a.weight"]
    }
    #expect(tensor?.elements == (try Self.expected("plain")["a.weight"]?.values))
  }
}
