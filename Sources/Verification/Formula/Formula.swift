/// Numbers that follow from a name and a position alone, so that a model of any size can be rebuilt without a file:
/// splitmix64 (Steele, Lea, Flood, 2014) started from the FNV-1a hash of the name.
struct Formula: Sendable {
  /// Comes before every name.
  let salt: String

  private static let gamma: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// FNV-1a, 64 bits, of the salted name's UTF-8.
  func hash(_ name: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in (salt + name).utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }

  /// The 24 bits of position `index` after a name's hash.
  @inline(__always)
  static func bits(_ hash: UInt64, _ index: Int) -> UInt32 {
    var z = hash &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* gamma
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return UInt32(truncatingIfNeeded: (z ^ (z >> 31)) >> 40)
  }

  /// The number at position `index` after a name's hash, in [-0.5, 0.5).
  @inline(__always)
  static func uniform(_ hash: UInt64, _ index: Int) -> Double {
    Double(Int32(bitPattern: bits(hash, index))) * 0x1p-24 - 0.5
  }
}
