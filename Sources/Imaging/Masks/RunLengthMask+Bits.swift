extension RunLengthMask {
  /// The runs of a mask that is stored as bits.
  ///
  /// - Parameters:
  ///   - bits: bit x % 64 of word y · (width + 63) / 64 + x / 64 is pixel (x, y); bits beyond a row's width are 0.
  ///   - width: pixels in a row.
  ///   - height: rows.
  /// - Throws: ``RunLengthError`` where the size is no size or the number of words another.
  public init(bits: [UInt64], width: Int, height: Int) throws(RunLengthError) {
    try self.init(
      bits: bits, in: PixelBox(x: 0, y: 0, width: width, height: height), width: width, height: height)
  }

  /// The runs of a mask of which only a box is stored, as bits; nothing outside the box is in the set. Time and memory go with
  /// the box, not with the mask's size.
  ///
  /// - Parameters:
  ///   - bits: as for ``init(bits:width:height:)``, of a mask of the box's size.
  ///   - box: where that mask lies; a box without pixels is an empty mask.
  ///   - width: pixels in a row of the whole mask.
  ///   - height: rows of the whole mask.
  /// - Throws: ``RunLengthError`` where a size is no size, the box does not lie inside, or the number of words is another.
  public init(bits: [UInt64], in box: PixelBox, width: Int, height: Int) throws(RunLengthError) {
    try Self.check(width: width, height: height)
    guard box.x >= 0, box.y >= 0, box.width >= 0, box.height >= 0, box.width <= width - box.x,
      box.height <= height - box.y
    else { throw .invalidSize(width: box.width, height: box.height) }
    let words = (box.width + 63) / 64
    guard bits.count == words * box.height else {
      throw .wrongTotal(total: bits.count * 64, width: box.width, height: box.height)
    }
    var counts: [UInt32] = []
    var start = 0
    // Whether the pixel before, in the order of runs, is inside; and where the stored part of its column ends.
    var last: UInt64 = 0
    var bottom = 0
    // Runs go down the columns: blocks of 64 x 64 pixels are turned, and a turned word is 64 pixels of a column.
    let blocks = (box.height + 63) / 64
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64 * blocks) { columns in
      for left in 0..<words {
        for block in 0..<blocks {
          let turned = columns.extracting(block * 64..<(block + 1) * 64)
          for row in 0..<64 {
            let y = block * 64 + row
            turned[row] = y < box.height ? bits[y * words + left] : 0
          }
          Self.turn(turned)
        }
        for x in 0..<min(64, box.width - left * 64) {
          let top = (box.x + left * 64 + x) * height + box.y
          if last != 0, top != bottom {
            counts.append(UInt32(bottom - start))
            start = bottom
            last = 0
          }
          for block in 0..<blocks {
            let word = columns[block * 64 + x]
            let rows = min(64, box.height - block * 64)
            var changes = word ^ (word << 1 | last)
            if rows < 64 { changes &= 1 << UInt64(rows) - 1 }
            while changes != 0 {
              let position = top + block * 64 + changes.trailingZeroBitCount
              counts.append(UInt32(position - start))
              start = position
              changes &= changes - 1
            }
            last = word >> UInt64(rows - 1) & 1
          }
          bottom = top + box.height
        }
      }
    }
    if last != 0, bottom < width * height {
      counts.append(UInt32(bottom - start))
      start = bottom
    }
    counts.append(UInt32(width * height - start))
    self.init(trusted: counts, width: width, height: height)
  }

  /// Exchanges rows and columns of a matrix of 64 x 64 bits: halves of halves are exchanged across the diagonal.
  private static func turn(_ rows: UnsafeMutableBufferPointer<UInt64>) {
    var distance = 32
    var mask: UInt64 = 0x0000_0000_ffff_ffff
    while distance > 0 {
      var row = 0
      while row < 64 {
        let low = rows[row], high = rows[row + distance]
        let exchanged = (low >> UInt64(distance) ^ high) & mask
        rows[row] = low ^ exchanged << UInt64(distance)
        rows[row + distance] = high ^ exchanged
        row += 1
        if row & distance != 0 { row += distance }
      }
      distance >>= 1
      mask ^= mask << UInt64(distance)
    }
  }
}
