/// Things without a name: a shape, with patches, bands and marks on it.
extension ThingMaker {
  /// Any simple closed shape.
  func shape(_ random: inout SceneRandom) -> Outline {
    switch random.integer(0...9) {
    case 0...2: return .blob(&random, roughness: random.uniform(0.05, 0.6))
    case 3: return .ellipse()
    case 4: return .roundedRectangle(radius: random.uniform(0, 0.8))
    case 5: return .polygon(&random, corners: random.integer(3...5), roughness: random.uniform(0, 0.3))
    case 6: return .polygon(&random, corners: random.integer(5...12), roughness: random.uniform(0.1, 0.6))
    case 7: return .turned(&random, knots: random.integer(2...5))
    case 8: return .star(points: random.integer(4...9), depth: random.uniform(0.15, 0.6))
    default:
      return .band(&random, width: random.uniform(0.15, 0.4), bend: random.uniform(-0.8, 0.8))
    }
  }

  /// A shape with patches on it, which may have patches themselves.
  func patched(_ random: inout SceneRandom) -> Thing {
    let color = palette.color(&random)
    var thing = Thing(shape(&random), surface(color, &random))
    for _ in 0..<random.integer(0...4) {
      let patchColor = related(color, &random)
      var patch = Thing(shape(&random), surface(patchColor, &random))
      let inner = random.integer(-1...2)
      for _ in 0..<max(0, inner) {
        let detail = Thing(shape(&random), surface(related(patchColor, &random), &random))
        let scale = random.uniform(0.2, 0.5)
        patch.parts.append(
          detail.at(
            random.uniform(-0.5, 0.5), random.uniform(-0.5, 0.5), scale, scale * random.uniform(0.6, 1.6),
            turns: random.uniform(0, 1)))
      }
      let scale = random.uniform(0.18, 0.6)
      thing.parts.append(
        patch.at(
          random.uniform(-0.7, 0.7), random.uniform(-0.7, 0.7), scale, scale * random.uniform(0.5, 1.8),
          turns: random.uniform(0, 1)))
    }
    if random.chance(0.25) { thing.parts.append(band(across: color, &random)) }
    if random.chance(0.3) { thing.parts += speckles(color, &random) }
    return thing
  }

  /// A belt or a stripe right across.
  func band(across color: Tint, _ random: inout SceneRandom) -> Thing {
    Thing(.rectangle(), surface(related(color, &random), &random)).at(
      random.uniform(-0.3, 0.3), random.uniform(-0.5, 0.5), 1.6, random.uniform(0.08, 0.3),
      turns: random.chance(0.5) ? 0 : random.uniform(-0.25, 0.25))
  }

  /// Small marks that are no parts.
  func speckles(_ color: Tint, _ random: inout SceneRandom) -> [Thing] {
    let tint = related(color, &random)
    return (0..<random.integer(3...9)).map { _ in
      let scale = random.uniform(0.02, 0.07)
      return mark(
        Outline.ellipse(corners: 8).at(
          random.uniform(-0.8, 0.8), random.uniform(-0.8, 0.8), scale, scale * random.uniform(0.4, 1.5),
          turns: random.uniform(0, 1)), tint, &random)
    }
  }

  /// A shape and nothing else, as stones, leaves, puddles are.
  func pebble(_ random: inout SceneRandom) -> Thing {
    Thing(shape(&random), surface(palette.color(&random), &random))
  }

