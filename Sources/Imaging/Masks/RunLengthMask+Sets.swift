extension RunLengthMask {
  /// The pixels in either mask.
  ///
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
  public func union(_ other: RunLengthMask) throws(RunLengthError) -> RunLengthMask {
    try combined(with: other) { $0 || $1 }
  }

  /// The pixels in both masks.
  ///
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
  public func intersection(_ other: RunLengthMask) throws(RunLengthError) -> RunLengthMask {
    try combined(with: other) { $0 && $1 }
  }

  /// The pixels in this mask that are not in the other.
  ///
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
  public func subtracting(_ other: RunLengthMask) throws(RunLengthError) -> RunLengthMask {
    try combined(with: other) { $0 && !$1 }
  }

  /// The pixels in any of the masks; nil for none.
  ///
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
  public static func union(of masks: [RunLengthMask]) throws(RunLengthError) -> RunLengthMask? {
    guard var result = masks.first else { return nil }
    for mask in masks.dropFirst() { result = try result.union(mask) }
    return result
  }

  /// The pixels in all of the masks; nil for none.
  ///
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
  public static func intersection(of masks: [RunLengthMask]) throws(RunLengthError) -> RunLengthMask? {
    guard var result = masks.first else { return nil }
    for mask in masks.dropFirst() { result = try result.intersection(mask) }
    return result
  }

  /// How many pixels both masks have.
  ///
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
  public func intersectionArea(with other: RunLengthMask) throws(RunLengthError) -> Int {
    try checkSize(of: other)
    var area = 0
    forEachStretch(with: other) { length, inside, otherInside in
      if inside && otherInside { area += length }
    }
    return area
  }

  /// Intersection over union, as COCO's evaluation computes it.
  ///
  /// - Parameters:
  ///   - groundTruth: the other mask.
  ///   - isCrowd: whether the ground truth is a crowd, of which a detection may cover any part: the
  ///     intersection is then divided by this mask's own area.
  /// - Returns: 0 where nothing is shared.
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
  public func intersectionOverUnion(
    with groundTruth: RunLengthMask, isCrowd: Bool = false
  ) throws(RunLengthError) -> Double {
    let shared = try intersectionArea(with: groundTruth)
    guard shared > 0 else { return 0 }
    return Double(shared) / Double(isCrowd ? area : area + groundTruth.area - shared)
  }

  /// All pairs' intersection over union: one row for each detection, one column for each ground truth.
  ///
  /// - Parameter isCrowd: one value for each ground truth; missing ones are false.
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)``.
  public static func intersectionOverUnion(
    detections: [RunLengthMask], groundTruth: [RunLengthMask], isCrowd: [Bool] = []
  ) throws(RunLengthError) -> [[Double]] {
    let boxes = groundTruth.map(\.boundingBox)
    var rows: [[Double]] = []
    rows.reserveCapacity(detections.count)
    for detection in detections {
      let box = detection.boundingBox
      var row = [Double](repeating: 0, count: groundTruth.count)
      for (column, truth) in groundTruth.enumerated() {
        // Most pairs in a picture are apart, which their boxes tell at once.
        if box.overlaps(boxes[column]) {
          let crowd = column < isCrowd.count && isCrowd[column]
          row[column] = try detection.intersectionOverUnion(with: truth, isCrowd: crowd)
        } else {
          try detection.checkSize(of: truth)
        }
      }
      rows.append(row)
    }
    return rows
  }

  private func checkSize(of other: RunLengthMask) throws(RunLengthError) {
    guard width == other.width, height == other.height else {
      throw .sizesDiffer(width: width, height: height, otherWidth: other.width, otherHeight: other.height)
    }
  }

  private func combined(
    with other: RunLengthMask, _ isInside: (Bool, Bool) -> Bool
  ) throws(RunLengthError) -> RunLengthMask {
    try checkSize(of: other)
    var runs = RunBuilder()
    forEachStretch(with: other) { length, inside, otherInside in
      runs.append(length, inside: isInside(inside, otherInside))
    }
    return RunLengthMask(trusted: runs.counts, width: width, height: height)
  }

  /// Calls `body` for each stretch in which both masks stay the same, with its length and the two values.
  @inline(__always)
  private func forEachStretch(with other: RunLengthMask, _ body: (Int, Bool, Bool) -> Void) {
    counts.withUnsafeBufferPointer { first in
      other.counts.withUnsafeBufferPointer { second in
        var i = 0
        var j = 0
        var left = Int(first[0])
        var right = Int(second[0])
        while true {
          let length = min(left, right)
          if length > 0 { body(length, i % 2 == 1, j % 2 == 1) }
          left -= length
          right -= length
          if left == 0 {
            i += 1
            guard i < first.count else { return }
            left = Int(first[i])
          }
          if right == 0 {
            j += 1
            guard j < second.count else { return }
            right = Int(second[j])
          }
        }
      }
    }
  }
}

extension PixelBox {
  /// Whether the boxes share a pixel.
  public func overlaps(_ other: PixelBox) -> Bool {
    x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
  }
}
