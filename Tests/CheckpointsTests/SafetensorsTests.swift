import Tensors
import TestSupport
import Testing

@testable import Checkpoints

@Suite struct SafetensorsTests {
  @Test func metadataIsRead() throws {
    let file = try SafetensorsFile(contentsOfFile: FixtureTests.path("plain.safetensors"))
    #expect(file.metadata == ["format": "pt", "note": "a \"quoted\"\nline é中"])
  }

  @Test func everyTypeIsRead() throws {
    let file = try SafetensorsFile(contentsOfFile: FixtureTests.path("types.safetensors"))
    #expect(file.entries["int"]?.integers() == [0, 1, 2, 3])
    #expect(file.entries["byte"]?.bytes() == [0, 1, 2, 3])
    #expect(file.entries["byte"]?.floats() == [0, 1, 2, 3])
    #expect(file.entries["short"]?.scalar == .int16)
    #expect(file.entries["char"]?.integers() == [0, 1, 2])
    let plain = try SafetensorsFile(contentsOfFile: FixtureTests.path("plain.safetensors"))
    #expect(plain.entries["steps"]?.integers() == [12_345_678_901])
    #expect(plain.entries["mask"]?.integers() == [1, 0, 1])
    #expect(plain.entries["scalar"]?.shape == [])
    #expect(plain.entries["scalar"]?.floats() == [3.25])
    #expect(plain.entries["empty"]?.floats() == [])
  }

  @Test(arguments: [Scalar.float32, .float64, .float16, .bfloat16])
  func whatIsWrittenIsReadBack(scalar: Scalar) throws {
    let folder = try TemporaryDirectory()
    var random = SplitMix64(seed: 3)
    let tensors: [String: Tensor] = [
      "b\"\\\n\u{1}é": Tensor(
        (0..<70_000).map { _ in Float.random(in: -4...4, using: &random) }, shape: [700, 100]),
      "a": Tensor([0.5, -2, .infinity], shape: [3]),
      "scalar": Tensor([7], shape: []),
      "empty": Tensor([], shape: [0, 3]),
    ]
    let metadata = ["config": "{\"a\": 1}", "z": "", "tab\t": "line\nbreak"]
    let path = folder.file("out.safetensors")
    try Checkpoint.write(tensors, metadata: metadata, to: path, as: scalar)
    let bytes = try MappedBytes(path).array
    let again = folder.file("again.safetensors")
    try Checkpoint.write(tensors, metadata: metadata, to: again, as: scalar)
    #expect(try MappedBytes(again).array == bytes)
    let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect((8 + header) % 64 == 0)

    let checkpoint = try Checkpoint(contentsOfFile: path)
    #expect(checkpoint.metadata == metadata)
    #expect(checkpoint.tensors.keys.sorted() == tensors.keys.sorted())
    for (name, tensor) in tensors {
      let read = try #require(checkpoint.tensors[name])
      #expect(read.shape == tensor.shape)
      let rounded = tensor.elements.map { value in
        switch scalar {
        case .float16: Scalar.float(half: Scalar.half(value))
        case .bfloat16: Float(bitPattern: UInt32(Scalar.brainFloat(value)) << 16)
        default: value
        }
      }
      #expect(read.elements == rounded)
    }
  }

