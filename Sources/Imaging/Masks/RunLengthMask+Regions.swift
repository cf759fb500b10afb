extension RunLengthMask {
  /// The mask with the connected parts of its complement that have fewer pixels than `area` added to it; nil where there are none.
  ///
  /// The outside counts as such a part (a mask of nearly everything loses its rim). Parts that touch at a corner are
  /// connected, as for ``removingIslands(smallerThan:keepingLargest:)``.
  public func fillingHoles(smallerThan area: Double) -> RunLengthMask? {
    let regions = ColumnRegions(self, inside: false)
    let isSmall = regions.areas.map { Double($0) < area }
    guard isSmall.contains(true) else { return nil }
    return regions.mask { number, inside in inside || isSmall[number] }
  }

  /// The mask without its connected parts that have fewer pixels than `area`; nil where there are none.
  ///
  /// Works on runs: time and memory go with their number and the mask's width, not with its pixels.
  ///
  /// - Parameters:
  ///   - area: the fewest pixels that a part needs to stay.
  ///   - keepingLargest: whether the largest part stays where all are too small; of equally large ones, the first row by row.
  public func removingIslands(smallerThan area: Double, keepingLargest: Bool) -> RunLengthMask? {
    let regions = ColumnRegions(self, inside: true)
    var isSmall = regions.areas.map { Double($0) < area }
    guard isSmall.contains(true) else { return nil }
    if keepingLargest, !isSmall.contains(false), let largest = regions.largest { isSmall[largest] = false }
    return regions.mask { number, inside in inside && !isSmall[number] }
  }
}

/// The 8-connected parts of a mask or of its complement, from runs down the columns that are joined with those they touch in
/// the column before (union-find, as ``Mask/connectedComponents(_:)`` does with rows).
private struct ColumnRegions {
  /// Pixels of each part.
  private(set) var areas: [Int] = []
  /// The number of each part's first pixel row by row.
  private var firsts: [Int] = []
  private var segments: [Segment] = []
  private let width: Int, height: Int

  private struct Segment {
    var column: Int, top: Int, end: Int
    var isInside: Bool
    /// Of the part that it belongs to; -1 for segments of the other kind.
    var part: Int
  }

  init(_ mask: RunLengthMask, inside wanted: Bool) {
    width = mask.width
    height = mask.height
    split(mask)
    var sets = DisjointSets()
    for _ in segments.indices { sets.add() }
    var before = 0..<0
    var start = 0
    while start < segments.count {
      let column = segments[start].column
      var end = start
      while end < segments.count, segments[end].column == column { end += 1 }
      var candidate = before.lowerBound
      for index in start..<end where segments[index].isInside == wanted {
        while candidate < before.upperBound, segments[candidate].end + 1 <= segments[index].top {
          candidate += 1
        }
        var other = candidate
        while other < before.upperBound, segments[other].top < segments[index].end + 1 {
          if segments[other].isInside == wanted { sets.join(index, other) }
          other += 1
        }
      }
      before = start..<end
      start = end
    }
    number(wanted, &sets)
  }

  /// Runs cut at the columns' ends.
  private mutating func split(_ mask: RunLengthMask) {
    var (column, row) = (0, 0)
    for (index, count) in mask.counts.enumerated() {
      var left = Int(count)
      while left > 0 {
        let length = min(left, height - row)
        segments.append(
          Segment(column: column, top: row, end: row + length, isInside: index % 2 == 1, part: -1))
        left -= length
        row += length
        if row == height { (column, row) = (column + 1, 0) }
      }
    }
  }

  private mutating func number(_ wanted: Bool, _ sets: inout DisjointSets) {
    for index in segments.indices where segments[index].isInside == wanted {
      let root = sets.root(of: index)
      if root == index {
        segments[index].part = areas.count
        areas.append(0)
        firsts.append(.max)
      } else {
        segments[index].part = segments[root].part
      }
      let part = segments[index].part
      areas[part] += segments[index].end - segments[index].top
      firsts[part] = min(firsts[part], segments[index].top * width + segments[index].column)
    }
  }

  /// The part with the most pixels.
  var largest: Int? {
    areas.indices.max { (areas[$0], -firsts[$0]) < (areas[$1], -firsts[$1]) }
  }

  /// A mask of the pixels for which `isInside` says so, given the part they belong to and whether they were in the mask.
  func mask(_ isInside: (_ part: Int, _ wasInside: Bool) -> Bool) -> RunLengthMask {
    var runs = RunBuilder()
    for segment in segments {
      let stays = segment.part < 0 ? segment.isInside : isInside(segment.part, segment.isInside)
      runs.append(segment.end - segment.top, inside: stays)
    }
    return RunLengthMask(trusted: runs.counts, width: width, height: height)
  }
}
