/// Things of a kind: put together of parts as in plants, animals, people and vehicles.
extension ThingMaker {
  /// Petals around a middle; a wheel with spokes; a sun.
  func flower(_ random: inout SceneRandom) -> Thing {
    let color = palette.color(&random)
    let petals = random.integer(4...9)
    let petalSurface = surface(color, &random)
    let width = random.uniform(0.16, 0.34) * 6 / Float(petals)
    let shape: Outline = random.chance(0.7) ? .ellipse(corners: 18) : .triangle(tip: 0)
    let turns = random.uniform(0, 1)
    let length = random.uniform(0.3, 0.42)
    var parts = (0..<petals).map { index -> Thing in
      let angle = turns + Float(index) / Float(petals)
      let distance: Float = 1 - length
      return Thing(shape, petalSurface).at(
        distance * cosine(turns: angle), distance * sine(turns: angle), width, length, turns: angle + 0.25)
    }
    let heartColor = related(color, &random)
    var heart = Thing(.ellipse(), surface(heartColor, &random))
    if random.chance(0.4) {
      heart.parts.append(
        Thing(.ellipse(corners: 16), surface(related(heartColor, &random), &random)).at(0, 0, 0.5, 0.5))
    }
    let middle = random.uniform(0.25, 0.5)
    parts.append(heart.at(0, 0, middle, middle))
    return Thing(assembledFrom: parts, .detail(color, &random))
  }

  /// A wheel with a tyre and a hub.
  func wheel(_ random: inout SceneRandom) -> Thing {
    let tyre = Tint(0.08, 0.08, 0.09).scaled(random.uniform(0.8, 2.2))
    let rim = random.uniform(0.45, 0.7)
    let hub = Thing(.ellipse(corners: 18), .detail(palette.color(&random), &random)).at(0, 0, rim, rim)
    return Thing(.ellipse(corners: 22), .detail(tyre, &random), parts: [hub])
  }

  /// A body on wheels with windows.
  func vehicle(_ random: inout SceneRandom) -> Thing {
    let color = palette.color(&random)
    let glass = Tint(0.25, 0.32, 0.38).mixed(palette.color(&random), 0.25).scaled(random.uniform(0.5, 1.6))
    let bodySurface = surface(color, &random)
    let height = random.uniform(0.25, 0.5)
    var body = Thing(.roundedRectangle(radius: random.uniform(0.1, 0.6)), bodySurface)
    if random.chance(0.5) { body.parts.append(band(across: color, &random)) }
    for side in [Float(-1), 1] where random.chance(0.6) {
      let lamp: Tint = side > 0 ? Tint(0.95, 0.9, 0.7) : Tint(0.7, 0.1, 0.08)
      body.parts.append(
        Thing(.ellipse(corners: 12), .detail(lamp, &random)).at(side * 0.93, -0.2, 0.08, 0.16))
    }
    let cabinWidth = random.uniform(0.35, 0.8)
    let cabinX = random.uniform(-0.25, 0.25)
    var cabin = Thing(.trapezoid(top: random.uniform(0.5, 0.95), bottom: 1), bodySurface)
    let windows = random.integer(1...3)
    for index in 0..<windows {
      let x = 1.5 * ((Float(index) + 0.5) / Float(windows) - 0.5)
      cabin.parts.append(
        Thing(.roundedRectangle(radius: 0.2), .detail(glass, &random)).at(x, 0, 0.62 / Float(windows), 0.6))
    }
    let wheelSize = random.uniform(0.14, 0.24)
    let wheel = wheel(&random)
    var parts = [
      cabin.at(cabinX, 0.4 - 2 * height - 0.22, cabinWidth, 0.26), body.at(0, 0.4 - height, 1, height),
    ]
    for x in random.chance(0.8) ? [-0.58, 0.58] as [Float] : [-0.65, 0, 0.65] {
      parts.append(wheel.at(x, 0.42, wheelSize, wheelSize))
    }
    let thing = Thing(assembledFrom: parts, .detail(color, &random))
    return random.chance(0.5) ? thing : thing.at(0, 0, -1, 1)
  }

  /// A skin's or fur's colour.
  private func skin(_ random: inout SceneRandom) -> Tint {
    Tint(
      hue: random.uniform(0.03, 0.09), saturation: random.uniform(0.25, 0.6),
      value: random.uniform(0.25, 0.95))
  }

