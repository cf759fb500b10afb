internal import Imaging

/// Makes one scene: chooses a background and things, and paints them from the back to the front.
struct SceneMaker {
  private var random: SceneRandom
  private let palette: Palette
  private var painter: ScenePainter
  private let width: Float, height: Float
  /// Towards the light, across the picture.
  private let light: Vector
  /// How dark shadows are; 0 for diffuse light.
  private let shadow: Float

  init(width: Int, height: Int, seed: UInt64, scene: Int) {
    random = SceneRandom(seed: seed, scene: scene)
    palette = Palette(&random)
    painter = ScenePainter(width: width, height: height)
    (self.width, self.height) = (Float(width), Float(height))
    let turns = random.uniform(0.5, 1)
    light = Vector(0.75 * cosine(turns: turns), 0.75 * sine(turns: turns))
    shadow = random.chance(0.75) ? random.uniform(0.15, 0.6) : 0
  }

  private var side: Float { min(width, height) }

  mutating func scene(_ arrangement: SyntheticScenes.Arrangement) -> SyntheticScene {
    background()
    if random.chance(0.35) { blurBackground() }
    switch arrangement {
    case .mixed:
      switch random.integer(0...9) {
      case 0...1: portrait()
      case 2...4: table()
      case 5...6: group()
      case 7: collage()
      default: mixture()
      }
    case .nested: nested()
    }
    var finish = CameraFinish(&random)
    let image = finish.picture(of: &painter, &random)
    return SyntheticScene(image, painter)
  }

  // MARK: - Backgrounds

  private mutating func background() {
    let wall = Material.background(palette, size: side, &random)
    fillAll(wall, hasMask: false)
    switch random.integer(0...9) {
    case 0...3: break
    case 4...7:
      // A horizon, the edge of a table, the foot of a wall; straight or rugged.
      let level = random.uniform(0.25, 0.8) * height
      let tilt = random.chance(0.7) ? 0 : random.uniform(-0.12, 0.12) * height
      let hills = random.chance(0.5) ? 0 : random.skewed(0, 0.15) * height
      let waves = (1...5).map {
        (Float($0) * 0.7, hills * random.uniform(-1, 1) / Float($0), random.uniform(0, 1))
      }
      let grass = random.chance(0.3) ? random.uniform(0, 0.02) * height : 0
      let steps = 48
      var corners = (0...steps).map { step -> Vector in
        let t = Float(step) / Float(steps)
        var y = level + (t - 0.5) * tilt + grass * random.uniform(-1, 1)
        for (wave, size, phase) in waves { y += size * sine(turns: wave * t + phase) }
        return Vector(t * (width + 8) - 4, y)
      }
      corners += [Vector(width + 4, height + 4), Vector(-4, height + 4)]
      var ground = Thing(Outline(corners), .background(palette, size: side, &random))
      ground.hasMask = random.chance(0.6)
      painter.paint(ground, middle)
    default:
      // Large areas behind everything: furniture, walls, fields.
      for _ in 0..<random.integer(1...5) {
        var area = Thing(
          .polygon(&random, corners: random.integer(3...6), roughness: 0.3),
          .background(palette, size: side, &random))
        area.hasMask = random.chance(0.5)
        let size = random.uniform(0.25, 0.8) * side
        painter.paint(
          area,
          Placement(
            scaleX: size * random.uniform(0.7, 1.6), scaleY: size, turns: random.uniform(0, 1),
            x: random.uniform(0, width), y: random.uniform(0, height)))
      }
    }
  }

  /// Outlines in pixels, with materials around the picture's middle.
  private var middle: Placement {
    Placement(scaleX: 1, scaleY: 1, turns: 0, x: 0, y: 0)
  }

  private mutating func fillAll(_ material: Material, hasMask: Bool) {
    var all = Thing(
      Outline([Vector(-1, -1), Vector(width + 1, -1), Vector(width + 1, height + 1), Vector(-1, height + 1)]),
      material)
    all.hasMask = hasMask
    painter.paint(all, middle)
  }

  private mutating func blurBackground() {
    let radius = random.integer(1...3)
    let (columns, rows) = (painter.width, painter.height)
    BoxBlur.apply(to: &painter.red, width: columns, height: rows, radius: radius)
    BoxBlur.apply(to: &painter.green, width: columns, height: rows, radius: radius)
    BoxBlur.apply(to: &painter.blue, width: columns, height: rows, radius: radius)
  }

  // MARK: - Arrangements

  /// One large thing, a few small ones around it.
  private mutating func portrait() {
    for _ in 0..<random.integer(0...4) { put(size: random.uniform(0.05, 0.15)) }
    put(
      size: random.uniform(0.28, 0.5), x: random.uniform(0.3, 0.7), y: random.uniform(0.35, 0.65))
    for _ in 0..<random.integer(0...2) { put(size: random.uniform(0.05, 0.18)) }
  }

