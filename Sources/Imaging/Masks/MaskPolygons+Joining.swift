extension MaskPolygons {
  /// The whole mask as one ring, for formats that give an object one ring: holes and parts are joined by bridges of no width,
  /// which are walked once in each direction. Nil for an empty mask.
  ///
  /// By the even-odd rule the ring encloses the same pixels: a bridge, passed twice, changes nothing.
  public var singleRing: [Point]? {
    let parts = withoutHoles.polygons.map(\.outer).filter { !$0.isEmpty }
    guard var ring = parts.first else { return nil }
    for part in parts.dropFirst() {
      let (from, to) = closestCorners(ring, part)
      let walk = part[to...] + part[...to]
      ring.insert(contentsOf: walk + [ring[from]], at: from + 1)
    }
    return ring
  }
}

/// Two corners that are near each other, of at most 128 of each ring, so that rings of thousands of
/// corners do not take millions of steps.
private func closestCorners(_ first: [Point], _ second: [Point]) -> (Int, Int) {
  var best = (first: 0, second: 0, distance: Double.infinity)
  for i in stride(from: 0, to: first.count, by: max(1, first.count / 64)) {
    for j in stride(from: 0, to: second.count, by: max(1, second.count / 64)) {
      let (dx, dy) = (first[i].x - second[j].x, first[i].y - second[j].y)
      if dx * dx + dy * dy < best.distance { best = (i, j, dx * dx + dy * dy) }
    }
  }
  return (best.first, best.second)
}
