extension MaskPolygons {
  /// The same areas without holes, for formats that know only simple rings: each hole is joined to what surrounds
  /// it by a bridge of no width, which is walked once in each direction.
  public var withoutHoles: MaskPolygons {
    var result = self
    result.polygons = polygons.map { polygon in
      polygon.holes.isEmpty ? polygon : Polygon(outer: openHoles(polygon))
    }
    return result
  }
}

private func openHoles(_ polygon: Polygon) -> [Point] {
  // A bridge goes left from a hole's leftmost point. From left to right, whatever it meets is part of the ring
  // already.
  let holes = polygon.holes.compactMap { hole -> (start: Int, ring: [Point])? in
    hole.indices.min { (hole[$0].x, hole[$0].y) < (hole[$1].x, hole[$1].y) }.map { ($0, hole) }
  }
  var ring = polygon.outer
  for hole in holes.sorted(by: { $0.ring[$0.start].x < $1.ring[$1.start].x }) {
    let end = hole.ring[hole.start]
    guard let bridge = firstCrossing(leftOf: end, in: ring) else { continue }
    let walk = hole.ring[hole.start...] + hole.ring[...hole.start]
    ring.insert(contentsOf: [bridge.point] + walk + [bridge.point], at: bridge.edge + 1)
  }
  return ring
}

/// Where a line to the left first meets a ring, and the index of the edge that it meets there (from that point to
/// the next).
private func firstCrossing(leftOf point: Point, in ring: [Point]) -> (point: Point, edge: Int)? {
  var best: (point: Point, edge: Int)?
  for index in ring.indices {
    let a = ring[index]
    let b = ring[(index + 1) % ring.count]
    // Half-open, so that a corner is met by one of its two edges.
    guard (a.y <= point.y) != (b.y <= point.y) else { continue }
    let x = a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x)
    guard x <= point.x, x > best?.point.x ?? -.infinity else { continue }
    best = (Point(x: x, y: point.y), index)
  }
  return best
}
