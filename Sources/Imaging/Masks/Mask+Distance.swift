extension Mask {
  /// A pixel of a mask and how far from the mask's edge it lies.
  public struct InnermostPoint: Sendable, Equatable {
    /// Column of the pixel.
    public let x: Int
    /// Row of the pixel.
    public let y: Int
    /// Squared Euclidean distance of its centre to the nearest pixel centre outside the mask.
    public let squaredDistance: Int

    /// A point that is known to lie so deep.
    public init(x: Int, y: Int, squaredDistance: Int) {
      self.x = x
      self.y = y
      self.squaredDistance = squaredDistance
    }
  }

  /// The pixel that lies farthest from the mask's edge, the image's border counting as edge; of several the first
  /// in row order. Nil for an empty mask.
  ///
  /// This is the paper's first click on an object (section 7.1, appendix D.1).
  public var innermostPoint: InnermostPoint? {
    guard let box = boundingBox else { return nil }
    // All around the box lies outside the mask: nothing beyond it is nearer than its frame.
    return bits.withUnsafeBufferPointer { bits in
      bits.baseAddress.map { base in
        DistanceRows.deepest(in: base + box.y * width + box.x, stride: width, box)
      }
    }
  }

  /// For each pixel in row order, the squared Euclidean distance of its centre to the nearest pixel centre outside the mask,
  /// as if the image were framed by a ring of such pixels; 0 outside the mask. Exact.
  ///
  /// Columns first, then the lower envelope of parabolas along each row (Meijster, Roerdink and Hesselink 2000).
  public func squaredDistances() -> [Int32] {
    [Int32](unsafeUninitializedCapacity: bits.count) { result, initialized in
      bits.withUnsafeBufferPointer { bits in
        if let base = bits.baseAddress, let out = result.baseAddress {
          let width = width
          DistanceRows.with(base, stride: width, width: width, height: height) { rows in
            for y in 0..<height { rows.distances(ofRow: y, into: out + y * width) }
          }
        }
      }
      initialized = bits.count
    }
  }
}

extension BitMask {
  /// The pixel that lies farthest from the mask's edge; see ``Mask/innermostPoint``.
  public var innermostPoint: Mask.InnermostPoint? {
    let box = boundingBox
    guard box.width > 0 else { return nil }
    return mask(in: box).bits.withUnsafeBufferPointer { bits in
      bits.baseAddress.map { DistanceRows.deepest(in: $0, stride: box.width, box) }
    }
  }
}

/// Squared distances to the outside of a mask, a row at a time, in memory of its own.
private struct DistanceRows {
  let width: Int, height: Int
  /// height x width: how far up or down the nearest pixel outside is.
  let vertical: UnsafeMutablePointer<Int32>
  /// For the row at hand, with the frame's columns 0 and width + 1: squared heights, the columns whose parabolas
  /// form the lower envelope, and where each of them begins to.
  let heights: UnsafeMutablePointer<Int>, sites: UnsafeMutablePointer<Int>, starts: UnsafeMutablePointer<Int>

  /// Calls `body` with the rows of a mask whose pixels stand at `bits`, rows `stride` apart.
  static func with<Result>(
    _ bits: UnsafePointer<UInt8>, stride: Int, width: Int, height: Int, _ body: (DistanceRows) -> Result
  ) -> Result {
    let columns = width + 2
    return withUnsafeTemporaryAllocation(of: Int32.self, capacity: width * height) { vertical in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: 3 * columns) { row in
        guard let vertical = vertical.baseAddress, let row = row.baseAddress else {
          preconditionFailure("allocations are not empty")
        }
        fill(vertical, bits, stride: stride, width: width, height: height)
        row.update(repeating: 0, count: columns)
        return body(
          DistanceRows(
            width: width, height: height, vertical: vertical, heights: row, sites: row + columns,
            starts: row + 2 * columns))
      }
    }
  }

  private static func fill(
    _ vertical: UnsafeMutablePointer<Int32>, _ bits: UnsafePointer<UInt8>, stride: Int, width: Int,
    height: Int
  ) {
    for x in 0..<width { vertical[x] = Int32(bits[x]) }
    for y in 1..<max(height, 1) {
      let (above, row, line) = (vertical + (y - 1) * width, vertical + y * width, bits + y * stride)
      for x in 0..<width { row[x] = (above[x] &+ 1) &* Int32(line[x]) }
    }
    let last = vertical + (height - 1) * width
    for x in 0..<width { last[x] = min(last[x], 1) }
    for y in Swift.stride(from: height - 2, through: 0, by: -1) {
      let (row, below) = (vertical + y * width, vertical + (y + 1) * width)
      for x in 0..<width { row[x] = min(row[x], below[x] &+ 1) }
    }
  }

  /// The deepest pixel of the mask whose box is given, and whose pixels in the box stand at `bits`; not empty.
  static func deepest(
    in bits: UnsafePointer<UInt8>, stride: Int, _ box: PixelBox
  ) -> Mask.InnermostPoint {
    with(bits, stride: stride, width: box.width, height: box.height) { rows in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: box.width) { distances in
        var best: (distance: Int32, x: Int, y: Int) = (0, 0, 0)
        for y in 0..<box.height {
          // No pixel is deeper than its column says, nor than half the box is wide.
          var bound: Int32 = 0
          for x in 0..<box.width { bound = max(bound, rows.vertical[y * box.width + x]) }
          bound = min(bound, Int32((box.width + 1) / 2))
          guard Int(bound) * Int(bound) > Int(best.distance), let row = distances.baseAddress else {
            continue
          }
          rows.distances(ofRow: y, into: row)
          for x in 0..<box.width where row[x] > best.distance { best = (row[x], x, y) }
        }
        return Mask.InnermostPoint(x: box.x + best.x, y: box.y + best.y, squaredDistance: Int(best.distance))
      }
    }
  }

  /// Squared distances of a row's pixels.
  func distances(ofRow y: Int, into result: UnsafeMutablePointer<Int32>) {
    let column = vertical + y * width
    var isEmpty = true
    for x in 0..<width {
      let value = Int(column[x])
      heights[x + 1] = value * value
      if value > 0 { isEmpty = false }
    }
    guard !isEmpty else { return result.update(repeating: 0, count: width) }
    var last = 0
    (sites[0], starts[0]) = (0, 0)
    for u in 1..<width + 2 {
      func at(_ x: Int, _ site: Int) -> Int { (x - site) * (x - site) + heights[site] }
      while last >= 0 && at(starts[last], sites[last]) > at(starts[last], u) { last -= 1 }
      if last < 0 {
        last = 0
        (sites[0], starts[0]) = (u, 0)
      } else {
        let site = sites[last]
        // Where the parabola of u comes to lie below that of the last site.
        let start = 1 + (u * u - site * site + heights[u] - heights[site]) / (2 * (u - site))
        if start < width + 2 {
          last += 1
          (sites[last], starts[last]) = (u, start)
        }
      }
    }
    for x in stride(from: width + 1, through: 0, by: -1) {
      if x >= 1 && x <= width {
        result[x - 1] = Int32(clamping: (x - sites[last]) * (x - sites[last]) + heights[sites[last]])
      }
      if x == starts[last] { last -= 1 }
      if last < 0 { break }
    }
  }
}
