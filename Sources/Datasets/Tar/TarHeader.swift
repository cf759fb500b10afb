/// One 512-byte header of a tar archive (POSIX ustar, with GNU's and pax's numbers and names).
struct TarHeader {
  static let blockSize = 512

  /// The name in the header itself, which an extended header may replace.
  let name: String
  /// Bytes that follow the header.
  let size: Int
  /// What the entry is: `0` or a zero byte for a file, `5` for a folder, `x`, `g`, `L`, `K` for extended headers.
  let kind: UInt8

  /// Reads a header; nil for a block of zeros, which ends an archive.
  init?(_ block: UnsafeRawBufferPointer) throws(TarProblem) {
    guard block.contains(where: { $0 != 0 }) else { return nil }
    guard block.count == Self.blockSize, let stated = Self.number(block[148..<156]),
      stated == Self.checksum(block)
    else { throw .checksum }
    guard let size = Self.number(block[124..<136]) else { throw .number }
    self.size = size
    kind = block[156]
    let isPOSIX = block[257..<263].elementsEqual(Array("ustar\0".utf8))
    let prefix = isPOSIX ? Self.text(block[345..<500]) : ""
    name = (prefix.isEmpty ? "" : prefix + "/") + Self.text(block[0..<100])
  }

  /// The sum of all bytes, those of the checksum's own field counting as spaces.
  static func checksum(_ block: UnsafeRawBufferPointer) -> Int {
    block.reduce(0) { $0 + Int($1) } - block[148..<156].reduce(0) { $0 + Int($1) } + 8 * 32
  }

  /// Text up to a zero byte.
  private static func text(_ field: Slice<UnsafeRawBufferPointer>) -> String {
    String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// An octal number, or GNU's binary form for what is larger; nil for neither.
  private static func number(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      guard first == 0x80 else { return nil }
      var value = 0
      for byte in field.dropFirst() {
        guard value < 1 << 54 else { return nil }
        value = value << 8 | Int(byte)
      }
      return value
    }
    let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
    var value = 0
    for digit in digits {
      guard 0x30...0x37 ~= digit, value < 1 << 57 else { return nil }
      value = value << 3 | Int(digit & 7)
    }
    return value
  }
}
