public import Imaging

/// What dataset statistics ask of a mask: where it lies, how large it is, how far it bends in.
public struct MaskShape: Sendable, Equatable {
  /// Size of the image.
  public let width: Int, height: Int
  /// Pixels of the mask; not 0.
  public let area: Int
  /// Sums of the pixels' columns and rows.
  public let sumX: Int, sumY: Int
  /// The smallest box around the mask.
  public let box: PixelBox
  /// Twice the area of the convex hull of all pixels' corners.
  public let doubledHullArea: Int

  /// Measures a mask; nil for an empty one.
  public init?(_ mask: BitMask) {
    let box = mask.boundingBox
    guard box.width > 0 else { return nil }
    (width, height, self.box) = (mask.width, mask.height, box)
    var (area, sumX, sumY) = (0, 0, 0)
    var spans: [(row: Int, left: Int, right: Int)] = []
    let perRow = mask.wordsPerRow
    for y in box.y..<box.y + box.height {
      var (left, right, inRow) = (Int.max, -1, 0)
      for word in 0..<perRow {
        var bits = mask.words[y * perRow + word]
        while bits != 0 {
          let x = word * 64 + bits.trailingZeroBitCount
          if left == .max { left = x }
          right = x
          sumX += x
          inRow += 1
          bits &= bits - 1
        }
      }
      guard inRow > 0 else { continue }
      area += inRow
      sumY += inRow * y
      spans.append((y, left, right + 1))
    }
    (self.area, self.sumX, self.sumY) = (area, sumX, sumY)
    doubledHullArea = ConvexHull.doubledArea(ofRows: spans)
  }

  /// The mean of the pixels' centres, in XY pixels.
  public var centroid: Point {
    Point(x: Double(sumX) / Double(area) + 0.5, y: Double(sumY) / Double(area) + 0.5)
  }

  /// √(area / image area), as in figure 6 of the paper.
  public var relativeSize: Double { Self.relativeSize(area: area, pixels: width * height) }

  static func relativeSize(area: Int, pixels: Int) -> Double { (Double(area) / Double(pixels)).squareRoot() }

  /// 1 - area / area of the convex hull: 0 for a rectangle, never negative.
  public var concavity: Double { Self.concavity(area: area, doubledHullArea: doubledHullArea) }

  static func concavity(area: Int, doubledHullArea: Int) -> Double {
    1 - Double(2 * area) / Double(doubledHullArea)
  }

  /// The cell of a grid of `cells` x `cells` over the image that holds the centroid, worked out in whole numbers.
  public func cell(ofCentroidIn cells: Int) -> (row: Int, column: Int) {
    (
      min(cells - 1, cells * (2 * sumY + area) / (2 * area * height)),
      min(cells - 1, cells * (2 * sumX + area) / (2 * area * width))
    )
  }

  /// The cell that holds the middle of the box.
  public func cell(ofBoxCentreIn cells: Int) -> (row: Int, column: Int) {
    (
      min(cells - 1, cells * (2 * box.y + box.height) / (2 * height)),
      min(cells - 1, cells * (2 * box.x + box.width) / (2 * width))
    )
  }
}

/// The convex hull of a set of pixels given by what each row spans.
enum ConvexHull {
  /// Twice the hull's area, exactly.
  ///
  /// - Parameter rows: from top to bottom, each with its left and right edge.
  static func doubledArea(ofRows rows: [(row: Int, left: Int, right: Int)]) -> Int {
    // Corners in the order of their height: a chain on either side (Andrew 1979).
    let left = chain(rows.flatMap { [(x: $0.left, y: $0.row), (x: $0.left, y: $0.row + 1)] }, side: 1)
    let right = chain(rows.flatMap { [(x: $0.right, y: $0.row), (x: $0.right, y: $0.row + 1)] }, side: -1)
    let outline = left + right.reversed()
    var area = 0
    for (index, corner) in outline.enumerated() {
      let next = outline[(index + 1) % outline.count]
      area += corner.x * next.y - next.x * corner.y
    }
    return abs(area)
  }

  /// - Parameter side: 1 for the chain on the left, -1 for that on the right.
  private static func chain(_ corners: [(x: Int, y: Int)], side: Int) -> [(x: Int, y: Int)] {
    var hull: [(x: Int, y: Int)] = []
    for corner in corners {
      while hull.count >= 2 {
        let (a, b) = (hull[hull.count - 2], hull[hull.count - 1])
        let turn = (b.x - a.x) * (corner.y - a.y) - (b.y - a.y) * (corner.x - a.x)
        if turn * side < 0 { break }
        hull.removeLast()
      }
      if let last = hull.last, last == corner { continue }
      hull.append(corner)
    }
    return hull
  }
}
