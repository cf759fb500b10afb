internal import Files
package import Tensors

/// Identifies a model's weights, whatever the format and the names of the file they came from: two models have
/// the same fingerprint when they give the same masks.
///
/// It is the SHA-256 digest of every parameter's official name, shape and some of its values: sixteen, as four
/// runs of four spread evenly from the first to the last, or all where there are no more. Reading all values would
/// read the whole file; training changes a parameter everywhere. Buffers that some formats leave out do not
/// count. Weights rounded to half precision are other weights.
public struct ModelFingerprint: Sendable, Hashable, CustomStringConvertible {
  /// 64 lower-case hexadecimal digits.
  public let description: String

  /// A fingerprint read from where it was written down, or nil where the text is not one.
  public init?(_ text: String) {
    let digits = text.utf8
    guard digits.count == 64, digits.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }) else {
      return nil
    }
    description = text
  }

  /// Of parameters under their official names.
  package init(of parameters: [String: Tensor]) {
    var digest = SHA256()
    func add(_ number: UInt64) {
      withUnsafeBytes(of: number.littleEndian) { digest.update($0) }
    }
    for (name, tensor) in parameters.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      let bytes = Array(name.utf8)
      add(UInt64(bytes.count))
      bytes.withUnsafeBytes { digest.update($0) }
      add(UInt64(tensor.shape.count))
      for size in tensor.shape { add(UInt64(size)) }
      // Slices, so that of half-precision weights only these values are converted.
      let flat = tensor.reshaped([tensor.count])
      for run in ModelFingerprint.samples(of: tensor.count) {
        flat[outermost: run].withUnsafeBuffer { values in
          for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { digest.update($0) } }
        }
      }
    }
    description = digest.hexadecimal
  }

  /// Which of `count` values are looked at, as runs.
  static func samples(of count: Int) -> [Range<Int>] {
    guard count > 16 else { return [0..<count] }
    return (0..<4).map { run in
      let start = run * (count - 4) / 3
      return start..<start + 4
    }
  }
}
