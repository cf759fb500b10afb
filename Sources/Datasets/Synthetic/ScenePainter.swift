/// A picture in the making: colours, and for each pixel what is seen there.
struct ScenePainter {
  let width: Int, height: Int
  var red: [Float], green: [Float], blue: [Float]
  /// For each pixel the topmost node, as its number + 1; 0 for nothing that has a mask.
  private(set) var owners: [UInt16]
  /// What has a mask of its own.
  private(set) var nodes: [Node] = []

  /// A thing or part that has a mask.
  struct Node {
    /// What it is part of.
    let parent: Int?
    /// Pixels it was painted on, before others came to lie on it.
    var painted = 0
  }

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    red = [Float](repeating: 0.5, count: width * height)
    green = red
    blue = red
    owners = [UInt16](repeating: 0, count: width * height)
  }

  /// Paints a thing over what is there.
  mutating func paint(_ thing: Thing, _ placement: Placement) {
    paint(thing, placement, parent: nil, within: nil)
  }

  /// - Parameters:
  ///   - parent: the node that the thing is part of.
  ///   - clip: where it can be seen at most.
  private mutating func paint(
    _ thing: Thing, _ placement: Placement, parent: Int?, within clip: Coverage?
  ) {
    var node = parent
    if thing.hasMask, nodes.count < Int(UInt16.max) - 1 {
      node = nodes.count
      nodes.append(Node(parent: parent))
    }
    var inner = clip
    if !thing.outline.contours.isEmpty {
      guard
        var coverage = Coverage(thing.outline.mapped(placement), pictureWidth: width, pictureHeight: height)
      else { return }
      if let clip { coverage.multiply(by: clip) }
      fill(coverage, thing.material, placement, node: node)
      if thing.clipsParts { inner = coverage }
    }
    for part in thing.parts { paint(part, placement, parent: node, within: inner) }
  }

  private mutating func fill(
    _ coverage: Coverage, _ material: Material, _ placement: Placement, node: Int?
  ) {
    let owner = UInt16(node.map { $0 + 1 } ?? 0)
    let columns = width
    var painted = 0
    red.withUnsafeMutableBufferPointer { red in
      green.withUnsafeMutableBufferPointer { green in
        blue.withUnsafeMutableBufferPointer { blue in
          owners.withUnsafeMutableBufferPointer { owners in
            coverage.values.withUnsafeBufferPointer { values in
              SurfaceRow.with(material, on: placement) { surface in
                for row in 0..<coverage.height {
                  let y = coverage.y + row
                  for column in 0..<coverage.width {
                    let share = values[row * coverage.width + column]
                    guard share > 0.004 else { continue }
                    let x = coverage.x + column
                    let (r, g, b) = surface.color(Float(x) + 0.5, Float(y) + 0.5)
                    let pixel = y * columns + x
                    red[pixel] += (r - red[pixel]) * share
                    green[pixel] += (g - green[pixel]) * share
                    blue[pixel] += (b - blue[pixel]) * share
                    if share >= 0.5 {
                      owners[pixel] = owner
                      painted += 1
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    if let node { nodes[node].painted += painted }
  }

  /// Darkens where a thing's shadow falls.
  ///
  /// - Parameters:
  ///   - offset: from the thing to its shadow, in pixels.
  ///   - blur: how soft the shadow is, in pixels.
  mutating func shade(
    _ thing: Thing, _ placement: Placement, offset: Vector, blur: Int, strength: Float
  ) {
    var moved = placement
    moved.e += offset.x
    moved.f += offset.y
    guard
      var coverage = Coverage(thing.silhouette.mapped(moved), pictureWidth: width, pictureHeight: height)
    else { return }
    coverage.blur(blur, pictureWidth: width, pictureHeight: height)
    for row in 0..<coverage.height {
      for column in 0..<coverage.width {
        let light = 1 - strength * coverage.values[row * coverage.width + column]
        let pixel = (coverage.y + row) * width + coverage.x + column
        red[pixel] *= light
        green[pixel] *= light
        blue[pixel] *= light
      }
    }
  }
}

extension Thing {
  /// The outlines that make its outer shape, all the same way round.
  var silhouette: Outline {
    if !outline.contours.isEmpty { return outline }
    var result = Outline.nothing
    for part in parts {
      let contours = part.silhouette.contours
      let isReversed = (contours.first?.signedArea ?? 0) < 0
      result.contours += isReversed ? contours.map { $0.reversed() } : contours
    }
    return result
  }
}

extension [Vector] {
  /// Twice the area inside, negative where the corners go round the other way.
  fileprivate var signedArea: Float {
    guard var last = last else { return 0 }
    var sum: Float = 0
    for corner in self {
      sum += last.x * corner.y - corner.x * last.y
      last = corner
    }
    return sum
  }
}

extension Coverage {
  /// Leaves what is inside the other one, too.
  mutating func multiply(by other: Coverage) {
    for row in 0..<height {
      let otherRow = y + row - other.y
      for column in 0..<width {
        let otherColumn = x + column - other.x
        let isInside =
          otherRow >= 0 && otherRow < other.height && otherColumn >= 0 && otherColumn < other.width
        values[row * width + column] *= isInside ? other.values[otherRow * other.width + otherColumn] : 0
      }
    }
  }

  /// Spreads the values over squares of 2 · radius + 1 pixels, twice.
  mutating func blur(_ radius: Int, pictureWidth: Int, pictureHeight: Int) {
    guard radius > 0 else { return }
    let margin = 2 * radius
    let left = max(0, x - margin), top = max(0, y - margin)
    let right = min(pictureWidth, x + width + margin), bottom = min(pictureHeight, y + height + margin)
    let (wide, high) = (right - left, bottom - top)
    var grown = [Float](repeating: 0, count: wide * high)
    for row in 0..<height {
      for column in 0..<width {
        grown[(row + y - top) * wide + column + x - left] = values[row * width + column]
      }
    }
    for _ in 0..<2 { BoxBlur.apply(to: &grown, width: wide, height: high, radius: radius) }
    self = Coverage(x: left, y: top, width: wide, height: high, values: grown)
  }

  private init(x: Int, y: Int, width: Int, height: Int, values: [Float]) {
    (self.x, self.y, self.width, self.height, self.values) = (x, y, width, height, values)
  }
}

/// Means over squares.
enum BoxBlur {
  /// Replaces each value by the mean over 2 · radius + 1 rows and columns; the border's values go on beyond it.
  static func apply(to values: inout [Float], width: Int, height: Int, radius: Int) {
    let scale = 1 / Float(2 * radius + 1)
    var line = [Float](repeating: 0, count: max(width, height))
    values.withUnsafeMutableBufferPointer { values in
      line.withUnsafeMutableBufferPointer { line in
        for y in 0..<height {
          let row = UnsafeMutableBufferPointer(rebasing: values[y * width..<(y + 1) * width])
          var sum = row[0] * Float(radius)
          for x in 0...radius { sum += row[min(x, width - 1)] }
          for x in 0..<width {
            line[x] = sum * scale
            sum += row[min(x + radius + 1, width - 1)] - row[max(x - radius, 0)]
          }
          for x in 0..<width { row[x] = line[x] }
        }
      }
    }
    // Down the columns, all columns of a row at a time.
    let source = values
    values.withUnsafeMutableBufferPointer { values in
      source.withUnsafeBufferPointer { source in
        var sums = [Float](repeating: 0, count: width)
        sums.withUnsafeMutableBufferPointer { sums in
          for x in 0..<width { sums[x] = source[x] * Float(radius) }
          for y in 0...radius {
            let row = min(y, height - 1) * width
            for x in 0..<width { sums[x] += source[row + x] }
          }
          for y in 0..<height {
            let next = min(y + radius + 1, height - 1) * width
            let last = max(y - radius, 0) * width
            for x in 0..<width {
              values[y * width + x] = sums[x] * scale
              sums[x] += source[next + x] - source[last + x]
            }
          }
        }
      }
    }
  }
}
