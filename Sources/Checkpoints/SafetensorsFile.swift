internal import Files
public import Tensors

/// A safetensors file with tensors of any type: a header of JSON, then the numbers, little-endian.
///
/// The bytes stay mapped while the value or one of its entries lives; nothing is copied until asked for.
/// ``Checkpoint`` is the view for models, with every parameter as a `Tensor`.
public struct SafetensorsFile: Sendable {
  /// The file's path, or the name given to the bytes.
  public let path: String
  /// The tensors by name.
  public let entries: [String: Entry]
  /// Free text by name: the header's `__metadata__`.
  public let metadata: [String: String]

  /// The longest header that is read, as in the reference implementation.
  public static let maximumHeader = 100_000_000

  /// Maps a file and reads its header.
  public init(contentsOfFile path: String) throws(CheckpointError) {
    let file: MappedFile
    do {
      file = try MappedFile(path: path)
    } catch {
      throw CheckpointError(path: path, reason: .file(error))
    }
    self = try file.withBytes { (bytes) throws(CheckpointError) in
      try SafetensorsFile(bytes: bytes, keeper: file, name: path)
    }
  }

  /// Reads the header of a safetensors file that is in memory.
  ///
  /// - Parameters:
  ///   - bytes: the whole file; valid while `keeper` lives.
  ///   - keeper: the owner of the bytes.
  ///   - name: what errors call the file.
  public init(bytes: UnsafeRawBufferPointer, keeper: AnyObject, name: String) throws(CheckpointError) {
    do {
      let header = try SafetensorsHeader(bytes)
      path = name
      metadata = header.metadata
      entries = header.tensors.mapValues { tensor in
        Entry(
          file: name, name: tensor.name, scalar: tensor.scalar, shape: tensor.shape, raw: tensor.bytes,
          keeper: keeper)
      }
    } catch {
      throw CheckpointError(path: name, reason: error)
    }
  }

  /// One tensor of a file.
  public struct Entry: @unchecked Sendable {
    let file: String
    /// The tensor's name.
    public let name: String
    /// The type of the stored numbers.
    public let scalar: Scalar
    /// The sizes of the dimensions, outermost first; any number of them.
    public let shape: [Int]
    private let raw: UnsafeRawBufferPointer
    private let keeper: AnyObject

    init(
      file: String, name: String, scalar: Scalar, shape: [Int], raw: UnsafeRawBufferPointer, keeper: AnyObject
    ) {
      self.file = file
      self.name = name
      self.scalar = scalar
      self.shape = shape
      self.raw = raw
      self.keeper = keeper
    }

    /// The number of elements.
    public var count: Int { raw.count / scalar.width }

    /// Calls `body` with the stored bytes.
    public func withUnsafeBytes<Result, Failure: Error>(
      _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      defer { withExtendedLifetime(keeper) {} }
      return try body(raw)
    }

    /// The stored bytes, copied.
    public func bytes() -> [UInt8] { withUnsafeBytes { Array($0) } }

    /// The elements as floats, in row-major order; integers and truth values are converted.
    public func floats() -> [Float] {
      withUnsafeBytes { raw in
        guard let base = raw.baseAddress else { return [] }
        return scalar.withReader(of: base) { read in (0..<count).map(read) }
      }
    }

    /// The elements as integers, in row-major order; truth values become 0 and 1, and floating-point
    /// numbers lose their fraction (those beyond all bounds, and NaN, become 0).
    public func integers() -> [Int] {
      withUnsafeBytes { raw in
        guard let base = raw.baseAddress else { return [] }
        guard scalar.isFloatingPoint else { return (0..<count).map { scalar.integer(at: $0, of: base) } }
        return scalar.withReader(of: base) { read in
          (0..<count).map { Int(exactly: read($0).rounded(.towardZero)) ?? 0 }
        }
      }
    }

    /// The elements as a tensor: a view of the file for aligned Float32 and half precision, else a converted copy.
    ///
    /// - Throws: ``CheckpointError`` where the tensor has more than five dimensions.
    public func tensor(on compute: Compute = .shared) throws(CheckpointError) -> Tensor {
      var budget = Int.max
      let stored = StoredTensor(
        scalar: scalar, bytes: raw, offset: 0, shape: shape, strides: StoredTensor.rowMajorStrides(of: shape),
        keeper: keeper)
      switch stored.tensor(on: compute, budget: &budget) {
      case .success(let tensor): return tensor
      case .failure: throw CheckpointError(path: file, reason: .shape(tensor: name, shape: shape))
      }
    }
  }
}
