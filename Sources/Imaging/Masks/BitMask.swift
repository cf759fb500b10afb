/// A mask with one bit for each pixel: small, and quick to intersect and to count.
///
/// ```swift
/// let truth = BitMask(annotation)      // from runs
/// truth.intersectionOverUnion(with: answer.bitMasks[0])
/// ```
///
/// Coordinates are (x, y) with the origin at the upper left.
public struct BitMask: Sendable, Hashable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Bit x % 64 of word y · ``wordsPerRow`` + x / 64 is pixel (x, y); bits beyond a row's width are 0.
  public private(set) var words: [UInt64]

  /// How many words a row has.
  public var wordsPerRow: Int { (width + 63) / 64 }

  /// For words that are sound by construction.
  package init(trusted words: [UInt64], width: Int, height: Int) {
    self.width = width
    self.height = height
    self.words = words
  }

  /// A mask of given bits, 1 for pixels in the set.
  public init(_ mask: Mask) {
    let perRow = (mask.width + 63) / 64
    var words = [UInt64](repeating: 0, count: perRow * mask.height)
    mask.bits.withUnsafeBufferPointer { bits in
      for y in 0..<mask.height {
        for x in 0..<mask.width where bits[y * mask.width + x] != 0 {
          words[y * perRow + x >> 6] |= 1 << UInt64(x & 63)
        }
      }
    }
    self.init(trusted: words, width: mask.width, height: mask.height)
  }

  /// A mask of runs.
  public init(_ runs: RunLengthMask) {
    let (width, height) = (runs.width, runs.height)
    let perRow = (width + 63) / 64
    let words = [UInt64](unsafeUninitializedCapacity: perRow * height) { words, initialized in
      words.initialize(repeating: 0)
      var position = 0
      for (index, count) in runs.counts.enumerated() {
        let end = position + Int(count)
        if index % 2 == 1 {
          var (x, y) = position.quotientAndRemainder(dividingBy: height)
          while position < end {
            let rows = min(height - y, end - position)
            let bit: UInt64 = 1 << UInt64(x & 63)
            var word = y * perRow + x >> 6
            for _ in 0..<rows {
              words[word] |= bit
              word += perRow
            }
            position += rows
            x += 1
            y = 0
          }
        }
        position = end
      }
      initialized = perRow * height
    }
    self.init(trusted: words, width: width, height: height)
  }

  /// Whether pixel (x, y), which must be inside, is in the set.
  public subscript(x: Int, y: Int) -> Bool {
    get {
      precondition(x >= 0 && x < width && y >= 0 && y < height, "outside the mask")
      return words[y * wordsPerRow + x >> 6] >> UInt64(x & 63) & 1 != 0
    }
    set {
      precondition(x >= 0 && x < width && y >= 0 && y < height, "outside the mask")
      let bit: UInt64 = 1 << UInt64(x & 63)
      if newValue { words[y * wordsPerRow + x >> 6] |= bit } else { words[y * wordsPerRow + x >> 6] &= ~bit }
    }
  }

  /// How many pixels are in the set.
  public var area: Int { words.reduce(0) { $0 &+ $1.nonzeroBitCount } }

  /// Whether no pixel is in the set.
  public var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  /// The smallest box around the set; ``PixelBox/empty`` for an empty one.
  public var boundingBox: PixelBox {
    let perRow = wordsPerRow
    guard let first = words.firstIndex(where: { $0 != 0 }), let last = words.lastIndex(where: { $0 != 0 })
    else { return .empty }
    let (top, bottom) = (first / perRow, last / perRow)
    var (left, right) = (width, -1)
    for word in 0..<perRow {
      var column: UInt64 = 0
      for y in top...bottom { column |= words[y * perRow + word] }
      guard column != 0 else { continue }
      left = min(left, word * 64 + column.trailingZeroBitCount)
      right = word * 64 + 63 - column.leadingZeroBitCount
    }
    return PixelBox(x: left, y: top, width: right - left + 1, height: bottom - top + 1)
  }

  /// The pixel of a number, counting those in the set in row order from 0; nil where there are fewer.
  public func pixel(numbered number: Int) -> (x: Int, y: Int)? {
    guard number >= 0 else { return nil }
    var rest = number
    for (index, word) in words.enumerated() {
      let count = word.nonzeroBitCount
      if rest >= count {
        rest -= count
        continue
      }
      var bits = word
      for _ in 0..<rest { bits &= bits - 1 }
      let (row, column) = index.quotientAndRemainder(dividingBy: wordsPerRow)
      return (column * 64 + bits.trailingZeroBitCount, row)
    }
    return nil
  }

  /// The part of the mask inside a box, which must lie inside the image, one value per pixel.
  public func mask(in box: PixelBox) -> Mask {
    precondition(
      box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0 && box.x + box.width <= width
        && box.y + box.height <= height, "a box inside the image")
    let bits = [UInt8](unsafeUninitializedCapacity: box.width * box.height) { bits, initialized in
      words.withUnsafeBufferPointer { words in
        for y in 0..<box.height {
          let row = (box.y + y) * wordsPerRow
          for x in 0..<box.width {
            let column = box.x + x
            bits[y * box.width + x] = UInt8(words[row + column >> 6] >> UInt64(column & 63) & 1)
          }
        }
      }
      initialized = box.width * box.height
    }
    return Mask(trusted: bits, width: box.width, height: box.height)
  }

  /// The whole mask, one value per pixel.
  public var mask: Mask { mask(in: PixelBox(x: 0, y: 0, width: width, height: height)) }
}

// MARK: - Two masks of one size

extension BitMask {
  /// How many pixels both masks have.
  public func intersectionArea(with other: BitMask) -> Int {
    count(with: other) { $0 & $1 }
  }

  /// Intersection over union; 0 where both are empty.
  public func intersectionOverUnion(with other: BitMask) -> Double {
    let union = count(with: other) { $0 | $1 }
    return union == 0 ? 0 : Double(intersectionArea(with: other)) / Double(union)
  }

  /// The pixels of this mask that are not in the other.
  public func subtracting(_ other: BitMask) -> BitMask {
    checkSize(of: other)
    return BitMask(trusted: zip(words, other.words).map { $0 & ~$1 }, width: width, height: height)
  }

  @inline(__always)
  private func count(with other: BitMask, _ combine: (UInt64, UInt64) -> UInt64) -> Int {
    checkSize(of: other)
    return words.withUnsafeBufferPointer { own in
      other.words.withUnsafeBufferPointer { other in
        var total = 0
        for index in own.indices { total &+= combine(own[index], other[index]).nonzeroBitCount }
        return total
      }
    }
  }

  private func checkSize(of other: BitMask) {
    precondition(width == other.width && height == other.height, "masks of one size")
  }
}
