/// The first directory of a TIFF, as far as libtiff must not be trusted with it: where the data of an entry is
/// missing, it goes on without the entry, and a picture without its palette passes for a grey one.
enum TIFFDirectory {
  /// Whether the first directory, or the data of one of its entries, reaches past the end of the file.
  static func isCutOff(_ bytes: BoundedBytes) -> Bool {
    let bigEndian = bytes.has("MM", at: 0)
    // BigTIFF, version 43, has 8-byte offsets and counts.
    let isBig = bytes.integer(at: 2, bytes: 2, bigEndian: bigEndian) == 43
    let wordSize = isBig ? 8 : 4
    guard let directory = bytes.integer(at: isBig ? 8 : 4, bytes: wordSize, bigEndian: bigEndian),
      let count = bytes.integer(at: directory, bytes: isBig ? 8 : 2, bigEndian: bigEndian)
    else { return true }
    let entrySize = 4 + 2 * wordSize
    let first = directory + (isBig ? 8 : 2)
    guard count <= (bytes.count - first) / entrySize else { return true }
    for index in 0..<count {
      let entry = first + index * entrySize
      guard let type = bytes.integer(at: entry + 2, bytes: 2, bigEndian: bigEndian),
        let values = bytes.integer(at: entry + 4, bytes: wordSize, bigEndian: bigEndian)
      else { return true }
      let (size, overflow) = values.multipliedReportingOverflow(by: valueSize(type: type))
      if !overflow, size <= wordSize { continue }
      guard !overflow,
        let offset = bytes.integer(at: entry + 4 + wordSize, bytes: wordSize, bigEndian: bigEndian),
        offset <= bytes.count - size
      else { return true }
    }
    return false
  }

  /// Bytes of one value of a type (TIFF 6.0, and BigTIFF's); 0 for unknown ones, which are not looked at.
  private static func valueSize(type: Int) -> Int {
    switch type {
    case 1, 2, 6, 7: 1
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: 0
    }
  }
}
