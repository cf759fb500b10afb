/// One label for each pixel: masks that do not overlap, in one picture. Label 0 is the ground.
///
/// ```swift
/// let map = try LabelMap(masks, width: 640, height: 480)   // where masks overlap, the later one is seen
/// try map.write(to: "labels.png")
/// try LabelMap(contentsOfFile: "labels.png").masks.count
/// ```
public struct LabelMap: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The labels, height x width: rows from top to bottom.
  public let labels: [UInt32]

  /// A map of given labels.
  ///
  /// - Throws: ``ImageError`` where size and number of labels do not fit.
  public init(width: Int, height: Int, labels: [UInt32]) throws(ImageError) {
    try ImageLimits.standard.check(width: width, height: height, name: "label map")
    guard labels.count == width * height else {
      throw .sampleCount(width: width, height: height, expected: width * height, actual: labels.count)
    }
    self.init(trusted: labels, width: width, height: height)
  }

  init(trusted labels: [UInt32], width: Int, height: Int) {
    self.width = width
    self.height = height
    self.labels = labels
  }

  /// Paints masks one over the other: where they overlap, the later one is seen.
  ///
  /// - Parameter labels: of the masks, above 0; by default mask i gets i + 1.
  /// - Throws: ``RunLengthError/sizesDiffer(width:height:otherWidth:otherHeight:)`` for a mask of another size,
  ///   ``RunLengthError/invalidSize(width:height:)`` for a size beyond ``ImageLimits/standard``.
  public init(
    _ masks: [RunLengthMask], labels numbers: [UInt32]? = nil, width: Int, height: Int
  ) throws(RunLengthError) {
    guard width > 0, height > 0, ImageLimits.standard.allow(width: width, height: height) else {
      throw .invalidSize(width: width, height: height)
    }
    var labels = [UInt32](repeating: 0, count: width * height)
    for (index, mask) in masks.enumerated() {
      guard mask.width == width, mask.height == height else {
        throw .sizesDiffer(width: width, height: height, otherWidth: mask.width, otherHeight: mask.height)
      }
      let label = numbers.flatMap { index < $0.count ? $0[index] : nil } ?? UInt32(index + 1)
      labels.withUnsafeMutableBufferPointer { labels in
        mask.forEachRun { x, rows in
          for y in rows { labels[y * width + x] = label }
        }
      }
    }
    self.init(trusted: labels, width: width, height: height)
  }

  /// The pixels of each label but 0, in the labels' order.
  public var masks: [(label: UInt32, mask: RunLengthMask)] {
    // Stretches of one label down the columns, by label.
    var stretches: [UInt32: [(start: Int, end: Int)]] = [:]
    labels.withUnsafeBufferPointer { labels in
      var current: UInt32 = 0
      var start = 0
      func end(at position: Int) {
        if current != 0 { stretches[current, default: []].append((start, position)) }
      }
      for x in 0..<width {
        for y in 0..<height {
          let label = labels[y * width + x]
          guard label != current else { continue }
          end(at: x * height + y)
          (current, start) = (label, x * height + y)
        }
      }
      end(at: width * height)
    }
    return stretches.sorted { $0.key < $1.key }.map { label, stretches in
      var runs = RunBuilder()
      var position = 0
      for stretch in stretches {
        runs.append(stretch.start - position, inside: false)
        runs.append(stretch.end - stretch.start, inside: true)
        position = stretch.end
      }
      runs.append(width * height - position, inside: false)
      return (label, RunLengthMask(trusted: runs.counts, width: width, height: height))
    }
  }
}

extension RunLengthMask {
  /// Calls `body` for each vertical stretch of pixels inside the mask: its column and its rows. Columns come from left to
  /// right, stretches of a column from top to bottom.
  public func forEachRun(_ body: (_ x: Int, _ rows: Range<Int>) -> Void) {
    var position = 0
    for (index, count) in counts.enumerated() {
      let end = position + Int(count)
      if index % 2 == 1 {
        while position < end {
          let (x, y) = position.quotientAndRemainder(dividingBy: height)
          let length = min(height - y, end - position)
          body(x, y..<y + length)
          position += length
        }
      }
      position = end
    }
  }
}
