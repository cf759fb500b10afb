internal import Files

/// The directory of a tar archive, made in one pass over its headers: an entry's bytes are then found at once.
///
/// POSIX ustar, pax and GNU archives are read, with long names and entries of any size. Links, folders and devices are
/// passed over. The archive is mapped, so the pass reads one page for each entry.
public final class TarArchive: Sendable {
  /// A file in the archive.
  public struct Entry: Sendable, Hashable {
    /// Its path, without `./` before it.
    public let name: String
    /// Where its bytes are in the archive.
    public let bytes: Range<Int>
  }

  /// The archive's path.
  public let path: String
  /// Its files, in the archive's order. Where a name occurs twice, the later one replaces the former when unpacked.
  public let entries: [Entry]
  let file: MappedFile

  /// Longest extended header; real ones hold a few hundred bytes.
  private static let longestExtension = 1 << 20

  /// Reads an archive's headers.
  ///
  /// - Throws: ``DatasetError`` that names the archive.
  public init(path: String) throws(DatasetError) {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw .file(error)
    }
    self.path = path
    self.file = file
    entries = try file.withBytes { (bytes) throws(DatasetError) in try Self.entries(in: bytes, path: path) }
  }

  /// Calls `body` with an entry's bytes.
  public func withBytes<Result, Failure: Error>(
    of entry: Entry, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try file.withBytes { (bytes) throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: bytes[entry.bytes]))
    }
  }

  private static func entries(in bytes: UnsafeRawBufferPointer, path: String) throws(DatasetError) -> [Entry]
  {
    if let method = compression(of: bytes) { throw .tar(path: path, problem: .compressed(method), offset: 0) }
    var entries: [Entry] = []
    var position = 0
    var name: String?
    var size: Int?
    while position < bytes.count {
      do throws(TarProblem) {
        let block = TarHeader.blockSize
        guard bytes.count - position >= block else { throw .truncated }
        guard
          let header = try TarHeader(
            UnsafeRawBufferPointer(rebasing: bytes[position..<position + block]))
        else { break }
        let start = position + block
        let length = isExtension(header.kind) ? header.size : size ?? header.size
        guard length <= bytes.count - start else { throw .truncated }
        let content = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
        switch header.kind {
        case UInt8(ascii: "L"):
          guard length <= longestExtension else { throw .extendedHeader }
          name = String(decoding: content.prefix { $0 != 0 }, as: UTF8.self)
        case UInt8(ascii: "x"):
          guard length <= longestExtension else { throw .extendedHeader }
          for (key, value) in try records(of: content) {
            if key == "path" { name = value }
            if key == "size" {
              guard let number = Int(value), number >= 0 else { throw .number }
              size = number
            }
            if key.hasPrefix("GNU.sparse") { throw .unsupported(kind: "S") }
          }
        case UInt8(ascii: "S"), UInt8(ascii: "M"):
          throw .unsupported(kind: Character(Unicode.Scalar(header.kind)))
        case UInt8(ascii: "g"), UInt8(ascii: "K"):
          break
        default:
          if [0, UInt8(ascii: "0"), UInt8(ascii: "7")].contains(header.kind) {
            let full = name ?? header.name
            if !full.hasSuffix("/") {
              entries.append(Entry(name: plain(full), bytes: start..<start + length))
            }
          }
          (name, size) = (nil, nil)
        }
        // The last block may be cut short: its padding means nothing.
        position = start + length + (block - length % block) % block
      } catch {
        throw .tar(path: path, problem: error, offset: position)
      }
    }
    return entries
  }

  private static func isExtension(_ kind: UInt8) -> Bool {
    [UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K")].contains(kind)
  }

  /// pax: records of `LENGTH KEY=VALUE` and a line break.
  private static func records(
    of content: UnsafeRawBufferPointer
  ) throws(TarProblem) -> [(key: String, value: String)] {
    var records: [(key: String, value: String)] = []
    var rest = content[...]
    while let first = rest.first, first != 0 {
      let digits = rest.prefix { $0 != 0x20 }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 2,
        length <= rest.count, rest[rest.startIndex + length - 1] == 0x0A
      else { throw .extendedHeader }
      let record = rest[rest.startIndex + digits.count + 1..<rest.startIndex + length - 1]
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { throw .extendedHeader }
      records.append(
        (
          String(decoding: record[record.startIndex..<equals], as: UTF8.self),
          String(decoding: record[(equals + 1)...], as: UTF8.self)
        ))
      rest = rest[(rest.startIndex + length)...]
    }
    return records
  }

  private static func plain(_ name: String) -> String {
    var name = Substring(name)
    while name.hasPrefix("./") { name = name.dropFirst(2) }
    return String(name)
  }

  private static func compression(of bytes: UnsafeRawBufferPointer) -> String? {
    let known: [(name: String, start: [UInt8])] = [
      ("gzip", [0x1F, 0x8B]), ("zstd", [0x28, 0xB5, 0x2F, 0xFD]), ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
      ("bzip2", [0x42, 0x5A, 0x68]),
    ]
    return known.first { bytes.starts(with: $0.start) }?.name
  }
}
