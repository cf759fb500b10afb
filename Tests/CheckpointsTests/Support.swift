import Files
import Tensors
import TestSupport

@testable import Checkpoints

/// A file's bytes.
struct MappedBytes {
  private let file: MappedFile
  /// Valid while this value lives.
  var bytes: UnsafeRawBufferPointer { file.withBytes { $0 } }
  var array: [UInt8] { file.withBytes { Array($0) } }
  init(_ path: String) throws { file = try MappedFile(path: path) }
}

extension TemporaryDirectory {
  /// Writes a file and returns its path.
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try AtomicFile.write(bytes, to: file(name))
    return file(name)
  }
}

/// Keeps bytes in memory for as long as it lives.
final class Bytes: @unchecked Sendable {
  let buffer: UnsafeMutableRawBufferPointer
  init(_ bytes: [UInt8]) {
    buffer = .allocate(byteCount: bytes.count, alignment: 16)
    buffer.copyBytes(from: bytes)
  }
  deinit { buffer.deallocate() }
}

extension Checkpoint {
  /// A safetensors checkpoint from bytes.
  init(safetensors bytes: [UInt8], name: String = "memory") throws(CheckpointError) {
    let keeper = Bytes(bytes)
    try self.init(safetensors: UnsafeRawBufferPointer(keeper.buffer), keeper: keeper, name: name)
  }
}

/// The bytes of a safetensors file with the given header.
func safetensors(_ header: String, data: Int) -> [UInt8] {
  let text = Array(header.utf8)
  let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
  return length + text + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
}

/// Puts pickles together, and files in PyTorch's layout before 1.6 around them.
struct PickleWriter {
  var bytes: [UInt8] = [0x80, 2]

  mutating func code(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }
  mutating func code(_ byte: UInt8) { bytes.append(byte) }
  mutating func text(_ text: String) {
    code("X")
    withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: text.utf8)
  }
  mutating func integer(_ value: Int32) {
    code("J")
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
  mutating func global(_ module: String, _ name: String) {
    bytes.append(contentsOf: "c\(module)\n\(name)\n".utf8)
  }
  mutating func put(_ index: UInt8) { bytes.append(contentsOf: [UInt8(ascii: "q"), index]) }
  mutating func get(_ index: UInt8) { bytes.append(contentsOf: [UInt8(ascii: "h"), index]) }
  /// A reference to storage `key`.
  mutating func storage(_ key: String, count: Int32, type: String = "FloatStorage") {
    code("(")
    text("storage")
    global("torch", type)
    text(key)
    text("cpu")
    integer(count)
    code("N")
    code("t")
    code("Q")
  }
  /// A tensor of storage `key`.
  mutating func tensor(
    _ key: String, count: Int32, offset: Int32 = 0, shape: [Int32], strides: [Int32],
    type: String = "FloatStorage"
  ) {
    global("torch._utils", "_rebuild_tensor_v2")
    code("(")
    storage(key, count: count, type: type)
    integer(offset)
    for sizes in [shape, strides] {
      code("(")
      for size in sizes { integer(size) }
      code("t")
    }
    code(0x89)
    code("N")
    code("t")
    code("R")
  }

  /// The file around this pickle, with the given storages.
  func file(storages: [(key: String, values: [Float])] = []) -> [UInt8] {
    var file: [UInt8] = [
      0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    file += [0x80, 2, UInt8(ascii: "M"), 0xE9, 0x03, 0x2E]
    file += [0x80, 2, UInt8(ascii: "}"), 0x2E]
    file += bytes + [0x2E]
    var keys = PickleWriter()
    keys.code("]")
    for (key, _) in storages {
      keys.text(key)
      keys.code("a")
    }
    file += keys.bytes + [0x2E]
    for (_, values) in storages {
      withUnsafeBytes(of: UInt64(values.count).littleEndian) { file.append(contentsOf: $0) }
      for value in values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { file.append(contentsOf: $0) }
      }
    }
    return file
  }
}

extension Checkpoint {
  /// What becomes of a file with this pickle.
  static func read(_ pickle: PickleWriter, storages: [(key: String, values: [Float])] = []) throws
    -> Checkpoint
  {
    let keeper = Bytes(pickle.file(storages: storages))
    return try Checkpoint(
      bytes: UnsafeRawBufferPointer(keeper.buffer), keeper: keeper, path: "file.pth", on: .shared)
  }
}
