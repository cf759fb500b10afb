/// A mask as runs of equal pixels, in COCO's form: columns from left to right, each from top to bottom, the first
/// run being of pixels outside the set (and zero long where pixel (0, 0) is inside).
///
/// ```swift
/// let runs = RunLengthMask(mask)
/// runs.compressed      // the text in COCO's and SA-1B's JSON files
/// runs.area
/// runs.mask == mask    // true
/// ```
///
/// Runs are kept in the one form without needless zero-length runs, so that equal sets of pixels are equal
/// values.
public struct RunLengthMask: Sendable, Hashable {
  /// Pixels in a row of the mask.
  public let width: Int
  /// Rows of the mask.
  public let height: Int
  /// The runs' lengths: outside, inside, outside, … Their sum is width * height.
  public let counts: [UInt32]

  /// Runs of given lengths; zero-length ones are merged away.
  ///
  /// - Throws: ``RunLengthError`` where the lengths do not add up to width * height.
  public init(counts: [UInt32], width: Int, height: Int) throws(RunLengthError) {
    try Self.check(width: width, height: height)
    let total = counts.reduce(0) { $0 + Int($1) }
    guard total == width * height else { throw .wrongTotal(total: total, width: width, height: height) }
    var runs = RunBuilder()
    for (index, count) in counts.enumerated() { runs.append(Int(count), inside: index % 2 == 1) }
    self.init(trusted: runs.counts, width: width, height: height)
  }

  /// For runs that are sound and in the one form.
  package init(trusted counts: [UInt32], width: Int, height: Int) {
    self.width = width
    self.height = height
    self.counts = counts
  }

  static func check(width: Int, height: Int) throws(RunLengthError) {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflow, pixels <= Int(UInt32.max) else {
      throw .invalidSize(width: width, height: height)
    }
  }

  /// How many pixels are in the set.
  public var area: Int {
    stride(from: 1, to: counts.count, by: 2).reduce(0) { $0 + Int(counts[$1]) }
  }

  /// Whether no pixel is in the set.
  public var isEmpty: Bool { counts.count < 2 }

  /// The smallest box around the set; ``PixelBox/empty`` for an empty one.
  public var boundingBox: PixelBox {
    var left = width
    var right = -1
    var top = height
    var bottom = -1
    var position = 0
    for (index, count) in counts.enumerated() {
      let end = position + Int(count)
      if index % 2 == 1 {
        let (firstColumn, firstRow) = position.quotientAndRemainder(dividingBy: height)
        let (lastColumn, lastRow) = (end - 1).quotientAndRemainder(dividingBy: height)
        left = min(left, firstColumn)
        right = lastColumn
        if firstColumn < lastColumn {
          top = 0
          bottom = height - 1
        } else {
          top = min(top, firstRow)
          bottom = max(bottom, lastRow)
        }
      }
      position = end
    }
    guard right >= 0 else { return .empty }
    return PixelBox(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
  }
}

/// Puts runs together, in the one form without needless zero-length runs.
struct RunBuilder {
  private(set) var counts: [UInt32] = []

  mutating func append(_ count: Int, inside: Bool) {
    guard count > 0 else { return }
    if counts.isEmpty, inside { counts.append(0) }
    if !counts.isEmpty, counts.count % 2 == (inside ? 0 : 1) {
      counts[counts.count - 1] += UInt32(count)
    } else {
      counts.append(UInt32(count))
    }
  }
}