  /// A head with eyes, mouth and hair.
  func face(_ random: inout SceneRandom) -> Thing {
    let color = random.chance(0.7) ? skin(&random) : palette.color(&random)
    var head = Thing(
      .blob(&random, roughness: 0.08),
      Material(color, color.scaled(0.85), .noise(.clouds, sharpness: 1), period: 0.8))
    let white = Tint(0.92, 0.91, 0.88)
    var eye = Thing(.ellipse(corners: 16), .detail(white, &random))
    var iris = Thing(.ellipse(corners: 14), .detail(palette.color(&random).scaled(0.6), &random))
    iris.parts.append(
      Thing(.ellipse(corners: 10), .detail(Tint(0.03, 0.03, 0.04), &random)).at(0, 0, 0.5, 0.5))
    eye.parts.append(iris.at(random.uniform(-0.3, 0.3), 0, 0.55, 0.75))
    let (apart, eyeSize) = (random.uniform(0.28, 0.42), random.uniform(0.1, 0.2))
    for side in [Float(-1), 1] {
      head.parts.append(eye.at(side * apart, -0.12, eyeSize, eyeSize * random.uniform(0.5, 0.9)))
    }
    let lips = Tint(0.65, 0.25, 0.25).mixed(color, random.uniform(0.1, 0.6))
    head.parts.append(
      Thing(.ellipse(corners: 18), .detail(lips, &random)).at(
        0, 0.45, random.uniform(0.15, 0.35), random.uniform(0.05, 0.14)))
    if random.chance(0.6) {
      head.parts.append(
        Thing(.triangle(), .detail(color.scaled(random.uniform(0.75, 0.92)), &random)).at(0, 0.15, 0.09, 0.18)
      )
    }
    let hairColor = Tint(
      hue: random.uniform(0.02, 0.12), saturation: random.uniform(0.1, 0.7), value: random.uniform(0.05, 0.8))
    var hairSurface = Material(hairColor, hairColor.scaled(0.6), .noise(.grain, sharpness: 2), period: 0.8)
    hairSurface.turns = random.uniform(0, 1)
    let hair = Thing(.blob(&random, roughness: 0.25), hairSurface)
    head = head.at(0, 0, 0.78, 0.98)
    guard random.chance(0.75) else { return head }
    let back = hair.at(0, -0.2, 0.92, 0.95)
    var fringe = Thing(.blob(&random, roughness: 0.3), hairSurface).at(
      random.uniform(-0.2, 0.2), -0.86, 0.75, 0.4)
    fringe.hasMask = false
    head.parts.append(fringe)
    return Thing(assembledFrom: [back, head], .detail(color, &random))
  }

  /// Someone: head, body, arms, legs.
  func figure(_ random: inout SceneRandom) -> Thing {
    let (skin, shirt, trousers) = (skin(&random), palette.color(&random), palette.color(&random))
    var shirtSurface = surface(shirt, &random)
    shirtSurface.roughness = 0.04
    let skinSurface = Material.detail(skin, &random)
    var torso = Thing(.trapezoid(top: random.uniform(0.8, 1), bottom: random.uniform(0.6, 0.9)), shirtSurface)
    if random.chance(0.4) {
      torso.parts.append(
        Thing(shape(&random), .detail(related(shirt, &random), &random)).at(0, -0.2, 0.35, 0.3))
    }
    if random.chance(0.3) { torso.parts.append(band(across: shirt, &random)) }
    let legSurface = surface(trousers, &random)
    let hips = random.uniform(0.18, 0.25)
    var parts: [Thing] = []
    for side in [Float(-1), 1] {
      let swing = random.uniform(-0.02, 0.05) * side
      var leg = Thing(.trapezoid(top: 1, bottom: 0.6), legSurface)
      leg.parts.append(
        Thing(.rectangle(), .detail(palette.color(&random).scaled(0.4), &random)).at(0, 0.93, 1.2, 0.1))
      parts.append(leg.at(side * hips * 0.55, 0.58, hips * 0.55, 0.42, turns: -swing))
      var arm = Thing(.roundedRectangle(radius: 0.9), shirtSurface)
      arm.parts.append(Thing(.rectangle(), skinSurface).at(0, random.uniform(0.5, 1), 1.2, 0.5))
      let angle = random.uniform(0.01, 0.12) * side
      parts.append(
        arm.at(side * (0.3 + angle.magnitude), -0.18, 0.075, 0.36, turns: -angle))
    }
    parts.append(torso.at(0, -0.16, 0.27, 0.36))
    var head = Thing(.ellipse(), skinSurface)
    if random.chance(0.8) {
      let hair = Tint(
        hue: random.uniform(0.02, 0.12), saturation: random.uniform(0.1, 0.7),
        value: random.uniform(0.05, 0.8))
      head.parts.append(Thing(.blob(&random, roughness: 0.2), .detail(hair, &random)).at(0, -0.7, 1.2, 0.7))
    }
    parts.append(head.at(0, -0.74, 0.15, 0.2))
    return Thing(assembledFrom: parts, skinSurface)
  }

