/// The bytes of a MATLAB file of version 5, made by hand.
public enum MATLABBytes {
  /// A file of variables.
  public static func file(_ variables: [UInt8]...) -> [UInt8] {
    let text = Array("MATLAB 5.0 MAT-file, made by a test".utf8)
    return text + [UInt8](repeating: 32, count: 124 - text.count) + [0, 1] + Array("IM".utf8)
      + variables.flatMap { $0 }
  }

  /// A data element, padded to a multiple of 8 bytes.
  public static func element(_ type: UInt32, _ bytes: [UInt8]) -> [UInt8] {
    word(type) + word(UInt32(bytes.count)) + bytes + [UInt8](repeating: 0, count: (8 - bytes.count % 8) % 8)
  }

  /// An array's element: its class, dimensions, name and contents.
  public static func matrix(
    _ kind: UInt32, _ dimensions: [UInt32], name: String = "", _ contents: [UInt8]
  ) -> [UInt8] {
    let flags = element(6, word(kind) + word(0))
    let sizes = element(5, dimensions.flatMap { word($0) })
    return element(14, flags + sizes + element(1, Array(name.utf8)) + contents)
  }

  /// The variable `groundTruth` of BSDS500's files.
  ///
  /// - Parameter annotators: for each, rows x columns pixels column by column.
  public static func boundaries(_ annotators: [[UInt8]], rows: UInt32, columns: UInt32) -> [UInt8] {
    let name = Array("Boundaries".utf8)
    let names = element(5, word(32)) + element(1, name + [UInt8](repeating: 0, count: 32 - name.count))
    let cells = annotators.map { pixels in
      matrix(2, [1, 1], names + matrix(9 | 0x200, [rows, columns], element(2, pixels)))
    }
    return matrix(1, [1, UInt32(annotators.count)], name: "groundTruth", cells.flatMap { $0 })
  }

  private static func word(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
