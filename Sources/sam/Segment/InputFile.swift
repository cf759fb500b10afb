import Checkpoints
import Files
import Imaging
import SegmentAnything
import Tensors

/// What the commands read: a path, or `-` for standard input.
enum InputFile {
  /// More than any picture or list of prompts needs.
  private static let limit = 1 << 30

  /// All bytes of a file of prompts.
  static func prompts(_ path: String) throws -> PromptFile {
    guard path != "-" else { return try PromptFile(Console.readAll(limit: limit), name: "standard input") }
    let file = try MappedFile(path: path)
    return try PromptFile(file.withBytes { Array($0) }, name: path)
  }

  /// A picture.
  static func image(_ path: String) throws -> Image {
    guard path == "-" else { return try Image(contentsOfFile: path) }
    return try Image(decoding: Console.readAll(limit: limit), name: "standard input")
  }

  /// A mask as a prompt: logits from NumPy's Float32 and Float64, a binary mask from its integers and truth values and
  /// from pictures.
  static func maskPrompt(_ path: String) throws -> MaskPrompt {
    if path == "-" {
      let bytes = try Console.readAll(limit: limit)
      guard isNumPy(bytes) else { return .binary(try Mask(decoding: bytes, name: "standard input")) }
      return try bytes.withUnsafeBytes { buffer in
        try maskPrompt(NumPyFile(bytes: buffer, name: "standard input"), name: "standard input")
      }
    }
    guard try MappedFile(path: path).withBytes(isNumPy) else {
      return .binary(try Mask(contentsOfFile: path))
    }
    return try maskPrompt(NumPyFile(contentsOfFile: path), name: path)
  }

  private static func isNumPy(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.starts(with: [0x93] + Array("NUMPY".utf8))
  }

  private static func maskPrompt(_ array: NumPyFile, name: String) throws -> MaskPrompt {
    let sizes = Array(array.shape.drop { $0 == 1 })
    guard sizes.count == 2 else { throw CommandError.maskShape(file: name, shape: array.shape) }
    if array.scalar.isFloatingPoint {
      return .logits(Tensor(array.values, shape: [sizes[0], sizes[1]]))
    }
    return .binary(
      try Mask(width: sizes[1], height: sizes[0], bits: array.values.map { $0 == 0 ? 0 : 1 }))
  }
}
