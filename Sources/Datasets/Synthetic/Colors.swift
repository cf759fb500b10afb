/// A colour, each part 0…1 as in the finished picture.
struct Tint: Equatable {
  var red: Float, green: Float, blue: Float

  init(_ red: Float, _ green: Float, _ blue: Float) { (self.red, self.green, self.blue) = (red, green, blue) }

  /// - Parameters:
  ///   - hue: in turns; 0 is red.
  ///   - saturation: 0…1.
  ///   - value: of the brightest part, 0…1.
  init(hue: Float, saturation: Float, value: Float) {
    let h = (hue - hue.rounded(.down)) * 6
    func part(_ offset: Float) -> Float {
      var k = h + offset
      if k >= 6 { k -= 6 }
      return value - value * saturation * unit(min(k, 4 - k))
    }
    self.init(part(5), part(3), part(1))
  }

  func mixed(_ other: Tint, _ share: Float) -> Tint {
    Tint(
      red + (other.red - red) * share, green + (other.green - green) * share,
      blue + (other.blue - blue) * share)
  }

  func scaled(_ factor: Float) -> Tint { Tint(unit(red * factor), unit(green * factor), unit(blue * factor)) }

  /// How bright it looks.
  var luminance: Float { 0.3 * red + 0.59 * green + 0.11 * blue }
}

/// The colours of a scene. As in photos, most are dull browns, greys, greens and blues, and hues keep together; a few
/// things are vivid.
struct Palette {
  private let hues: [Float]
  private let vividness: Float
  private let brightness: Float

  init(_ random: inout SceneRandom) {
    // Warm hues (wood, skin, brick, earth) are the most frequent, then leaves, then sky.
    let families: [ClosedRange<Float>] = [0.02...0.12, 0.02...0.12, 0.18...0.38, 0.52...0.66, 0...1]
    hues = (0..<random.integer(2...4)).map { _ in
      let family = random.pick(families)
      return random.uniform(family.lowerBound, family.upperBound)
    }
    vividness = random.uniform(0.25, 1)
    brightness = random.uniform(-0.15, 0.2)
  }

  /// Any colour of the scene.
  func color(_ random: inout SceneRandom) -> Tint {
    if random.chance(0.18) {
      // Grey, white or black things.
      let value = random.chance(0.5) ? random.uniform(0.05, 0.35) : random.uniform(0.55, 0.98)
      return Tint(
        hue: random.pick(hues), saturation: random.uniform(0, 0.08), value: unit(value + brightness * 0.5))
    }
    if random.chance(0.12) {
      return Tint(
        hue: random.uniform(0, 1), saturation: random.uniform(0.6, 0.95), value: random.uniform(0.5, 0.95))
    }
    let saturation = random.uniform(0.08, 0.85) * vividness
    return Tint(
      hue: random.pick(hues) + 0.04 * random.normal(), saturation: saturation,
      value: unit(random.uniform(0.18, 0.95) + brightness))
  }

  /// A colour for what fills much of the picture.
  func backgroundColor(_ random: inout SceneRandom) -> Tint {
    let saturation = random.skewed(0.02, 0.6) * (0.4 + 0.6 * vividness)
    return Tint(
      hue: random.pick(hues) + 0.05 * random.normal(), saturation: saturation,
      value: unit(random.uniform(0.2, 0.95) + brightness))
  }

  /// A colour that goes with another: a part of the same thing. Often barely different.
  func related(to color: Tint, _ random: inout SceneRandom) -> Tint {
    switch random.integer(0...9) {
    case 0...3: color.scaled(random.chance(0.5) ? random.uniform(0.45, 0.85) : random.uniform(1.15, 1.7))
    case 4...5: color.mixed(self.color(&random), random.uniform(0.25, 0.6))
    case 6: Tint(0.04, 0.04, 0.05).mixed(color, random.uniform(0, 0.3))
    case 7: Tint(0.95, 0.94, 0.9).mixed(color, random.uniform(0, 0.3))
    default: self.color(&random)
    }
  }
}
