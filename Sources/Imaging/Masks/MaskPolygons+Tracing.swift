extension MaskPolygons {
  /// The outlines of a mask along the edges of its pixels.
  ///
  /// Pixels that touch only at a corner belong to different polygons; holes that touch only at a corner are one
  /// hole. Only the corners of the outlines are points.
  public init(_ mask: Mask) {
    let components = mask.connectedComponents(.four)
    var polygons = [Polygon](repeating: Polygon(outer: []), count: components.count)
    var tracer = EdgeTracer(mask)
    while let (ring, pixel) = tracer.nextRing() {
      let part = Int(components.labels[pixel]) - 1
      // A part's first ring, met row by row, is the one around it.
      if polygons[part].outer.isEmpty {
        polygons[part].outer = ring
      } else {
        polygons[part].holes.append(ring)
      }
    }
    self.init(trusted: polygons, width: mask.width, height: mask.height)
  }
}

extension MaskPolygons {
  /// The outlines of a mask of runs, the same as those of its ``RunLengthMask/mask``. Only the box around the mask is looked at, so
  /// time and memory go with its size and not with the image's.
  public init(_ runs: RunLengthMask) {
    let box = runs.boundingBox
    guard let part = try? runs.cropped(to: box) else {
      self.init(trusted: [], width: runs.width, height: runs.height)
      return
    }
    var outlines = MaskPolygons(part.mask)
    func shift(_ ring: inout [Point]) {
      for index in ring.indices {
        ring[index].x += Double(box.x)
        ring[index].y += Double(box.y)
      }
    }
    for index in outlines.polygons.indices {
      shift(&outlines.polygons[index].outer)
      for hole in outlines.polygons[index].holes.indices { shift(&outlines.polygons[index].holes[hole]) }
    }
    self.init(trusted: outlines.polygons, width: runs.width, height: runs.height)
  }
}

/// Follows the edges between pixels inside and outside a mask, each once, with the inside on the right hand.
private struct EdgeTracer {
  private enum Direction: Int {
    case right, down, left, up

    var bit: UInt8 { 1 << UInt8(rawValue) }
  }

  private let width: Int
  private let height: Int
  /// For each corner of a pixel, (height + 1) x (width + 1), the directions of the edges that leave it and have
  /// not been followed.
  private var edges: [UInt8]
  private var search = 0

  init(_ mask: Mask) {
    width = mask.width
    height = mask.height
    let stride = mask.width + 1
    var edges = [UInt8](repeating: 0, count: stride * (mask.height + 1))
    mask.bits.withUnsafeBufferPointer { bits in
      for y in 0..<mask.height {
        for x in 0..<mask.width where bits[y * mask.width + x] == 1 {
          let corner = y * stride + x
          let index = y * mask.width + x
          if y == 0 || bits[index - mask.width] == 0 { edges[corner] |= Direction.right.bit }
          if x == mask.width - 1 || bits[index + 1] == 0 { edges[corner + 1] |= Direction.down.bit }
          if y == mask.height - 1 || bits[index + mask.width] == 0 {
            edges[corner + stride + 1] |= Direction.left.bit
          }
          if x == 0 || bits[index - 1] == 0 { edges[corner + stride] |= Direction.up.bit }
        }
      }
    }
    self.edges = edges
  }

  /// The next ring's corners, and the index of a pixel of the mask beside it; nil when all are found.
  mutating func nextRing() -> (ring: [Point], pixel: Int)? {
    // Rows are searched from the top, so a ring is met at its topmost row: an edge to the right has the pixel
    // below it; the top of a hole is an edge to the left, with the pixel above it.
    while search < edges.count, edges[search] & (Direction.right.bit | Direction.left.bit) == 0 {
      search += 1
    }
    guard search < edges.count else { return nil }
    let stride = width + 1
    let start = search
    let (y, x) = start.quotientAndRemainder(dividingBy: stride)
    let first: Direction = edges[start] & Direction.right.bit != 0 ? .right : .left
    let pixel = first == .right ? y * width + x : (y - 1) * width + x - 1

    var ring: [Point] = []
    var corner = start
    var direction = first
    repeat {
      // The first edge stays until the ring is closed by it.
      if corner != start || direction != first { edges[corner] &= ~direction.bit }
      switch direction {
      case .right: corner += 1
      case .down: corner += stride
      case .left: corner -= 1
      case .up: corner -= stride
      }
      let next = nextDirection(at: corner, after: direction)
      if next != direction {
        let (row, column) = corner.quotientAndRemainder(dividingBy: stride)
        ring.append(Point(x: Double(column), y: Double(row)))
      }
      direction = next
    } while corner != start || direction != first
    edges[start] &= ~first.bit
    return (ring, pixel)
  }

  /// Where the outline goes on. Where two pixels of the mask touch at a corner, there are two ways: turning right
  /// stays with the same pixel.
  private func nextDirection(at corner: Int, after direction: Direction) -> Direction {
    for turn in [1, 0, 3] {
      let next = Direction(rawValue: (direction.rawValue + turn) % 4) ?? direction
      if edges[corner] & next.bit != 0 { return next }
    }
    return direction
  }
}