  @Test func writingWhereItCannotNamesThePath() throws {
    let path = "/nonexistent-folder/x.safetensors"
    let error = try #require(throws: CheckpointError.self) { try Checkpoint.write([:], to: path) }
    #expect(error.description.hasPrefix("/nonexistent-folder/x.safetensors"))
    #expect(throws: CheckpointError(path: "x", reason: .reservedName("__metadata__"))) {
      try Checkpoint.write(["__metadata__": Tensor([1], shape: [1])], to: "x")
    }
  }

  static let one = #""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#

  static let headers: [(header: String, data: Int, problem: String?)] = [
    ("{\(one)}", 8, nil),
    ("{\(one)}   ", 8, nil),
    (#"{"__metadata__":{"k":"v"},\#(one)}"#, 8, nil),
    ("{\(one)}", 7, "expected at 0 within 7"),
    ("{\(one)}", 9, "1 bytes follow"),
    ("{\(one),\(one)}", 8, "\"a\" occurs twice"),
    (#"{\#(one),"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, "expected at 8"),
    (#"{\#(one),"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}"#, 16, "expected at 8"),
    (#"{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}"#, 8, "unknown type \"F33\""),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "does not fill 8 bytes"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "bytes 8..<0"),
    (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#, 8, "unsupported shape"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,99999999999999999999]}}"#, 8, "beyond all bounds"),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, "expected a whole number"),
    (#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, 8, "expected ']'"),
    (#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, 8, "without dtype, shape or data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}"#, 8, "unknown or repeated key"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, 8, "expected '}'"),
    (#"{"__metadata__":{"k":1},\#(one)}"#, 8, "expected '\"'"),
    ("{}", 0, "no floating-point tensors"),
    (#"{"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, 8, "first keys are \"n\""),
    (#"{"a":{"dtype":"F32","shape":[1,1,1,1,1,2],"data_offsets":[0,8]}}"#, 8, "unsupported shape"),
    ("{\(one)} x", 8, "something follows the end"),
    ("{\(one),}", 8, "expected '\"'"),
  ]

  @Test(arguments: headers)
  func headersThatBreakARuleAreErrors(header: String, data: Int, problem: String?) throws {
    let bytes = safetensors(header, data: data)
    guard let problem else {
      #expect(try Checkpoint(safetensors: bytes).tensors.count == 1)
      return
    }
    let error = try #require(throws: CheckpointError.self) {
      _ = try Checkpoint(safetensors: bytes, name: "x.st")
    }
    #expect(error.path == "x.st")
    #expect(error.description.contains(problem), "\(error)")
  }

  @Test func aHeaderLengthBeyondTheFileOrTheLimitIsAnError() {
    let long: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1, UInt8(ascii: "{")]
    #expect(throws: CheckpointError.self) { _ = try Checkpoint(safetensors: long) }
    let short: [UInt8] = [200, 0, 0, 0, 0, 0, 0, 0, UInt8(ascii: "{")]
    #expect(throws: CheckpointError(path: "memory", reason: .truncated(part: "the header"))) {
      _ = try Checkpoint(safetensors: short)
    }
  }

  @Test func unalignedFloatsAreCopied() throws {
    let header =
      #"{"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}"#
    var bytes = safetensors(header, data: 1)
    withUnsafeBytes(of: Float(1.5).bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    #expect(try Checkpoint(safetensors: bytes).tensors["a"]?.elements == [1.5])
  }

  @Test func halvesAreViewsOfTheFileWhereTheyAreAligned() throws {
    for shift in 0..<4 {
      let header =
        #"{"u":{"dtype":"U8","shape":[\#(shift)],"data_offsets":[0,\#(shift)]},"a":{"dtype":"F16","shape":[2,1],"#
        + #""data_offsets":[\#(shift),\#(shift + 4)]}}"#
      // The numbers begin at an even place.
      let padded = header + (header.utf8.count % 2 == 0 ? "" : " ")
      let bytes = safetensors(padded, data: shift) + [0x00, 0x3E, 0x01, 0x80]
      let tensor = try #require(try Checkpoint(safetensors: bytes).tensors["a"])
      #expect(tensor.isHalf == (shift % 2 == 0))
      #expect(tensor.elements == [1.5, -0x1p-24])
    }
  }

  @Test func tensorsOfSeveralTypesAreAllAligned() throws {
    let folder = try TemporaryDirectory()
    let tensors = [
      "a": Tensor([1], shape: [1]), "b": Tensor([0.1, 2], shape: [2]), "c": Tensor([3], shape: [1]),
    ]
    let path = folder.file("mixed.safetensors")
    try Checkpoint.write(tensors, metadata: [:], to: path) { name, _ in name == "b" ? .float32 : .float16 }
    let file = try SafetensorsFile(contentsOfFile: path)
    #expect(file.entries["b"]?.scalar == .float32 && file.entries["c"]?.scalar == .float16)
    let checkpoint = try Checkpoint(contentsOfFile: path)
    for (name, tensor) in tensors { #expect(checkpoint.tensors[name]?.elements == tensor.elements) }
    // Halves are written as they were read.
    let again = folder.file("again.safetensors")
    try Checkpoint.write(checkpoint.tensors, metadata: [:], to: again) { name, _ in
      name == "b" ? .float32 : .float16
    }
    #expect(try MappedBytes(again).array == MappedBytes(path).array)
  }
}
