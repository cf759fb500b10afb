extension RunLengthMask {
  /// The runs of a mask that is stored as bits.
  ///
  /// - Parameters:
  ///   - bits: bit x % 64 of word y · (width + 63) / 64 + x / 64 is pixel (x, y); bits beyond a row's width are 0.
  ///   - width: pixels in a row.
  ///   - height: rows.
  /// - Throws: ``RunLengthError`` where the size is no size or the number of words another.
  public init(bits: [UInt64], width: Int, height: Int) throws(RunLengthError) {
    try Self.check(width: width, height: height)
    let words = (width + 63) / 64
    guard bits.count == words * height else {
      throw .wrongTotal(total: bits.count * 64, width: width, height: height)
    }
    var counts: [UInt32] = []
    var start = 0
    // Runs go down the columns: blocks of 64 x 64 pixels are turned, and a turned word is 64 pixels of a column.
    let blocks = (height + 63) / 64
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64 * blocks) { columns in
      var last: UInt64 = 0
      for left in 0..<words {
        for block in 0..<blocks {
          let turned = columns.extracting(block * 64..<(block + 1) * 64)
          for row in 0..<64 {
            let y = block * 64 + row
            turned[row] = y < height ? bits[y * words + left] : 0
          }
          Self.turn(turned)
        }
        for x in 0..<min(64, width - left * 64) {
          let top = (left * 64 + x) * height
          for block in 0..<blocks {
            let word = columns[block * 64 + x]
            let rows = min(64, height - block * 64)
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
        }
      }
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