  /// A trunk or a pot with leaves.
  func plant(_ random: inout SceneRandom) -> Thing {
    let leafColor = Tint(
      hue: random.uniform(0.2, 0.38), saturation: random.uniform(0.25, 0.8), value: random.uniform(0.2, 0.7))
    let leafSurface = Material(
      leafColor, leafColor.scaled(random.uniform(0.5, 0.8)), .noise(.grain, sharpness: random.uniform(1, 3)),
      period: random.uniform(0.5, 1.5))
    let wood = Tint(
      hue: random.uniform(0.04, 0.1), saturation: random.uniform(0.2, 0.7), value: random.uniform(0.2, 0.6))
    let foot: Thing =
      random.chance(0.6)
      ? Thing(.trapezoid(top: 0.6, bottom: 1), surface(wood, &random)).at(
        0, 0.6, random.uniform(0.06, 0.14), 0.4)
      : Thing(.trapezoid(top: 1, bottom: 0.7), surface(palette.color(&random), &random)).at(0, 0.7, 0.35, 0.3)
    var parts = [foot]
    if random.chance(0.5) {
      var crown = Thing(.blob(&random, roughness: random.uniform(0.3, 0.9)), leafSurface)
      for _ in 0..<random.integer(0...5) {
        let fruit = Thing(.ellipse(corners: 12), .detail(palette.color(&random), &random))
        crown.parts.append(fruit.at(random.uniform(-0.6, 0.6), random.uniform(-0.6, 0.6), 0.12, 0.12))
      }
      parts.append(crown.at(0, -0.3, random.uniform(0.5, 0.9), 0.68))
    } else {
      for _ in 0..<random.integer(4...9) {
        let leaf = Thing(
          .band(&random, width: random.uniform(0.2, 0.4), bend: random.uniform(-0.4, 0.4)), leafSurface)
        let turns = random.uniform(-0.5, 0)
        let reach = random.uniform(0.3, 0.5)
        parts.append(
          leaf.at(
            reach * cosine(turns: turns), 0.4 + 2 * reach * sine(turns: turns), reach, reach * 0.8,
            turns: turns))
      }
    }
    return Thing(assembledFrom: parts, .detail(leafColor, &random))
  }

