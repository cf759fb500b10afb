internal import Checkpoints
internal import Tensors

/// The tensors of a reference file.
struct ReferenceTensors {
  let file: SafetensorsFile

  init(_ file: SafetensorsFile) { self.file = file }

  var path: String { file.path }
  var names: [String] { file.entries.keys.sorted { $0.isOrderedNaturally(before: $1) } }

  subscript(optional name: String) -> ReferenceTensor? {
    file.entries[name].map { ReferenceTensor(path: path, entry: $0) }
  }

  func tensor(_ name: String) throws(VerificationError) -> ReferenceTensor {
    guard let tensor = self[optional: name] else { throw .noTensor(path: path, name: name) }
    return tensor
  }
}

/// One tensor of a reference file.
struct ReferenceTensor {
  let path: String
  let entry: SafetensorsFile.Entry

  var shape: [Int] { entry.shape }

  /// The numbers as floats, in row-major order.
  func floats() -> [Float] { entry.floats() }

  func mismatch(_ expected: some Collection<Int>) -> VerificationError {
    .shape(
      path: path, name: entry.name, shape: shape, expected: expected.map(String.init).joined(separator: "x"))
  }

  /// The numbers as a tensor of exactly that shape.
  func tensor(_ expected: Shape) throws(VerificationError) -> Tensor {
    guard shape.elementsEqual(expected) else { throw mismatch(expected) }
    do throws(CheckpointError) { return try entry.tensor() } catch { throw .checkpoint(error) }
  }

  /// The bytes of a tensor of 8-bit numbers.
  func bytes() throws(VerificationError) -> [UInt8] {
    guard entry.scalar == .uint8 else {
      throw .type(path: path, name: entry.name, type: entry.scalar.rawValue, expected: Scalar.uint8.rawValue)
    }
    return entry.bytes()
  }

  /// How far values in the same order lie from this tensor's.
  ///
  /// - Parameter shape: the values' sizes; dimensions of size 1 do not count.
  func difference(from values: Tensor) throws(VerificationError) -> Difference {
    guard values.shape.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) else { throw mismatch(values.shape) }
    let reference = entry.floats()
    return values.withUnsafeBuffer { values in
      reference.withUnsafeBufferPointer { Difference(values, $0) }
    }
  }
}

/// How a reference orders the dimensions of an image.
enum Layout {
  /// batch x channels x height x width, as PyTorch's convolutions have them.
  case channelsFirst
  /// batch x height x width x channels, as this library has them.
  case channelsLast

  /// A channels-last image in this order; everything else as it is.
  func arrange(_ tensor: Tensor) -> Tensor {
    self == .channelsFirst && tensor.shape.count == 4 ? tensor.permuted([0, 3, 1, 2]) : tensor
  }
}
