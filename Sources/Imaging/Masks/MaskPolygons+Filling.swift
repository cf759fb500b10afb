extension MaskPolygons {
  /// The pixels whose centres are inside a polygon, holes taken out (even-odd rule within a polygon).
  ///
  /// For outlines traced from a mask, this is that mask.
  public var mask: Mask {
    var bits = [UInt8](repeating: 0, count: width * height)
    for polygon in polygons { fill(polygon, into: &bits) }
    return Mask(trusted: bits, width: width, height: height)
  }

  private func fill(_ polygon: Polygon, into bits: inout [UInt8]) {
    let bounds = polygon.outer.reduce((left: Double(width), right: 0.0, top: Double(height), bottom: 0.0)) {
      (min($0.left, $1.x), max($0.right, $1.x), min($0.top, $1.y), max($0.bottom, $1.y))
    }
    let left = clamp(bounds.left.rounded(.down), to: width)
    let right = clamp(bounds.right.rounded(.up), to: width)
    let top = clamp(bounds.top.rounded(.down), to: height)
    let bottom = clamp(bounds.bottom.rounded(.up), to: height)
    guard left < right, top < bottom else { return }

    // Where a row's centre line crosses an edge, all pixels from there on change sides.
    let columns = right - left + 1
    var changes = [UInt8](repeating: 0, count: columns * (bottom - top))
    for ring in polygon.rings {
      guard var previous = ring.last else { continue }
      for point in ring {
        let (upper, lower) = previous.y <= point.y ? (previous, point) : (point, previous)
        previous = point
        let rows =
          max(
            top, centre(atOrAfter: upper.y, limit: height))..<max(
            top, min(bottom, centre(atOrAfter: lower.y, limit: height)))
        guard !rows.isEmpty, rows.lowerBound < bottom else { continue }
        let slope = (lower.x - upper.x) / (lower.y - upper.y)
        for row in rows {
          let x = upper.x + (Double(row) + 0.5 - upper.y) * slope
          let column = min(max(centre(atOrAfter: x, limit: width), left), right)
          changes[(row - top) * columns + column - left] ^= 1
        }
      }
    }
    for row in top..<bottom {
      var inside: UInt8 = 0
      for column in left..<right {
        inside ^= changes[(row - top) * columns + column - left]
        bits[row * width + column] |= inside
      }
    }
  }

  /// The first pixel whose centre is at or after a position, 0...limit.
  private func centre(atOrAfter position: Double, limit: Int) -> Int {
    clamp((position - 0.5).rounded(.up), to: limit)
  }

  private func clamp(_ value: Double, to limit: Int) -> Int {
    Int(min(max(value, 0), Double(limit)))
  }
}
