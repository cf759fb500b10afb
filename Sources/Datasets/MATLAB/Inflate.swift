internal import CZlib

/// Decompresses bytes in zlib's form.
///
/// - Parameter limit: bytes that may come out at most.
func inflated(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(MATLABProblem) -> [UInt8] {
  var stream = z_stream()
  guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    throw .compression
  }
  defer { inflateEnd(&stream) }
  var result: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 16)
  stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
  stream.avail_in = UInt32(clamping: bytes.count)
  while true {
    var status = Z_OK
    let made = block.withUnsafeMutableBufferPointer { block in
      stream.next_out = block.baseAddress
      stream.avail_out = UInt32(block.count)
      status = inflate(&stream, Z_NO_FLUSH)
      return block.count - Int(stream.avail_out)
    }
    result += block[..<made]
    guard result.count <= limit else { throw .tooLarge }
    if status == Z_STREAM_END { return result }
    // An end of the input without an end of the stream makes no progress, which is an error, too.
    guard status == Z_OK else { throw made == 0 && status == Z_BUF_ERROR ? .truncated : .compression }
  }
}
