internal import Files
public import Tensors

extension Checkpoint {
  /// Writes tensors as a safetensors file.
  ///
  /// The bytes depend on nothing but the arguments: names and metadata are sorted, and the header is padded so
  /// that the numbers begin at a multiple of 64 bytes. The file takes its name when it is complete. Tensors of wider types
  /// come first, so that all are aligned.
  ///
  /// - Parameters:
  ///   - tensors: the tensors by name; `__metadata__` is reserved.
  ///   - metadata: free text by name.
  ///   - path: where to write.
  ///   - scalar: the type to store: `.float32`, `.float16` or `.bfloat16`, rounded to nearest; `.float64`
  ///     where another program asks for it. Other types are refused.
  /// - Throws: ``CheckpointError`` that names the path.
  public static func write(
    _ tensors: [String: Tensor], metadata: [String: String] = [:], to path: String,
    as scalar: Scalar = .float32
  ) throws(CheckpointError) {
    try write(tensors, metadata: metadata, to: path) { _, _ in scalar }
  }

  /// Writes tensors as a safetensors file, each in a type of its own; see ``write(_:metadata:to:as:)``.
  ///
  /// - Parameter scalar: the type to store a tensor in, by its name and value.
  public static func write(
    _ tensors: [String: Tensor], metadata: [String: String], to path: String,
    choosing scalar: (_ name: String, _ tensor: Tensor) -> Scalar
  ) throws(CheckpointError) {
    var entries: [Entry] = []
    for (name, tensor) in tensors {
      let scalar = scalar(name, tensor)
      guard scalar.isFloatingPoint else {
        throw CheckpointError(path: path, reason: .unknownType(tensor: "", type: scalar.rawValue))
      }
      entries.append(Entry(name: name, tensor: tensor, scalar: scalar))
    }
    guard tensors["__metadata__"] == nil else {
      throw CheckpointError(path: path, reason: .reservedName("__metadata__"))
    }
    entries.sort { ($1.scalar.width, $0.name) < ($0.scalar.width, $1.name) }
    let header = header(of: entries, metadata: metadata)
    do {
      try AtomicFile.write(to: path) { (sink) throws(FileError) in
        try sink.write(header)
        for entry in entries { try write(entry.tensor, to: sink, as: entry.scalar) }
      }
    } catch {
      throw CheckpointError(path: path, reason: .file(error))
    }
  }

  /// A tensor to write.
  private struct Entry {
    let name: String
    let tensor: Tensor
    let scalar: Scalar
  }

  /// The length and the padded JSON that come before the numbers.
  private static func header(of entries: [Entry], metadata: [String: String]) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let values = metadata.sorted { $0.key < $1.key }.map {
        "\(JSONValue.quoted($0.key)):\(JSONValue.quoted($0.value))"
      }
      members.append("\"__metadata__\":{\(values.joined(separator: ","))}")
    }
    var offset = 0
    for entry in entries {
      let end = offset + entry.tensor.count * entry.scalar.width
      let shape = entry.tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSONValue.quoted(entry.name)):{\"dtype\":\"\(entry.scalar.rawValue)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      )
      offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    text.append(contentsOf: repeatElement(0x20, count: (64 - (8 + text.count) % 64) % 64))
    let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
    return length + text
  }

  /// Writes a tensor's numbers, converted piece by piece.
  private static func write(_ tensor: Tensor, to sink: AtomicFile.Sink, as scalar: Scalar) throws(FileError) {
    let isLittleEndian = UInt32(littleEndian: 1) == 1
    let flat = tensor.reshaped([tensor.count])
    let piece = scalar == .float32 ? max(1, tensor.count) : 1 << 20
    for start in stride(from: 0, to: tensor.count, by: piece) {
      let part = flat[outermost: start..<min(start + piece, tensor.count)]
      if scalar == .float16, isLittleEndian {
        // The array's own method does not forward typed errors.
        let result = part.halfBits().withUnsafeBytes { bytes in
          Result { () throws(FileError) in try sink.write(bytes) }
        }
        try result.get()
      } else {
        try part.withUnsafeBuffer { (elements) throws(FileError) in
          if scalar == .float32, isLittleEndian {
            try sink.write(UnsafeRawBufferPointer(elements))
          } else {
            try sink.write(scalar.bytes(of: elements))
          }
        }
      }
    }
  }
}

extension Scalar {
  /// Floats as stored numbers of this type, which is a floating-point one.
  func bytes(of values: some Collection<Float>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(values.count * width)
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { result.append(contentsOf: $0) }
    }
    for value in values {
      switch self {
      case .float16: append(Scalar.half(value))
      case .bfloat16: append(Scalar.brainFloat(value))
      case .float64: append(Double(value).bitPattern)
      default: append(value.bitPattern)
      }
    }
    return result
  }
}
