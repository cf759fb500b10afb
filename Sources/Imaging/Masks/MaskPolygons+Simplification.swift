extension MaskPolygons {
  /// Outlines with fewer points, none further than `tolerance` pixels from the new lines (Douglas and Peucker,
  /// 1973). Holes that shrink to a line are left out; a part that would is kept as it is.
  public func simplified(tolerance: Double) -> MaskPolygons {
    guard tolerance > 0 else { return self }
    var result = self
    result.polygons = polygons.map { polygon in
      let outer = simplify(polygon.outer, tolerance)
      return Polygon(
        outer: outer.count < 3 ? polygon.outer : outer,
        holes: polygon.holes.map { simplify($0, tolerance) }.filter { $0.count >= 3 })
    }
    return result
  }
}

/// A closed ring's simplification. The first point and the one furthest from it stay.
private func simplify(_ ring: [Point], _ tolerance: Double) -> [Point] {
  guard ring.count > 3 else { return ring }
  let limit = tolerance * tolerance
  let far = ring.indices.max { squaredDistance(ring[$0], ring[0]) < squaredDistance(ring[$1], ring[0]) } ?? 0
  let closed = ring + [ring[0]]
  var isKept = [Bool](repeating: false, count: closed.count)
  isKept[0] = true
  isKept[far] = true
  var spans = [(0, far), (far, ring.count)]
  while let (start, end) = spans.popLast() {
    guard end - start > 1 else { continue }
    var worst = 0.0
    var index = start
    for candidate in start + 1..<end {
      let distance = squaredDistance(closed[candidate], fromSegment: closed[start], closed[end])
      if distance > worst { (worst, index) = (distance, candidate) }
    }
    guard worst > limit else { continue }
    isKept[index] = true
    spans.append((start, index))
    spans.append((index, end))
  }
  return ring.indices.filter { isKept[$0] }.map { ring[$0] }
}

private func squaredDistance(_ a: Point, _ b: Point) -> Double {
  (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)
}

private func squaredDistance(_ point: Point, fromSegment a: Point, _ b: Point) -> Double {
  let length = squaredDistance(a, b)
  guard length > 0 else { return squaredDistance(point, a) }
  let along = ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length
  let t = min(max(along, 0), 1)
  return squaredDistance(point, Point(x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y)))
}
