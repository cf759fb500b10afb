/// How much of each pixel an outline covers, within the part of the picture that it touches.
struct Coverage {
  /// Columns and rows of the picture.
  let x: Int, y: Int, width: Int, height: Int
  /// height x width values, 0…1.
  var values: [Float]

  /// Nil where the outline does not touch the picture.
  ///
  /// Exact areas: each edge adds what it cuts off to the cells it passes, and sums along rows give the coverage (as in
  /// font rasterisers).
  init?(_ outline: Outline, pictureWidth: Int, pictureHeight: Int) {
    var (left, right, top, bottom) = (Float.infinity, -Float.infinity, Float.infinity, -Float.infinity)
    for contour in outline.contours {
      for corner in contour {
        left = min(left, corner.x)
        right = max(right, corner.x)
        top = min(top, corner.y)
        bottom = max(bottom, corner.y)
      }
    }
    let limit = Float(4 * max(pictureWidth, pictureHeight))
    guard left < Float(pictureWidth), right > 0, top < Float(pictureHeight), bottom > 0, left > -limit,
      top > -limit, right < limit, bottom < limit
    else { return nil }
    x = max(0, Int(left.rounded(.down)))
    y = max(0, Int(top.rounded(.down)))
    width = min(pictureWidth, Int(right.rounded(.down)) + 1) - x
    height = min(pictureHeight, Int(bottom.rounded(.down)) + 1) - y
    guard width > 0, height > 0 else { return nil }
    // A column to spare for what an edge in the last one adds to the next.
    let stride = width + 2
    var sums = [Float](repeating: 0, count: stride * height)
    values = [Float](repeating: 0, count: width * height)
    sums.withUnsafeMutableBufferPointer { sums in
      for contour in outline.contours {
        guard var last = contour.last else { continue }
        for corner in contour {
          Self.add(
            Vector(last.x - Float(x), last.y - Float(y)), Vector(corner.x - Float(x), corner.y - Float(y)),
            to: sums, width: width, height: height)
          last = corner
        }
      }
      values.withUnsafeMutableBufferPointer { values in
        for row in 0..<height {
          var sum: Float = 0
          for column in 0..<width {
            sum += sums[row * stride + column]
            values[row * width + column] = min(1, sum.magnitude)
          }
        }
      }
    }
  }

  private static func add(
    _ from: Vector, _ to: Vector, to sums: UnsafeMutableBufferPointer<Float>, width: Int, height: Int
  ) {
    guard from.y != to.y else { return }
    let (direction, upper, lower): (Float, Vector, Vector) =
      from.y < to.y ? (1, from, to) : (-1, to, from)
    let slope = (lower.x - upper.x) / (lower.y - upper.y)
    let first = max(0, Int(upper.y.rounded(.down)))
    let last = min(height - 1, Int(lower.y.rounded(.down)))
    guard first <= last else { return }
    let rightmost = Float(width)
    for row in first...last {
      let top = max(Float(row), upper.y)
      let bottom = min(Float(row + 1), lower.y)
      guard bottom > top else { continue }
      let area = direction * (bottom - top)
      // Left of the picture an edge covers whole rows, right of it nothing.
      let x0 = min(max(upper.x + slope * (top - upper.y), 0), rightmost)
      let x1 = min(max(upper.x + slope * (bottom - upper.y), 0), rightmost)
      let (near, far) = x0 < x1 ? (x0, x1) : (x1, x0)
      let line = row * (width + 2)
      let firstColumn = Int(near)
      let lastColumn = Int(far)
      if firstColumn == lastColumn {
        let middle = (near + far) * 0.5 - Float(firstColumn)
        sums[line + firstColumn] += area * (1 - middle)
        sums[line + firstColumn + 1] += area * middle
      } else {
        let share = area / (far - near)
        var covered: Float = 0
        // What lies right of the edge in each column, as a running sum whose differences are kept.
        for column in firstColumn...lastColumn {
          let begin = max(near, Float(column)) - Float(column)
          let end = min(far, Float(column + 1)) - Float(column)
          let height = share * (end - begin)
          let inside = covered + height * (1 - (begin + end) * 0.5)
          sums[line + column] += inside - covered
          covered += height
          sums[line + column + 1] += covered - inside
        }
      }
    }
  }
}
