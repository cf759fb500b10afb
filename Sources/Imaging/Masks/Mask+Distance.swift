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
    let distances = squaredDistances()
    var best = -1
    for index in distances.indices where distances[index] > (best < 0 ? 0 : distances[best]) { best = index }
    guard best >= 0 else { return nil }
    return InnermostPoint(x: best % width, y: best / width, squaredDistance: Int(distances[best]))
  }

  /// For each pixel in row order, the squared Euclidean distance of its centre to the nearest pixel centre outside the mask,
  /// as if the image were framed by a ring of such pixels; 0 outside the mask. Exact.
  ///
  /// Columns first, then the lower envelope of parabolas along each row (Meijster, Roerdink and Hesselink 2000).
  public func squaredDistances() -> [Int32] {
    var vertical = [Int32](repeating: 0, count: bits.count)
    for x in 0..<width {
      var run: Int32 = 0
      for y in 0..<height {
        run = bits[y * width + x] != 0 ? run + 1 : 0
        vertical[y * width + x] = run
      }
      run = 0
      for y in stride(from: height - 1, through: 0, by: -1) {
        run = bits[y * width + x] != 0 ? run + 1 : 0
        vertical[y * width + x] = min(vertical[y * width + x], run)
      }
    }
    var result = [Int32](repeating: 0, count: bits.count)
    // The frame's two columns stand at 0 and width + 1.
    var heights = [Int](repeating: 0, count: width + 2)
    var sites = [Int](repeating: 0, count: width + 2)
    var starts = [Int](repeating: 0, count: width + 2)
    for y in 0..<height {
      var isEmpty = true
      for x in 0..<width {
        let value = Int(vertical[y * width + x])
        heights[x + 1] = value * value
        if value > 0 { isEmpty = false }
      }
      if isEmpty { continue }
      var last = 0
      sites[0] = 0
      starts[0] = 0
      for u in 1..<width + 2 {
        func at(_ x: Int, _ site: Int) -> Int { (x - site) * (x - site) + heights[site] }
        while last >= 0 && at(starts[last], sites[last]) > at(starts[last], u) { last -= 1 }
        if last < 0 {
          last = 0
          sites[0] = u
          starts[0] = 0
        } else {
          let site = sites[last]
          // Where the parabola of u comes to lie below that of the last site.
          let start = 1 + (u * u - site * site + heights[u] - heights[site]) / (2 * (u - site))
          if start < width + 2 {
            last += 1
            sites[last] = u
            starts[last] = start
          }
        }
      }
      for x in stride(from: width + 1, through: 0, by: -1) {
        if x >= 1 && x <= width {
          result[y * width + x - 1] = Int32(
            clamping: (x - sites[last]) * (x - sites[last]) + heights[sites[last]])
        }
        if x == starts[last] { last -= 1 }
        if last < 0 { break }
      }
    }
    return result
  }
}