  /// Things of middle size, the nearer ones lower and larger.
  private mutating func table() {
    let rows = (0..<random.integer(3...8)).map { _ in random.uniform(0.15, 0.9) }.sorted()
    let scale = random.uniform(0.1, 0.25)
    for row in rows {
      put(size: scale * (0.6 + 0.7 * row) * random.uniform(0.6, 1.4), y: row)
    }
  }

  /// Many of a kind, close together: fruit in a bowl, people in a street, windows, cells.
  private mutating func group() {
    for _ in 0..<random.integer(0...3) { put(size: random.uniform(0.1, 0.3)) }
    let size = random.uniform(0.06, 0.17)
    let (x, y) = (random.uniform(0.25, 0.75), random.uniform(0.3, 0.7))
    let spread = random.uniform(0.12, 0.5)
    // All drawn from one state: the same kind in the same colours, each a little different.
    let kind = maker(size: size * side, turns: 0).thing(&random)
    let isUniform = random.chance(0.6)
    let places = (0..<random.integer(3...14)).map { _ in
      Vector(x + spread * random.uniform(-1, 1), y + spread * random.uniform(-1, 1))
    }.sorted { $0.y < $1.y }
    for place in places {
      if isUniform {
        var copy = kind
        copy.vary(&random)
        put(
          copy, size: size * random.uniform(0.8, 1.25), x: place.x, y: place.y, turns: 0.03 * random.normal())
      } else {
        put(size: size * random.uniform(0.7, 1.4), x: place.x, y: place.y)
      }
    }
    if random.chance(0.3) { put(size: random.uniform(0.1, 0.25)) }
  }

  /// Shapes without meaning, one over another.
  private mutating func collage() {
    for _ in 0..<random.integer(4...12) {
      let size = random.uniform(0.06, 0.3)
      let maker = maker(size: size * side, turns: 0)
      let thing = random.chance(0.5) ? maker.patched(&random) : maker.pebble(&random)
      put(thing, size: size, x: random.uniform(0, 1), y: random.uniform(0, 1), turns: random.uniform(0, 1))
    }
  }

  /// Up to three large things with parts, side by side.
  private mutating func nested() {
    let count = random.integer(1...3)
    for index in 0..<count {
      let size = random.uniform(0.26, 0.42) / (count == 1 ? 1 : Float(count) * 0.75)
      let turns = random.chance(0.7) ? 0.015 * random.normal() : random.uniform(0, 1)
      let maker = maker(size: size * side, turns: turns)
      var thing = maker.thing(&random)
      // A few more draws find a kind that has parts.
      for _ in 0..<8 where !thing.parts.contains(where: \.hasMask) { thing = maker.thing(&random) }
      put(
        thing, size: size, x: (Float(index) + 0.5) / Float(count) + random.uniform(-0.04, 0.04),
        y: random.uniform(0.42, 0.58), turns: turns)
    }
  }

  /// Sizes and places without order.
  private mutating func mixture() {
    let sizes = (0..<random.integer(3...10)).map { _ in random.skewed(0.05, 0.38) }
    for size in sizes.sorted(by: >) { put(size: size) }
  }

  // MARK: - Putting things

  /// Puts a thing of any kind; sizes are radii as a share of the shorter side, places shares of the picture.
  private mutating func put(size: Float, x: Float? = nil, y: Float? = nil) {
    let turns = random.chance(0.7) ? 0.015 * random.normal() : random.uniform(0, 1)
    let thing = maker(size: size * side, turns: turns).thing(&random)
    put(thing, size: size, x: x ?? random.uniform(0, 1), y: y ?? random.uniform(0.05, 0.95), turns: turns)
  }

  private mutating func put(_ thing: Thing, size: Float, x: Float, y: Float, turns: Float) {
    let radius = max(6, size * side)
    let stretch = random.uniform(0.75, 1.3)
    let placement = Placement(
      scaleX: radius * stretch, scaleY: radius / stretch, turns: turns, x: x * width, y: y * height)
    if shadow > 0, random.chance(0.85) {
      let reach = radius * random.uniform(0.05, 0.25)
      painter.shade(
        thing, placement, offset: Vector(-light.x * reach, -light.y * reach),
        blur: max(1, Int(reach * 0.6)), strength: shadow * random.uniform(0.6, 1))
    }
    painter.paint(thing, placement)
  }

  private func maker(size: Float, turns: Float) -> ThingMaker {
    // The light as seen from the turned thing.
    let (sin, cos) = (sine(turns: turns), cosine(turns: turns))
    return ThingMaker(
      palette: palette, size: size,
      light: Vector(cos * light.x + sin * light.y, cos * light.y - sin * light.x))
  }
}

extension Thing {
  /// Another of the same kind: other places of the patterns, somewhat other brightness.
  fileprivate mutating func vary(_ random: inout SceneRandom) {
    let brightness = random.uniform(0.85, 1.15)
    vary(brightness: brightness, &random)
  }

  private mutating func vary(brightness: Float, _ random: inout SceneRandom) {
    material.first = material.first.scaled(brightness)
    material.second = material.second.scaled(brightness)
    material.offset.x += random.uniform(0, 100)
    for index in parts.indices { parts[index].vary(brightness: brightness, &random) }
  }
}
