internal import Files

/// The header of a safetensors file: eight bytes of length, then a JSON object of tensors.
///
/// The rules are those of the reference implementation: types are known, offsets follow one another without
/// holes from the end of the header to the end of the file, and no name occurs twice.
struct SafetensorsHeader {
  /// One tensor's place.
  struct Item {
    var name: String
    var scalar: Scalar
    var shape: [Int]
    var bytes: UnsafeRawBufferPointer
  }

  private(set) var tensors: [String: Item] = [:]
  private(set) var metadata: [String: String] = [:]

  /// The most dimensions a tensor may have.
  private static let maximumRank = 64

  init(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError.Reason) {
    let view = ByteView(bytes)
    guard let length = view.size(0) else { throw .truncated(part: "the header") }
    guard length <= SafetensorsFile.maximumHeader else {
      throw .headerTooLong(bytes: length, limit: SafetensorsFile.maximumHeader)
    }
    guard let text = view.slice(8, length), let data = view.slice(8 + length, view.count - 8 - length) else {
      throw .truncated(part: "the header")
    }

    var found: [(description: Description, name: String)] = []
    var names: Set<String> = []
    var failure: CheckpointError.Reason?
    do {
      var scanner = JSONScanner(text)
      try scanner.object { (scanner, name) throws(JSONScanner.Failure) in
        if !names.insert(name).inserted, failure == nil { failure = .duplicate(name: name) }
        if name == "__metadata__" {
          try metadata(&scanner)
        } else {
          found.append((try Description(&scanner), name))
        }
      }
      try scanner.expectEnd()
    } catch {
      throw .header(problem: error.problem, offset: error.offset)
    }
    if let failure { throw failure }

    found.sort { ($0.description.begin, $0.description.end) < ($1.description.begin, $1.description.end) }
    tensors.reserveCapacity(found.count)
    var next = 0
    for (description, name) in found {
      let item = try description.item(name, in: data, from: next)
      tensors[name] = item
      next = description.end
    }
    guard next == data.count else {
      throw .header(problem: "\(data.count - next) bytes follow the last tensor", offset: length)
    }
  }

  private mutating func metadata(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    var values: [String: String] = [:]
    try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
      guard values[key] == nil else { throw scanner.failure("a metadata key occurs twice") }
      values[key] = try scanner.string()
    }
    metadata = values
  }

  /// What the header says about one tensor.
  private struct Description {
    var type: String
    var shape: [Int]
    var begin: Int
    var end: Int

    init(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
      var type: String?
      var shape: [Int]?
      var offsets: [Int]?
      try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
        switch key {
        case "dtype" where type == nil:
          type = try scanner.string()
        case "shape" where shape == nil:
          shape = try Self.sizes(&scanner, atMost: maximumRank)
        case "data_offsets" where offsets == nil:
          offsets = try Self.sizes(&scanner, atMost: 2)
        default:
          throw scanner.failure("an unknown or repeated key")
        }
      }
      guard let type, let shape, let offsets, offsets.count == 2 else {
        throw scanner.failure("a tensor without dtype, shape or data_offsets")
      }
      self.type = type
      self.shape = shape
      self.begin = offsets[0]
      self.end = offsets[1]
    }

    private static func sizes(
      _ scanner: inout JSONScanner, atMost limit: Int
    ) throws(JSONScanner.Failure) -> [Int] {
      var sizes: [Int] = []
      try scanner.array { (scanner) throws(JSONScanner.Failure) in
        guard sizes.count < limit else { throw scanner.failure("too many numbers") }
        sizes.append(try scanner.size())
      }
      return sizes
    }

    /// The tensor's bytes in `data`, which must begin at `expected`.
    func item(
      _ name: String, in data: UnsafeRawBufferPointer, from expected: Int
    ) throws(CheckpointError.Reason) -> Item {
      guard let scalar = Scalar(rawValue: type) else { throw .unknownType(tensor: name, type: type) }
      guard begin == expected, end >= begin, let bytes = ByteView(data).slice(begin, end - begin) else {
        throw .misplaced(tensor: name, begin: begin, end: end, expected: expected, available: data.count)
      }
      var count = 1
      for size in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow else { throw .shape(tensor: name, shape: shape) }
        count = product
      }
      let (needed, overflow) = count.multipliedReportingOverflow(by: scalar.width)
      guard !overflow, needed == bytes.count else {
        throw .size(tensor: name, shape: shape, type: scalar, bytes: bytes.count)
      }
      return Item(name: name, scalar: scalar, shape: shape, bytes: bytes)
    }
  }
}
