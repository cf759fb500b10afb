/// A position in a thing's own frame (about -1…1, y down) or in the picture's pixels.
struct Vector: Equatable {
  var x: Float, y: Float
  init(_ x: Float, _ y: Float) { (self.x, self.y) = (x, y) }
}

/// An affine map.
struct Placement: Equatable {
  /// x' = a x + b y + e, y' = c x + d y + f
  var a: Float, b: Float, c: Float, d: Float, e: Float, f: Float

  /// Scales, then rotates by turns (clockwise as seen), then moves.
  init(scaleX: Float, scaleY: Float, turns: Float, x: Float, y: Float) {
    let (sin, cos) = (sine(turns: turns), cosine(turns: turns))
    (a, b, e) = (cos * scaleX, -sin * scaleY, x)
    (c, d, f) = (sin * scaleX, cos * scaleY, y)
  }

  func callAsFunction(_ p: Vector) -> Vector { Vector(a * p.x + b * p.y + e, c * p.x + d * p.y + f) }

  /// The map back; the scales are not 0.
  var inverse: Placement {
    var result = self
    let determinant = a * d - b * c
    (result.a, result.b) = (d / determinant, -b / determinant)
    (result.c, result.d) = (-c / determinant, a / determinant)
    result.e = -(result.a * e + result.b * f)
    result.f = -(result.c * e + result.d * f)
    return result
  }
}

/// The area inside one or more closed curves, which are lists of corners; a curve the other way round cuts a hole.
struct Outline: Equatable {
  var contours: [[Vector]]

  init(contours: [[Vector]]) { self.contours = contours }

  init(_ contour: [Vector]) { contours = [contour] }

  /// No area: for a thing that consists of its parts alone.
  static let nothing = Outline(contours: [])

  func mapped(_ placement: Placement) -> Outline {
    var result = self
    result.contours = contours.map { $0.map { placement($0) } }
    return result
  }

  /// Moved, scaled and turned within the same frame.
  func at(_ x: Float, _ y: Float, _ scaleX: Float, _ scaleY: Float, turns: Float = 0) -> Outline {
    mapped(Placement(scaleX: scaleX, scaleY: scaleY, turns: turns, x: x, y: y))
  }

  /// With another outline cut out of it.
  func cutting(_ hole: Outline) -> Outline {
    var result = self
    result.contours += hole.contours.map { $0.reversed() }
    return result
  }
}

// MARK: - Shapes of the unit frame

extension Outline {
  static func ellipse(corners: Int = 28) -> Outline {
    Outline(
      (0..<corners).map { index in
        let turns = Float(index) / Float(corners)
        return Vector(cosine(turns: turns), sine(turns: turns))
      })
  }

  static func rectangle() -> Outline {
    Outline([Vector(-1, -1), Vector(1, -1), Vector(1, 1), Vector(-1, 1)])
  }

  /// - Parameter radius: of the corners, 0…1 of half a side.
  static func roundedRectangle(radius: Float) -> Outline {
    var corners: [Vector] = []
    for (quarter, centre) in [Vector(1, 1), Vector(-1, 1), Vector(-1, -1), Vector(1, -1)].enumerated() {
      for step in 0...4 {
        let turns = (Float(quarter) + Float(step) / 4) / 4
        corners.append(
          Vector(
            centre.x * (1 - radius) + radius * cosine(turns: turns),
            centre.y * (1 - radius) + radius * sine(turns: turns)))
      }
    }
    return Outline(corners)
  }

  /// Narrower or wider at the top than below, where both are shares of the frame's width.
  static func trapezoid(top: Float, bottom: Float) -> Outline {
    Outline([Vector(-top, -1), Vector(top, -1), Vector(bottom, 1), Vector(-bottom, 1)])
  }

  static func triangle(tip: Float = 0) -> Outline {
    Outline([Vector(tip, -1), Vector(1, 1), Vector(-1, 1)])
  }

  /// A corner-rich polygon around the middle, star-shaped with respect to it.
  static func polygon(_ random: inout SceneRandom, corners: Int, roughness: Float) -> Outline {
    Outline(
      (0..<corners).map { index in
        let turns = (Float(index) + random.uniform(-0.35, 0.35)) / Float(corners)
        let radius = 1 - roughness * random.uniform(0, 1)
        return Vector(radius * cosine(turns: turns), radius * sine(turns: turns))
      })
  }

  /// A smooth closed curve: a circle with a few waves around it.
  static func blob(_ random: inout SceneRandom, roughness: Float, corners: Int = 40) -> Outline {
    let waves = (2...6).map { wave in
      (Float(wave), roughness * random.uniform(-1, 1) / Float(wave), random.uniform(0, 1))
    }
    return Outline(
      (0..<corners).map { index in
        let turns = Float(index) / Float(corners)
        var radius: Float = 0.85
        for (wave, height, phase) in waves { radius += height * sine(turns: wave * turns + phase) }
        return Vector(radius * cosine(turns: turns), radius * sine(turns: turns))
      })
  }

  static func star(points: Int, depth: Float) -> Outline {
    Outline(
      (0..<2 * points).map { index in
        let turns = Float(index) / Float(2 * points) - 0.25
        let radius: Float = index % 2 == 0 ? 1 : 1 - depth
        return Vector(radius * cosine(turns: turns), radius * sine(turns: turns))
      })
  }

  /// A silhouette that is the same left and right, of a width that changes smoothly from top to bottom: a vase, a pear,
  /// a bottle.
  static func turned(_ random: inout SceneRandom, knots: Int) -> Outline {
    let widths = (0...knots).map { _ in random.uniform(0.3, 1) }
    let steps = 24
    let side = (0...steps).map { step -> Vector in
      let position = Float(step) / Float(steps) * Float(knots)
      let knot = min(Int(position), knots - 1)
      let part = position - Float(knot)
      let blend = part * part * (3 - 2 * part)
      return Vector(
        widths[knot] + (widths[knot + 1] - widths[knot]) * blend, 2 * Float(step) / Float(steps) - 1)
    }
    return Outline(side + side.reversed().map { Vector(-$0.x, $0.y) })
  }

  /// A bent band from left to right, of a width that tapers: a limb, a tail, a banana, a pipe.
  static func band(_ random: inout SceneRandom, width: Float, bend: Float) -> Outline {
    let steps = 14
    let (taper, middle) = (random.uniform(0.3, 1), random.uniform(0, 0.5))
    var upper: [Vector] = []
    var lower: [Vector] = []
    for step in 0...steps {
      let t = Float(step) / Float(steps)
      let x = 2 * t - 1
      let centre = bend * (x * x - 0.5)
      let ends = (1 - x * x * x * x * x * x * x * x * x * x).squareRoot()
      let half = width * (1 + (taper - 1) * t + middle * (1 - x * x)) * ends
      // Across the curve, not straight up.
      let slope = 2 * bend * x
      let length = (1 + slope * slope).squareRoot()
      upper.append(Vector(x + slope / length * half, centre - half / length))
      lower.append(Vector(x - slope / length * half, centre + half / length))
    }
    return Outline(upper + lower.reversed())
  }
}
