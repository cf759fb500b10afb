/// A row of pixels of a surface, worked out a pixel at a time.
struct SurfaceRow {
  private let material: Material
  private let cos: Float, sin: Float, inverse: Float
  private let clouds: UnsafePointer<Float>, grain: UnsafePointer<Float>
  /// From pixels to the thing's own frame.
  private let frame: Placement
  private let middle: Vector

  /// Calls `body` with a shader for a material on a thing.
  static func with(
    _ material: Material, on placement: Placement, _ body: (SurfaceRow) -> Void
  ) {
    // The table that the pattern looks up, and that of the roughness.
    var table = NoiseTable.clouds
    if case .noise(let own, _) = material.pattern { table = own }
    table.values.withUnsafeBufferPointer { clouds in
      NoiseTable.grain.values.withUnsafeBufferPointer { grain in
        guard let clouds = clouds.baseAddress, let grain = grain.baseAddress else { return }
        body(SurfaceRow(material, placement, clouds: clouds, grain: grain))
      }
    }
  }

  private init(
    _ material: Material, _ placement: Placement, clouds: UnsafePointer<Float>, grain: UnsafePointer<Float>
  ) {
    self.material = material
    (cos, sin) = (cosine(turns: material.turns), sine(turns: material.turns))
    inverse = 1 / material.period
    (self.clouds, self.grain) = (clouds, grain)
    frame = placement.inverse
    middle = Vector(placement.e, placement.f)
  }

  /// The colour at a pixel.
  @inline(__always)
  func color(_ x: Float, _ y: Float) -> (Float, Float, Float) {
    let (dx, dy) = (x - middle.x, y - middle.y)
    let p = (dx * cos + dy * sin) * inverse
    let q = (dy * cos - dx * sin) * inverse
    let share = self.share(p, q)
    let (a, b) = (material.first, material.second)
    var light = self.light(x, y)
    if material.roughness > 0 {
      light *=
        1 + material.roughness * (NoiseTable.sample(grain, x * 1.7 + material.offset.y, y * 1.7) - 0.5) * 3
    }
    let shine = max(0, light - 1.35)
    light = min(light, 1.35)
    return (
      (a.red + (b.red - a.red) * share) * light + shine,
      (a.green + (b.green - a.green) * share) * light + shine,
      (a.blue + (b.blue - a.blue) * share) * light + shine
    )
  }

  /// How much of the second colour is at a place of the pattern.
  @inline(__always)
  private func share(_ p: Float, _ q: Float) -> Float {
    let (ox, oy) = (material.offset.x, material.offset.y)
    switch material.pattern {
    case .plain: return 0
    case .gradient: return unit(p + 0.5)
    case .radial: return unit(p * p + q * q)
    case .noise(_, let sharpness):
      let value = NoiseTable.sample(clouds, p + ox, q + oy) - 0.5
      return unit(value * (0.8 + sharpness) + 0.5)
    case .marble:
      let value = NoiseTable.sample(clouds, p + ox, q + oy)
      return unit(1 - (value - 0.5).magnitude * 9)
    case .stripes(let share, let softness, let bend):
      var place = p + ox
      if bend > 0 { place += bend * NoiseTable.sample(clouds, p * 8 + ox, q * 8 + oy) }
      return stripe(place, share, softness)
    case .checks:
      let cell = (p + ox).rounded(.down) + (q + oy).rounded(.down)
      return cell - 2 * (cell * 0.5).rounded(.down)
    case .plaid(let share):
      return 0.5 * stripe(p + ox, share, 0.05) + 0.5 * stripe(q + oy, share, 0.05)
    case .dots(let radius):
      let row = (q + oy).rounded(.down)
      let shift = (row - 2 * (row * 0.5).rounded(.down)) * 0.5
      let u = p + ox + shift
      let (cx, cy) = (u - u.rounded(.down) - 0.5, q + oy - row - 0.5)
      return unit((radius * radius * 0.25 - cx * cx - cy * cy) * 40)
    case .bricks(let joint):
      let row = (q * 2 + oy).rounded(.down)
      let shift = (row - 2 * (row * 0.5).rounded(.down)) * 0.5
      let u = p + ox + shift
      let (cx, cy) = (u - u.rounded(.down), q * 2 + oy - row)
      if cx < joint || cy < joint * 2 { return 1 }
      // Each brick has a shade of its own.
      return 0.5 * NoiseTable.sample(grain, u.rounded(.down) * 5.3, row * 7.7)
    }
  }

  @inline(__always)
  private func stripe(_ place: Float, _ share: Float, _ softness: Float) -> Float {
    let phase = place - place.rounded(.down)
    // The distance to the stripe's middle, as a share of the period.
    return unit((share * 0.5 - (phase - 0.5).magnitude) / softness + 0.5)
  }

  @inline(__always)
  private func light(_ x: Float, _ y: Float) -> Float {
    switch material.shading {
    case .none: return 1
    case .slope(let direction):
      let at = frame(Vector(x, y))
      return 1 + 0.35 * max(-1.2, min(1.2, direction.x * at.x + direction.y * at.y))
    case .ball(let direction, let highlight):
      let at = frame(Vector(x, y))
      let height = max(0, 1.1 - at.x * at.x - at.y * at.y).squareRoot()
      return Self.lit(direction.x * at.x + direction.y * at.y + 0.65 * height, highlight)
    case .cylinder(let direction, let highlight):
      let at = frame(Vector(x, y))
      let height = max(0, 1.1 - at.x * at.x).squareRoot()
      return Self.lit(direction * at.x + 0.65 * height, highlight)
    }
  }

  /// Brightness from the angle between surface and light (as its cosine).
  @inline(__always)
  private static func lit(_ cosine: Float, _ highlight: Float) -> Float {
    let bright = max(0, min(1, cosine))
    let square = bright * bright
    let fourth = square * square
    return 0.5 + 0.62 * bright + highlight * fourth * fourth * fourth
  }
}
