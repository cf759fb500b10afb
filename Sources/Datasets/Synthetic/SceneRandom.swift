internal import Statistics

/// Draws of one scene. All arithmetic is IEEE's without the C library's functions, so that a seed gives the same scene on
/// every machine.
struct SceneRandom {
  private var random: SplitMix64

  init(seed: UInt64, scene: Int) {
    random = SplitMix64(seed: seed, stream: UInt64(bitPattern: Int64(scene)))
  }

  mutating func uniform(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * Float(random.next() >> 40) * 0x1p-24
  }

  /// More often near `low` than near `high`.
  mutating func skewed(_ low: Float, _ high: Float) -> Float {
    let unit = uniform(0, 1)
    return low + (high - low) * unit * unit
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + random.index(below: range.count)
  }

  mutating func chance(_ probability: Float) -> Bool { uniform(0, 1) < probability }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[random.index(below: elements.count)]
  }

  /// About normal: the sum of four uniform numbers, of variance 1.
  mutating func normal() -> Float {
    (uniform(-1, 1) + uniform(-1, 1) + uniform(-1, 1) + uniform(-1, 1)) * 0.8660254
  }

  /// ±1.
  mutating func sign() -> Float { chance(0.5) ? 1 : -1 }

  mutating func bits() -> UInt64 { random.next() }
}

/// The sine of an angle in full turns, by a polynomial: off by less than 0.0002.
func sine(turns: Float) -> Float {
  let x = turns - turns.rounded(.down)  // 0 ..< 1
  let (half, sign): (Float, Float) = x < 0.5 ? (x, 1) : (x - 0.5, -1)
  let y = 16 * half * (0.5 - half)  // a parabola through the half wave
  return sign * (0.775 * y + 0.225 * y * y)
}

/// The cosine of an angle in full turns.
func cosine(turns: Float) -> Float { sine(turns: turns + 0.25) }

/// `x` held to 0…1.
@inline(__always)
func unit(_ x: Float) -> Float { x < 0 ? 0 : (x > 1 ? 1 : x) }
