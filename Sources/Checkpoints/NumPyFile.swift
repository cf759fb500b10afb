internal import Files

/// An array in NumPy's `.npy` format (versions 1 to 3): real numbers and truth values, little-endian.
///
/// ```swift
/// let logits = try NumPyFile(contentsOfFile: "mask.npy")
/// logits.shape  // [1, 256, 256]
/// ```
public struct NumPyFile: Sendable, Equatable {
  /// The sizes of the dimensions, outermost first.
  public let shape: [Int]
  /// The type of the numbers in the file.
  public let scalar: Scalar
  /// The elements in row-major order, whatever the order in the file.
  public let values: [Float]

  /// Reads a file.
  ///
  /// - Throws: ``NumPyError`` that names the path.
  public init(contentsOfFile path: String) throws(NumPyError) {
    let file: MappedFile
    do {
      file = try MappedFile(path: path)
    } catch {
      throw NumPyError(path: path, reason: .file(error))
    }
    self = try file.withBytes { (bytes) throws(NumPyError) in try NumPyFile(bytes: bytes, name: path) }
  }

  /// Reads a file that is in memory, for example from standard input.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what errors call it.
  public init(bytes: UnsafeRawBufferPointer, name: String) throws(NumPyError) {
    do {
      try self.init(ByteView(bytes))
    } catch {
      throw NumPyError(path: name, reason: error)
    }
  }

  private init(_ view: ByteView) throws(NumPyError.Reason) {
    guard view.count >= 8, view.bytes[0] == 0x93,
      UnsafeRawBufferPointer(rebasing: view.bytes[1...]).starts(with: "NUMPY")
    else { throw .notNumPy }
    let version = view.bytes[6]
    guard (1...3).contains(version) else { throw .version(Int(version)) }
    let start = version == 1 ? 10 : 12
    guard let length = version == 1 ? view.u16(8) : view.u32(8), let text = view.slice(start, length) else {
      throw .truncated
    }
    let header = try NumPyHeader(text)
    var count = 1
    for size in header.shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow else { throw .header(problem: "a shape beyond all bounds") }
      count = product
    }
    let (needed, overflow) = count.multipliedReportingOverflow(by: header.scalar.width)
    guard !overflow, let data = view.slice(start + length, needed) else { throw .truncated }
    shape = header.shape
    scalar = header.scalar
    values = NumPyFile.values(header, count, data)
  }

  /// The elements in row-major order.
  private static func values(_ header: NumPyHeader, _ count: Int, _ data: UnsafeRawBufferPointer) -> [Float] {
    guard count > 0, let base = data.baseAddress else { return [] }
    return header.scalar.withReader(of: base) { read in
      guard header.isColumnMajor, header.shape.count > 1 else { return (0..<count).map(read) }
      // Walk in row-major order and keep the position in the file, where the first index runs fastest.
      var strides: [Int] = []
      var stride = 1
      for size in header.shape {
        strides.append(stride)
        stride *= size
      }
      var index = [Int](repeating: 0, count: header.shape.count)
      var position = 0
      return (0..<count).map { _ in
        let value = read(position)
        for dimension in header.shape.indices.reversed() {
          index[dimension] += 1
          position += strides[dimension]
          if index[dimension] < header.shape[dimension] { break }
          position -= strides[dimension] * header.shape[dimension]
          index[dimension] = 0
        }
        return value
      }
    }
  }

  /// Writes Float32 numbers, in row-major order, as a `.npy` file of version 1.
  ///
  /// - Parameters:
  ///   - values: as many elements as `shape` says.
  ///   - shape: the sizes of the dimensions, outermost first.
  ///   - path: where to write; the file takes its name when it is complete.
  /// - Throws: ``NumPyError`` that names the path.
  public static func write(_ values: [Float], shape: [Int], to path: String) throws(NumPyError) {
    precondition(values.count == shape.reduce(1, *), "as many elements as the shape holds")
    do {
      try AtomicFile.write(bytes(of: values, shape: shape), to: path)
    } catch {
      throw NumPyError(path: path, reason: .file(error))
    }
  }

  /// The bytes of a `.npy` file of Float32 numbers in row-major order.
  public static func bytes(of values: [Float], shape: [Int]) -> [UInt8] {
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    let tuple = shape.count > 1 ? String(sizes.dropLast()) : sizes
    var header = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (\(tuple)), }".utf8)
    header.append(contentsOf: repeatElement(0x20, count: 63 - (10 + header.count) % 64))
    header.append(0x0A)
    var result: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    result.append(UInt8(truncatingIfNeeded: header.count))
    result.append(UInt8(truncatingIfNeeded: header.count >> 8))
    return result + header + Scalar.float32.bytes(of: values)
  }
}
