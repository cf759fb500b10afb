/// A file that `torch.save` wrote, in either layout: a pickle, and the storages it refers to.
protocol PyTorchArchive {
  /// The machine that has run the pickle.
  var machine: PickleMachine { get }
  /// The pickle's value.
  var root: PickleValue { get }
  /// The bytes of a storage; nil where the file has none of that key.
  func bytes(of storage: PickledStorage) throws(CheckpointError.Reason) -> UnsafeRawBufferPointer?
}

/// The zip layout: `NAME/data.pkl`, `NAME/data/KEY`, `NAME/byteorder`, `NAME/version`.
struct PyTorchZipArchive: PyTorchArchive {
  private(set) var machine: PickleMachine
  let root: PickleValue
  private let zip: ZipArchive
  private let folder: String

  init(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError.Reason) {
    zip = try ZipArchive(bytes)
    let candidates = zip.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
    guard let name = candidates.min(by: { ($0.utf8.count, $0) < ($1.utf8.count, $1) }) else {
      throw .unknownFormat(looksLike: "a zip archive that torch.save did not write")
    }
    folder = String(name.dropLast("data.pkl".utf8.count))
    if let order = try zip.bytes(folder + "byteorder"), !order.elementsEqual("little".utf8) {
      throw .bigEndian
    }
    guard let pickle = try zip.bytes(name) else { throw .archive(problem: "no data.pkl") }
    machine = PickleMachine(pickle)
    root = try machine.run()
  }

  func bytes(of storage: PickledStorage) throws(CheckpointError.Reason) -> UnsafeRawBufferPointer? {
    guard storage.key.count <= 256 else { return nil }
    return try zip.bytes("\(folder)data/\(machine.text(storage.key))")
  }
}

/// The layout before PyTorch 1.6: five pickles (a magic number, the protocol, the writer's system, the value,
/// the keys of the storages), then for each key its count as eight bytes, and its numbers.
struct PyTorchLegacyArchive: PyTorchArchive {
  private(set) var machine: PickleMachine
  let root: PickleValue
  private var places: [String: UnsafeRawBufferPointer] = [:]

  /// 0x1950a86a20f9469cfc6c, pickled as a ten-byte integer.
  private static let magic: [UInt8] = [
    0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]

  /// Whether a file begins with the layout's magic number, which from protocol 4 on has a frame around it.
  static func hasMagic(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 3, bytes[0] == 0x80 else { return false }
    let start = bytes[2] == 0x95 ? 11 : 2
    return ByteView(bytes).slice(start, magic.count)?.elementsEqual(magic) ?? false
  }

  init(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError.Reason) {
    var position = 0
    (_, position) = try PyTorchLegacyArchive.pickle(bytes, at: position) { _, _ in }
    (_, position) = try PyTorchLegacyArchive.pickle(bytes, at: position) { _, _ in }
    (_, position) = try PyTorchLegacyArchive.pickle(bytes, at: position) {
      machine, value throws(CheckpointError.Reason) in
      guard case .dictionary(let number) = value else { return }
      for (key, value) in machine.dictionaries[Int(number)] {
        guard case .string(let name) = key, case .bool(false) = value else { continue }
        if machine.bytes(name).elementsEqual("little_endian".utf8) { throw .bigEndian }
      }
    }
    machine = PickleMachine(bytes, at: position)
    root = try machine.run()

    var keys: [String] = []
    (_, position) = try PyTorchLegacyArchive.pickle(bytes, at: machine.position) {
      machine, value throws(CheckpointError.Reason) in
      guard case .list(let number) = value else { throw machine.problem("storage keys that are not a list") }
      for key in machine.lists[Int(number)] {
        guard case .string(let range) = key, range.count <= 256 else {
          throw machine.problem("a storage key that is not text")
        }
        keys.append(try machine.text(range))
      }
    }
    try findStorages(keys, in: ByteView(bytes), from: position)
  }

  private mutating func findStorages(
    _ keys: [String], in view: ByteView, from start: Int
  ) throws(CheckpointError.Reason) {
    var widths: [String: Int] = [:]
    for storage in machine.storages where storage.key.count <= 256 {
      widths[try machine.text(storage.key)] = storage.scalar?.width ?? 1
    }
    var position = start
    for key in keys {
      guard let width = widths[key] else {
        throw .pickle(problem: "a storage that no tensor uses", offset: position)
      }
      guard let count = view.size(position), count <= view.count / width,
        let bytes = view.slice(position + 8, count * width)
      else { throw .truncated(part: "storage \(key)") }
      places[key] = bytes
      position += 8 + bytes.count
    }
  }

  /// Runs a pickle that is not the main one; returns what `body` makes of it and where it ends.
  private static func pickle<Result>(
    _ bytes: UnsafeRawBufferPointer, at position: Int,
    _ body: (PickleMachine, PickleValue) throws(CheckpointError.Reason) -> Result
  ) throws(CheckpointError.Reason) -> (Result, Int) {
    var machine = PickleMachine(bytes, at: position)
    let value = try machine.run()
    return (try body(machine, value), machine.position)
  }

  func bytes(of storage: PickledStorage) throws(CheckpointError.Reason) -> UnsafeRawBufferPointer? {
    guard storage.key.count <= 256 else { return nil }
    return places[try machine.text(storage.key)]
  }
}
