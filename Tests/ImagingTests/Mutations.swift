import TestSupport

/// A damaged copy of a file: cut off, or with some bytes changed, removed, inserted or copied elsewhere.
func mutated(_ bytes: [UInt8], using random: inout SplitMix64) -> [UInt8] {
  var bytes = bytes
  if Int.random(in: 0..<5, using: &random) == 0 {
    bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
    return bytes
  }
  for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
    let position = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0:
      bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1:
      bytes[position] = UInt8.random(in: .min ... .max, using: &random)
    case 2:
      // Values at which lengths and sizes overflow.
      let extremes: [[UInt8]] = [
        [0, 0], [0xFF, 0xFF], [0x7F, 0xFF], [0x80, 0], [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF],
        [0x7F, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80],
      ]
      let extreme = extremes[Int.random(in: 0..<extremes.count, using: &random)]
      let end = min(position + extreme.count, bytes.count)
      bytes.replaceSubrange(position..<end, with: extreme.prefix(end - position))
    case 3:
      let end = min(position + Int.random(in: 1...16, using: &random), bytes.count)
      bytes.removeSubrange(position..<end)
    case 4:
      let extra = (0..<Int.random(in: 1...16, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      bytes.insert(contentsOf: extra, at: position)
    case 5:
      let from = Int.random(in: 0..<bytes.count, using: &random)
      let count = min(Int.random(in: 1...32, using: &random), bytes.count - max(from, position))
      bytes.replaceSubrange(position..<position + count, with: Array(bytes[from..<from + count]))
    default:
      bytes[position] = bytes[position] &+ (Bool.random(using: &random) ? 1 : 255)
    }
  }
  return bytes
}

/// Makes a WebP's declared length right again, so that damage gets past it.
func repairLength(_ bytes: inout [UInt8]) {
  guard bytes.count >= 12 else { return }
  for index in 0..<4 { bytes[4 + index] = UInt8(truncatingIfNeeded: (bytes.count - 8) >> (8 * index)) }
}

/// Makes a PNG's checksums right again, so that damage gets past them.
func repairChecksums(_ bytes: inout [UInt8]) {
  var offset = 8
  while offset + 12 <= bytes.count {
    let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    let end = offset + 8 + length
    guard end + 4 <= bytes.count else { return }
    let sum = checksum(bytes[offset + 4..<end])
    for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: sum >> UInt32(24 - 8 * index)) }
    offset = end + 4
  }
}

/// CRC-32, one bit at a time.
private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  ~bytes.reduce(UInt32.max) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
}