  /// Something with a hole, through which one sees what is behind; or a plate with rim, ground and what lies on it.
  func ring(_ random: inout SceneRandom) -> Thing {
    let color = palette.color(&random)
    let outer: Outline = random.chance(0.7) ? .ellipse(corners: 36) : .roundedRectangle(radius: 0.3)
    let inner = outer.at(0, 0, 1, 1)
    let width = random.uniform(0.5, 0.85)
    guard random.chance(0.6) else {
      return Thing(outer.cutting(inner.at(0, 0, width, width)), surface(color, &random))
    }
    let groundColor = related(color, &random)
    var ground = Thing(inner.at(0, 0, width, width), surface(groundColor, &random))
    if random.chance(0.6) {
      let place = random.uniform(0.3, 0.6)
      ground.parts.append(
        Thing(shape(&random), surface(palette.color(&random), &random)).at(
          random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.2), place, place, turns: random.uniform(0, 1)))
    }
    return Thing(outer, surface(color, &random), parts: [ground])
  }

  /// Shapes on top of one another: a bottle, a lamp, a chess piece, a tower.
  func stacked(_ random: inout SceneRandom) -> Thing {
    let color = palette.color(&random)
    let count = random.integer(2...4)
    let heights = (0..<count).map { _ in random.uniform(0.3, 1) }
    let total = heights.reduce(0, +)
    var parts: [Thing] = []
    var y: Float = 1
    var partColor = color
    for (index, height) in heights.enumerated() {
      let half = height / total
      let outline: Outline
      switch random.integer(0...4) {
      case 0: outline = .ellipse()
      case 1: outline = .roundedRectangle(radius: random.uniform(0, 0.6))
      case 2: outline = .trapezoid(top: random.uniform(0.3, 1), bottom: random.uniform(0.5, 1))
      case 3: outline = .turned(&random, knots: 3)
      default: outline = .triangle(tip: 0)
      }
      if index > 0, random.chance(0.7) { partColor = related(color, &random) }
      var part = Thing(outline, surface(partColor, &random))
      if random.chance(0.4) {
        // A label, a badge, a window.
        part.parts.append(
          Thing(
            .roundedRectangle(radius: random.uniform(0, 1)), surface(related(partColor, &random), &random)
          ).at(
            random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.3), random.uniform(0.25, 0.7),
            random.uniform(0.2, 0.5)))
      }
      let width = random.uniform(0.25, 0.75)
      parts.append(part.at(0, y - half, width, half * 1.04))
      y -= 2 * half
    }
    return Thing(assembledFrom: parts, .detail(color, &random))
  }

  /// A front with rows of equal panels: a house, a shelf, a phone, a keyboard, a bus.
  func panelled(_ random: inout SceneRandom) -> Thing {
    let color = palette.color(&random)
    let front: Outline =
      random.chance(0.6) ? .rectangle() : .roundedRectangle(radius: random.uniform(0.1, 0.4))
    let aspect = random.uniform(0.5, 1)
    var thing = Thing(front, surface(color, &random))
    let (columns, rows) = (random.integer(1...4), random.integer(1...4))
    let panelColor = related(color, &random)
    let panelSurface = surface(panelColor, &random)
    let shape: Outline = random.chance(0.6) ? .rectangle() : .roundedRectangle(radius: random.uniform(0.1, 1))
    let (fillX, fillY) = (random.uniform(0.45, 0.85), random.uniform(0.45, 0.85))
    let paneColor = related(panelColor, &random)
    let hasPanes = random.chance(0.5) && size / Float(columns) > 14
    for row in 0..<rows {
      for column in 0..<columns {
        var panel = Thing(shape, panelSurface)
        if hasPanes {
          panel.parts.append(Thing(shape, .detail(paneColor, &random)).at(0, 0, 0.72, 0.76))
        }
        panel.material.offset.x += random.uniform(0, 40)
        thing.parts.append(
          panel.at(
            0.92 * (2 * (Float(column) + 0.5) / Float(columns) - 1),
            0.92 * (2 * (Float(row) + 0.5) / Float(rows) - 1),
            0.92 * fillX / Float(columns), 0.92 * fillY / Float(rows)))
      }
    }
    if random.chance(0.3) {
      let door = Thing(.rectangle(), surface(related(color, &random), &random))
      thing.parts.append(door.at(random.uniform(-0.6, 0.6), 0.75, random.uniform(0.1, 0.2), 0.25))
    }
    let isWide = random.chance(0.5)
    let whole = thing.at(0, 0, isWide ? 1 : aspect, isWide ? aspect : 1)
    guard random.chance(0.35) else { return whole }
    let roof = Thing(.triangle(tip: random.uniform(-0.4, 0.4)), surface(related(color, &random), &random))
    let (width, height) = isWide ? (Float(1), aspect) : (aspect, Float(1))
    return Thing(
      assembledFrom: [whole.at(0, 0.25, 0.9, 0.75), roof.at(0, 0.25 - 0.75 * height - 0.2, width, 0.22)],
      .detail(color, &random))
  }
}