  /// A body with head, legs and tail, seen from the side.
  func animal(_ random: inout SceneRandom) -> Thing {
    let color = random.chance(0.7) ? skin(&random).scaled(random.uniform(0.5, 1.1)) : palette.color(&random)
    var fur =
      random.chance(0.6)
      ? Material(color, color.scaled(random.uniform(0.55, 0.85)), .noise(.grain, sharpness: 2), period: 0.7)
      : surface(color, &random)
    fur.turns = random.uniform(0, 1)
    let legLength = random.uniform(0.18, 0.42)
    var parts: [Thing] = []
    parts.append(
      Thing(.band(&random, width: 0.12, bend: random.uniform(-0.6, 0.6)), fur).at(
        -0.78, -0.1, 0.3, 0.4, turns: random.uniform(-0.1, 0.15)))
    for x in [-0.5, -0.32, 0.28, 0.46] as [Float] {
      parts.append(
        Thing(.roundedRectangle(radius: 0.5), fur).at(
          x, 0.2 + legLength * 0.8, random.uniform(0.05, 0.09), legLength, turns: 0.02 * random.normal()))
    }
    var body = Thing(.blob(&random, roughness: 0.15), fur)
    for _ in 0..<random.integer(0...3) {
      let patch = Thing(.blob(&random, roughness: 0.5), surface(related(color, &random), &random))
      let scale = random.uniform(0.15, 0.4)
      body.parts.append(patch.at(random.uniform(-0.7, 0.7), random.uniform(-0.6, 0.6), scale, scale))
    }
    parts.append(body.at(0, 0.05, 0.72, random.uniform(0.3, 0.45)))
    var head = Thing(.blob(&random, roughness: 0.12), fur)
    head.parts.append(
      Thing(.ellipse(corners: 10), .detail(Tint(0.05, 0.04, 0.04), &random)).at(0.25, -0.2, 0.13, 0.15))
    head.parts.append(
      Thing(.ellipse(corners: 14), .detail(color.scaled(random.uniform(0.5, 1.4)), &random)).at(
        0.65, 0.25, 0.4, 0.35))
    let ear = Thing(random.chance(0.5) ? .triangle() : .ellipse(corners: 14), fur)
    let headY = random.uniform(-0.5, -0.2)
    let headSize = random.uniform(0.2, 0.3)
    for x in [-0.5, 0.3] as [Float] {
      parts.append(ear.at(0.68 + x * headSize, headY - 0.9 * headSize, headSize * 0.35, headSize * 0.5))
    }
    parts.append(head.at(0.7, headY, headSize * 1.1, headSize))
    let thing = Thing(assembledFrom: parts, fur)
    return random.chance(0.5) ? thing : thing.at(0, 0, -1, 1)
  }

  /// A round thing with a stem, a leaf, a highlight.
  func fruit(_ random: inout SceneRandom) -> Thing {
    let color = Tint(
      hue: random.chance(0.7) ? random.uniform(-0.03, 0.16) : random.uniform(0, 1),
      saturation: random.uniform(0.5, 0.95), value: random.uniform(0.5, 0.95))
    let flesh = Material(
      color, color.scaled(random.uniform(0.7, 0.9)), .noise(.clouds, sharpness: 2),
      period: random.uniform(0.2, 0.8))
    let body = Thing(.blob(&random, roughness: 0.12), flesh).at(0, 0.08, 0.95, random.uniform(0.75, 0.95))
    var parts: [Thing] = []
    if random.chance(0.6) {
      let wood = Tint(0.3, 0.22, 0.12)
      parts.append(
        Thing(.roundedRectangle(radius: 0.5), .detail(wood, &random)).at(
          0, -0.85, 0.05, 0.2, turns: random.uniform(-0.08, 0.08)))
    }
    parts.append(body)
    if random.chance(0.4) {
      let green = Tint(hue: random.uniform(0.22, 0.36), saturation: 0.6, value: random.uniform(0.3, 0.7))
      parts.append(
        Thing(.band(&random, width: 0.35, bend: 0.3), .detail(green, &random)).at(
          0.25, -0.8, 0.28, 0.25, turns: random.uniform(-0.1, 0.1)))
    }
    return parts.count == 1 ? body : Thing(assembledFrom: parts, flesh)
  }

  /// A handle with something at its end: a spoon, a brush, a hammer, a sign.
  func tool(_ random: inout SceneRandom) -> Thing {
    let (handleColor, headColor) = (palette.color(&random), palette.color(&random))
    let width = random.uniform(0.05, 0.14)
    var handle = Thing(.roundedRectangle(radius: random.uniform(0, 1)), surface(handleColor, &random))
    if random.chance(0.4) {
      handle.parts.append(
        Thing(.rectangle(), surface(related(handleColor, &random), &random)).at(
          0, random.uniform(-0.5, 0.6), 1.2, 0.12))
    }
    var head = Thing(shape(&random), surface(headColor, &random))
    if random.chance(0.4) {
      head.parts.append(
        Thing(shape(&random), surface(related(headColor, &random), &random)).at(
          0, 0, random.uniform(0.3, 0.6), random.uniform(0.3, 0.6), turns: random.uniform(0, 1)))
    }
    let headSize = random.uniform(0.25, 0.45)
    return Thing(
      assembledFrom: [
        handle.at(0, 0.3, width, 0.7), head.at(0, -0.6, headSize, random.uniform(0.2, 0.42)),
      ], .detail(handleColor, &random))
  }
}
