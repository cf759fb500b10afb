/// The directory of a zip archive (APPNOTE 6.3.9) whose entries are stored without compression, as PyTorch
/// writes them; with the 64-bit extension.
///
/// Only the central directory is read: an entry is found by name, and its bytes are a view of the file.
struct ZipArchive {
  /// Where an entry is, as the central directory has it.
  struct Entry {
    var headerOffset: Int
    var size: Int
    /// Whether the bytes are neither compressed nor encrypted.
    var isPlain: Bool
  }

  let entries: [String: Entry]
  private let view: ByteView

  init(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError.Reason) {
    view = ByteView(bytes)
    let directory = try ZipArchive.directory(view)
    var entries: [String: Entry] = [:]
    var position = directory.offset
    for _ in 0..<directory.count {
      guard position + 46 <= directory.end, view.u32(position) == 0x0201_4B50,
        let flags = view.u16(position + 8), let method = view.u16(position + 10),
        let packed = view.u32(position + 20), let size = view.u32(position + 24),
        let nameLength = view.u16(position + 28), let extraLength = view.u16(position + 30),
        let commentLength = view.u16(position + 32), let offset = view.u32(position + 42),
        let nameBytes = view.slice(position + 46, nameLength),
        let extra = view.slice(position + 46 + nameLength, extraLength)
      else { throw .archive(problem: "a directory entry is cut off") }
      guard let name = String(validating: nameBytes, as: UTF8.self) else {
        throw .archive(problem: "an entry's name is not UTF-8")
      }
      var entry = Entry(
        headerOffset: offset, size: size, isPlain: method == 0 && packed == size && flags & 1 == 0)
      try ZipArchive.widen(&entry, packed: packed, from: ByteView(extra))
      guard entries.updateValue(entry, forKey: name) == nil else { throw .duplicate(name: name) }
      position += 46 + nameLength + extraLength + commentLength
    }
    self.entries = entries
  }

  /// The bytes of an entry; nil where there is none of that name.
  func bytes(_ name: String) throws(CheckpointError.Reason) -> UnsafeRawBufferPointer? {
    guard let entry = entries[name] else { return nil }
    guard entry.isPlain else { throw .compressed(entry: name) }
    guard view.u32(entry.headerOffset) == 0x0403_4B50,
      let nameLength = view.u16(entry.headerOffset + 26), let extraLength = view.u16(entry.headerOffset + 28),
      let bytes = view.slice(entry.headerOffset + 30 + nameLength + extraLength, entry.size)
    else { throw .truncated(part: "archive entry \(name)") }
    return bytes
  }

  /// Where the central directory is.
  private static func directory(
    _ view: ByteView
  ) throws(CheckpointError.Reason) -> (offset: Int, end: Int, count: Int) {
    // The end record is 22 bytes and a comment of at most 65,535.
    var position = view.count - 22
    let first = max(0, view.count - 22 - 0xFFFF)
    while position >= first, view.u32(position) != 0x0605_4B50 { position -= 1 }
    guard position >= first, var count = view.u16(position + 10), var size = view.u32(position + 12),
      var offset = view.u32(position + 16)
    else { throw .truncated(part: "the zip archive: its directory, at the end, is missing") }

    if view.u32(position - 20) == 0x0706_4B50 {
      guard let end = view.size(position - 12), view.u32(end) == 0x0606_4B50,
        let wideCount = view.size(end + 32), let wideSize = view.size(end + 40),
        let wideOffset = view.size(end + 48)
      else { throw .archive(problem: "its 64-bit end record is missing") }
      (count, size, offset) = (wideCount, wideSize, wideOffset)
    }
    guard view.slice(offset, size) != nil, count <= size / 46 else {
      throw .archive(problem: "its directory lies outside the file")
    }
    return (offset, offset + size, count)
  }

  /// Replaces sizes and offsets that are all ones by those of the 64-bit extra field.
  private static func widen(
    _ entry: inout Entry, packed: Int, from extra: ByteView
  ) throws(CheckpointError.Reason) {
    let full = 0xFFFF_FFFF
    guard entry.size == full || packed == full || entry.headerOffset == full else { return }
    var position = 0
    while let identifier = extra.u16(position), let length = extra.u16(position + 2) {
      guard identifier == 1 else {
        position += 4 + length
        continue
      }
      guard let field = extra.slice(position + 4, length) else { break }
      let values = ByteView(field)
      var next = 0
      func take() throws(CheckpointError.Reason) -> Int {
        guard let value = values.size(next) else {
          throw .archive(problem: "a 64-bit extra field is cut off")
        }
        next += 8
        return value
      }
      var packed = packed
      if entry.size == full { entry.size = try take() }
      if packed == full { packed = try take() }
      if entry.headerOffset == full { entry.headerOffset = try take() }
      entry.isPlain = entry.isPlain && packed == entry.size
      return
    }
    throw .archive(problem: "a 64-bit extra field is missing")
  }
}
