/// Bytes from outside: every access says whether it is inside.
struct BoundedBytes {
  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  func byte(at offset: Int) -> UInt8? {
    offset >= 0 && offset < bytes.count ? bytes[offset] : nil
  }

  /// An unsigned number of up to 8 bytes; nil also for one above `Int.max`.
  func integer(at offset: Int, bytes count: Int, bigEndian: Bool) -> Int? {
    guard offset >= 0, offset <= bytes.count - count else { return nil }
    var value = 0
    for index in 0..<count {
      value = value << 8 | Int(bytes[offset + (bigEndian ? index : count - 1 - index)])
    }
    return value >= 0 ? value : nil
  }

  func has(_ text: StaticString, at offset: Int) -> Bool {
    guard offset >= 0, offset <= bytes.count - text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { expected in
      expected.indices.allSatisfy { bytes[offset + $0] == expected[$0] }
    }
  }

  /// The part that begins at `offset`, as far as there are bytes.
  func slice(from offset: Int, count: Int) -> BoundedBytes {
    let start = max(0, min(offset, bytes.count))
    let end = max(start, min(start + max(0, count), bytes.count))
    return BoundedBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
  }
}
