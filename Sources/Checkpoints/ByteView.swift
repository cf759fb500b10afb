/// Bounds-checked little-endian reads from a file's bytes.
struct ByteView {
  let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// The bytes `offset ..< offset + count`, or nil where they are not all there.
  func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  /// The integer of type `T` at `offset`, or nil where it does not fit.
  func integer<T: FixedWidthInteger>(_: T.Type, at offset: Int) -> T? {
    guard let part = slice(offset, MemoryLayout<T>.size) else { return nil }
    return T(littleEndian: part.loadUnaligned(as: T.self))
  }

  /// An unsigned 16-bit integer.
  func u16(_ offset: Int) -> Int? { integer(UInt16.self, at: offset).map(Int.init) }
  /// An unsigned 32-bit integer.
  func u32(_ offset: Int) -> Int? { integer(UInt32.self, at: offset).map(Int.init) }
  /// A 64-bit integer that is a size or offset, so not negative.
  func size(_ offset: Int) -> Int? { integer(UInt64.self, at: offset).flatMap(Int.init(exactly:)) }
}
