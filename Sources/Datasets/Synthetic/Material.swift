/// What a surface looks like: two colours, where each of them is, and how light falls on it.
struct Material {
  /// Where the second colour is.
  enum Pattern {
    /// Nowhere.
    case plain
    /// More and more along the pattern's x.
    case gradient
    /// More and more away from the middle.
    case radial
    /// In soft shapes; `sharpness` from 1 (soft) to 8 (patches).
    case noise(NoiseTable, sharpness: Float)
    /// In veins.
    case marble
    /// In stripes across x: a share of each period, with edges of some softness, bent by noise.
    case stripes(share: Float, softness: Float, bend: Float)
    /// In every other square.
    case checks
    /// In both of two crossing sets of stripes, half as strong where they do not cross.
    case plaid(share: Float)
    /// In discs of a radius (of half a period).
    case dots(radius: Float)
    /// In the joints of bricks; each brick a little different.
    case bricks(joint: Float)
  }

  /// How light falls on the thing.
  enum Shading {
    case none
    /// Brighter towards one side.
    case slope(Vector)
    /// As on a ball, with the light's direction and a highlight of some strength.
    case ball(Vector, highlight: Float)
    /// As on an upright cylinder.
    case cylinder(Float, highlight: Float)
  }

  var first: Tint
  var second: Tint
  var pattern: Pattern
  /// Pixels of a period, or of a noise table's value.
  var period: Float
  /// Of the pattern, in turns, and its place.
  var turns: Float = 0
  var offset = Vector(0, 0)
  /// Changes of brightness from pixel to pixel.
  var roughness: Float = 0
  var shading: Shading = .none

  init(_ first: Tint, _ second: Tint, _ pattern: Pattern, period: Float) {
    (self.first, self.second, self.pattern, self.period) = (first, second, pattern, period)
  }
}

// MARK: - Choosing

extension Material {
  /// What a thing's surface may be.
  ///
  /// - Parameter size: the thing's radius in pixels.
  static func surface(
    _ color: Tint, _ palette: Palette, size: Float, _ random: inout SceneRandom
  ) -> Material {
    let near = color.scaled(random.uniform(0.6, 1.45)).mixed(palette.color(&random), random.uniform(0, 0.15))
    let far = palette.related(to: color, &random)
    var material: Material
    switch random.integer(0...19) {
    case 0...5:
      material = Material(color, near, .noise(.clouds, sharpness: 1), period: random.uniform(0.15, 1.2))
    case 6...7: material = Material(color, near, .plain, period: 1)
    case 8...9: material = Material(color, near, .gradient, period: size * random.uniform(1.5, 3))
    case 10...11:
      material = Material(
        color, near, .noise(.grain, sharpness: random.uniform(1, 3)), period: random.uniform(0.4, 1.5))
    case 12:
      material = Material(
        color, far, .noise(.clouds, sharpness: random.uniform(3, 8)), period: size * 0.008 + 0.1)
    case 13: material = Material(color, near, .marble, period: random.uniform(0.3, 1))
    case 14...15:
      material = Material(
        color, far,
        .stripes(
          share: random.uniform(0.2, 0.6), softness: random.uniform(0.02, 0.3), bend: random.skewed(0, 2)),
        period: max(4, size * random.uniform(0.15, 0.6)))
    case 16: material = Material(color, far, .checks, period: max(5, size * random.uniform(0.2, 0.6)))
    case 17:
      material = Material(
        color, far, .plaid(share: random.uniform(0.2, 0.5)), period: max(5, size * random.uniform(0.2, 0.5)))
    case 18:
      material = Material(
        color, far, .dots(radius: random.uniform(0.4, 0.8)), period: max(5, size * random.uniform(0.2, 0.5)))
    default: material = Material(color, near, .radial, period: size * random.uniform(0.8, 1.5))
    }
    material.place(&random)
    return material
  }

  /// What fills much of the picture.
  static func background(_ palette: Palette, size: Float, _ random: inout SceneRandom) -> Material {
    let color = palette.backgroundColor(&random)
    let near = color.scaled(random.uniform(0.55, 1.5))
    let other = palette.backgroundColor(&random)
    var material: Material
    switch random.integer(0...13) {
    case 0...2:
      material = Material(color, near, .noise(.clouds, sharpness: 1), period: random.uniform(0.3, 2.5))
    case 3...4: material = Material(color, near, .noise(.soft, sharpness: 1), period: random.uniform(1, 2.5))
    case 5...6: material = Material(color, other, .gradient, period: size * random.uniform(0.7, 2))
    case 7...8:
      material = Material(
        color, near, .noise(.grain, sharpness: random.uniform(1, 2.5)), period: random.uniform(0.4, 1.6))
    case 9:
      material = Material(
        color, near,
        .stripes(
          share: random.uniform(0.1, 0.5), softness: random.uniform(0.02, 0.2), bend: random.skewed(0, 3)),
        period: random.uniform(8, size * 0.2))
    case 10:
      material = Material(
        color, near, .bricks(joint: random.uniform(0.04, 0.12)), period: random.uniform(10, size * 0.15))
    case 11: material = Material(color, near, .marble, period: random.uniform(0.4, 1.5))
    case 12: material = Material(color, near, .checks, period: random.uniform(10, size * 0.2))
    default:
      material = Material(color, other, .noise(.clouds, sharpness: 3), period: random.uniform(0.8, 2.5))
    }
    material.place(&random)
    return material
  }

  /// A plain surface for small things: eyes, buttons, labels.
  static func detail(_ color: Tint, _ random: inout SceneRandom) -> Material {
    var material = Material(
      color, color.scaled(random.uniform(0.8, 1.2)), .noise(.clouds, sharpness: 1), period: 0.6)
    material.place(&random)
    return material
  }

  private mutating func place(_ random: inout SceneRandom) {
    turns = random.chance(0.4) ? Float(random.integer(0...3)) * 0.25 : random.uniform(0, 1)
    if case .bricks = pattern { turns = 0.02 * random.normal() }
    offset = Vector(random.uniform(0, 1000), random.uniform(0, 1000))
    roughness = random.chance(0.5) ? random.skewed(0, 0.12) : 0
  }
}
