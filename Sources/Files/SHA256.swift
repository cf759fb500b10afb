internal import Crypto

/// The SHA-256 digest of bytes that come in pieces: tells whether a file is the published one, and one model's weights from
/// another's.
package struct SHA256: Sendable {
  private var hash = Crypto.SHA256()

  /// The digest of nothing so far.
  package init() {}

  /// Adds bytes.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bufferPointer: bytes)
  }

  /// The digest of all bytes added, as 64 lower-case hexadecimal digits.
  package var hexadecimal: String {
    let digits = Array("0123456789abcdef")
    return String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
