extension RunLengthMask {
  /// The mask of polygons as COCO's tools draw it, bit for bit: the union of rings given as lists of x and y.
  ///
  /// This is not the same as ``MaskPolygons/mask``: COCO walks the outline on a grid five times finer and rounds
  /// there. For outlines along pixels' edges both agree.
  ///
  /// - Parameter polygons: each x0, y0, x1, y1, …; annotations with several parts have several.
  /// - Throws: ``PolygonError``.
  public init(polygons: [[Double]], width: Int, height: Int) throws(PolygonError) {
    guard width > 0, height > 0, ImageLimits.standard.allow(width: width, height: height) else {
      throw .invalidSize(width: width, height: height)
    }
    var result = RunLengthMask(trusted: [UInt32(width * height)], width: width, height: height)
    for (index, coordinates) in polygons.enumerated() {
      let runs = try Self.runs(of: coordinates, width: width, height: height)
      let part = RunLengthMask(trusted: runs, width: width, height: height)
      // The sizes are equal by construction.
      result = index == 0 ? part : (try? result.union(part)) ?? result
    }
    self = result
  }

  private static func runs(
    of coordinates: [Double], width: Int, height: Int
  ) throws(PolygonError) -> [UInt32] {
    guard coordinates.count % 2 == 0 else { throw .oddCount(coordinates.count) }
    for value in coordinates { try PolygonError.check(value) }
    let fine = coordinates.map { Int(5 * $0 + 0.5) }
    let points = stride(from: 0, to: fine.count, by: 2).map { FinePoint(x: fine[$0], y: fine[$0 + 1]) }
    // Where the outline crosses the middle of a column, the column changes sides from there on down.
    var changes: [Int] = []
    for (index, point) in points.enumerated() {
      let edge = FineEdge(from: point, to: points[(index + 1) % points.count])
      edge.forEachCrossing(ofColumns: width) { column, fineRow in
        let row = min(max((Double(fineRow) + 0.5) / 5 - 0.5, 0), Double(height)).rounded(.up)
        changes.append(column * height + Int(row))
      }
    }
    changes.sort()
    var runs = RunBuilder()
    var position = 0
    var inside = false
    for change in changes {
      runs.append(change - position, inside: inside)
      position = change
      inside.toggle()
    }
    runs.append(width * height - position, inside: inside)
    return runs.counts
  }
}

/// A position on the grid that is five times finer than the pixels.
private struct FinePoint {
  var x: Int
  var y: Int
}

/// A straight edge on the fine grid, walked one step at a time along its longer axis.
private struct FineEdge {
  /// The end with the smaller coordinate along the longer axis.
  private let start: FinePoint
  private let end: FinePoint
  private let isFlat: Bool
  private let slope: Double

  init(from a: FinePoint, to b: FinePoint) {
    isFlat = abs(a.x - b.x) >= abs(a.y - b.y)
    let isReversed = isFlat ? a.x > b.x : a.y > b.y
    (start, end) = isReversed ? (b, a) : (a, b)
    slope =
      isFlat
      ? Double(end.y - start.y) / Double(end.x - start.x) : Double(end.x - start.x) / Double(end.y - start.y)
  }

  /// The position across the longer axis after some steps. Rounding is towards zero, also below it.
  private func across(_ steps: Int) -> Int {
    Int(Double(isFlat ? start.y : start.x) + slope * Double(steps) + 0.5)
  }

  /// Calls `body` with each column whose middle the edge crosses, and the upper fine row of the two steps around
  /// the crossing.
  func forEachCrossing(ofColumns width: Int, _ body: (Int, Int) -> Void) {
    guard start.x != end.x else { return }
    let left = isFlat ? start.x : min(start.x, across(end.y - start.y))
    let right = isFlat ? end.x : max(start.x, across(end.y - start.y))
    // The middle of column c lies between the fine positions 5 c + 2 and 5 c + 3.
    let first = max(0, (left + 2) / 5)
    let last = min(width - 1, (right - 3) / 5)
    guard right >= 3, first <= last else { return }
    for column in first...last {
      let fine = 5 * column + 2
      if isFlat {
        body(column, min(across(fine - start.x), across(fine + 1 - start.x)))
      } else {
        body(column, start.y + stepBefore(fine))
      }
    }
  }

  /// In a steep edge, the last step before it passes from the fine position `fine` to the next or back.
  private func stepBefore(_ fine: Int) -> Int {
    var low = 0
    var high = end.y - start.y
    while high - low > 1 {
      let middle = (low + high) / 2
      let hasPassed = slope > 0 ? across(middle) > fine : across(middle) <= fine
      if hasPassed { high = middle } else { low = middle }
    }
    return low
  }
}
