extension RunLengthMask {
  /// The runs of a mask.
  public init(_ mask: Mask) {
    let width = mask.width
    let height = mask.height
    var counts: [UInt32] = []
    mask.bits.withUnsafeBufferPointer { bits in
      // Columns lie across memory: a band of them is turned at a time, so that each cache line is read once.
      let band = 64
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: band * height) { columns in
        var current: UInt8 = 0
        var run = 0
        for left in stride(from: 0, to: width, by: band) {
          let used = min(band, width - left)
          for y in 0..<height {
            for x in 0..<used { columns[x * height + y] = bits[y * width + left + x] }
          }
          let end = used * height
          var index = 0
          while index < end {
            let start = index
            index = Self.firstChange(in: columns, from: index, to: end, current: current)
            run += index - start
            if index < end {
              counts.append(UInt32(run))
              run = 0
              current ^= 1
            }
          }
        }
        counts.append(UInt32(run))
      }
    }
    self.init(trusted: counts, width: width, height: height)
  }

  /// The first index from `start` on whose value is not `current`, or `end`.
  @inline(__always)
  private static func firstChange(
    in values: UnsafeMutableBufferPointer<UInt8>, from start: Int, to end: Int, current: UInt8
  ) -> Int {
    let expected = UInt64(current) &* 0x0101_0101_0101_0101
    let bytes = UnsafeRawBufferPointer(values)
    var index = start
    while index + 8 <= end {
      let difference =
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) ^ expected
      if difference != 0 { return index + difference.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < end, values[index] == current { index += 1 }
    return index
  }

  /// The mask with one value per pixel.
  public var mask: Mask {
    let bits = [UInt8](unsafeUninitializedCapacity: width * height) { bits, initialized in
      bits.initialize(repeating: 0)
      var position = 0
      for (index, count) in counts.enumerated() {
        let end = position + Int(count)
        if index % 2 == 1 {
          var (x, y) = position.quotientAndRemainder(dividingBy: height)
          for _ in position..<end {
            bits[y * width + x] = 1
            y += 1
            if y == height {
              y = 0
              x += 1
            }
          }
        }
        position = end
      }
      initialized = width * height
    }
    return Mask(trusted: bits, width: width, height: height)
  }
}
