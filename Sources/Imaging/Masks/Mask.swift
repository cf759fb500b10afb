/// A set of an image's pixels.
///
/// ```swift
/// var mask = Mask(width: 4, height: 3)
/// mask[1, 2] = true
/// mask.area            // 1
/// mask.boundingBox     // x 1, y 2, width 1, height 1
/// ```
///
/// Coordinates are (x, y) with the origin at the upper left.
public struct Mask: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// height x width values, 1 for pixels in the set and 0 for others, rows from top to bottom.
  public private(set) var bits: [UInt8]

  /// A mask of given bits.
  ///
  /// - Parameter bits: height x width zeros and ones.
  /// - Throws: ``ImageError`` where the size is no size, the number of bits another, or a bit neither 0 nor 1.
  public init(width: Int, height: Int, bits: [UInt8]) throws(ImageError) {
    try ImageLimits.standard.check(width: width, height: height, name: "mask")
    guard bits.count == width * height else {
      throw .sampleCount(width: width, height: height, expected: width * height, actual: bits.count)
    }
    // Most masks are sound: one pass without branches, and a search only for the culprit.
    guard bits.reduce(0, |) <= 1 else {
      let index = bits.firstIndex { $0 > 1 } ?? 0
      throw .notBinary(value: bits[index], index: index)
    }
    self.init(trusted: bits, width: width, height: height)
  }

  /// An empty mask. Sizes below 1 count as 1.
  public init(width: Int, height: Int) {
    let width = max(width, 1)
    let height = max(height, 1)
    self.init(trusted: [UInt8](repeating: 0, count: width * height), width: width, height: height)
  }

  /// For bits that are sound by construction.
  package init(trusted bits: [UInt8], width: Int, height: Int) {
    self.width = width
    self.height = height
    self.bits = bits
  }

  /// Whether pixel (x, y), which must be inside, is in the set.
  public subscript(x: Int, y: Int) -> Bool {
    get {
      precondition(x >= 0 && x < width && y >= 0 && y < height, "outside the mask")
      return bits[y * width + x] != 0
    }
    set {
      precondition(x >= 0 && x < width && y >= 0 && y < height, "outside the mask")
      bits[y * width + x] = newValue ? 1 : 0
    }
  }

  /// How many pixels are in the set.
  public var area: Int {
    bits.withUnsafeBufferPointer { bits in
      // Chunks whose sums fit 32 bits, so that many are added at a time.
      stride(from: 0, to: bits.count, by: 1 << 20).reduce(0) { total, start in
        var sum: UInt32 = 0
        for index in start..<min(start + (1 << 20), bits.count) { sum &+= UInt32(bits[index]) }
        return total + Int(sum)
      }
    }
  }

  /// Whether no pixel is in the set.
  public var isEmpty: Bool { !bits.contains(1) }

  /// The smallest box around the set, nil for an empty one.
  public var boundingBox: PixelBox? {
    bits.withUnsafeBufferPointer { bits in
      guard let firstIndex = bits.firstIndex(of: 1), let lastIndex = bits.lastIndex(of: 1) else { return nil }
      let top = firstIndex / width
      let bottom = lastIndex / width
      var left = width
      var right = -1
      for y in top...bottom {
        let row = UnsafeBufferPointer(rebasing: bits[y * width..<(y + 1) * width])
        // Only what lies outside the box so far can widen it.
        if let x = row[..<left].firstIndex(of: 1) { left = x }
        if let x = row[(right + 1)...].lastIndex(of: 1) { right = x }
      }
      return PixelBox(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
    }
  }

  /// The pixels that are not in the set.
  public var inverted: Mask {
    Mask(trusted: bits.map { 1 - $0 }, width: width, height: height)
  }
}
