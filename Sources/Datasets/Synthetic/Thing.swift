/// A thing of a scene, or a part of one: an outline filled with a material, and smaller parts on it.
struct Thing {
  /// In the frame of the whole thing, about -1…1.
  var outline: Outline
  var material: Material
  /// Parts that are drawn on it, from the back to the front.
  var parts: [Thing] = []
  /// Whether the parts are cut off at this thing's outline.
  var clipsParts = true
  /// Whether it gets a mask: spots and scratches do not.
  var hasMask = true

  init(_ outline: Outline, _ material: Material, parts: [Thing] = []) {
    (self.outline, self.material, self.parts) = (outline, material, parts)
  }

  /// Something that is nothing but its parts: they are drawn as they are and together make a mask.
  init(assembledFrom parts: [Thing], _ material: Material) {
    self.init(.nothing, material, parts: parts)
    clipsParts = false
  }

  /// The thing in another place of the frame.
  func at(_ x: Float, _ y: Float, _ scaleX: Float, _ scaleY: Float, turns: Float = 0) -> Thing {
    var result = self
    result.outline = outline.at(x, y, scaleX, scaleY, turns: turns)
    result.parts = parts.map { $0.at(x, y, scaleX, scaleY, turns: turns) }
    return result
  }

  /// The thing with one way of catching light all over.
  func shaded(_ shading: Material.Shading) -> Thing {
    var result = self
    result.material.shading = shading
    result.parts = parts.map { $0.shaded(shading) }
    return result
  }
}

/// Makes things: their kind, their parts and their colours.
struct ThingMaker {
  let palette: Palette
  /// The thing's radius in pixels, which decides how fine its patterns and parts are.
  let size: Float
  /// Where the light comes from, in the thing's frame.
  let light: Vector

  func surface(_ color: Tint, _ random: inout SceneRandom) -> Material {
    .surface(color, palette, size: size, &random)
  }

  func related(_ color: Tint, _ random: inout SceneRandom) -> Tint { palette.related(to: color, &random) }

  /// Any kind of thing.
  func thing(_ random: inout SceneRandom) -> Thing {
    let thing: Thing
    switch random.integer(0...21) {
    case 0...3: thing = patched(&random)
    case 4...5: thing = pebble(&random)
    case 6...7: thing = ring(&random)
    case 8...9: thing = stacked(&random)
    case 10...11: thing = panelled(&random)
    case 12...13: thing = flower(&random)
    case 14...15: thing = vehicle(&random)
    case 16: thing = face(&random)
    case 17: thing = figure(&random)
    case 18: thing = plant(&random)
    case 19: thing = animal(&random)
    case 20: thing = fruit(&random)
    default: thing = tool(&random)
    }
    switch random.integer(0...9) {
    case 0...3:
      return thing.shaded(.ball(light, highlight: random.chance(0.4) ? random.uniform(0.2, 1.2) : 0))
    case 4...5:
      return thing.shaded(.cylinder(light.x, highlight: random.chance(0.3) ? random.uniform(0.2, 0.9) : 0))
    case 6...7: return thing.shaded(.slope(light))
    default: return thing
    }
  }

  /// A mark on a surface without a mask of its own.
  func mark(_ outline: Outline, _ color: Tint, _ random: inout SceneRandom) -> Thing {
    var mark = Thing(outline, .detail(color, &random))
    mark.hasMask = false
    return mark
  }
}
