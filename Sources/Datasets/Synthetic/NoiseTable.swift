internal import Statistics

/// Noise that repeats in both directions, worked out once and looked up by all scenes.
struct NoiseTable: Sendable {
  /// Rows and columns, a power of two.
  static let side = 256
  /// side x side values, 0…1.
  let values: [Float]

  /// Soft shapes of all sizes, as in clouds, stone and cloth.
  static let clouds = NoiseTable(octaves: 2...6, falloff: 0.55, seed: 1)
  /// Mostly large soft shapes.
  static let soft = NoiseTable(octaves: 2...3, falloff: 0.4, seed: 2)
  /// Mostly small shapes, as in grass, gravel and fur.
  static let grain = NoiseTable(octaves: 5...7, falloff: 0.9, seed: 3)

  /// Sums of lattices of 2^octave random values, smoothly connected.
  private init(octaves: ClosedRange<Int>, falloff: Float, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let side = NoiseTable.side
    var sums = [Float](repeating: 0, count: side * side)
    var height: Float = 1
    for octave in octaves {
      let lattice = 1 << octave
      let knots = (0..<lattice * lattice).map { _ in Float(random.next() >> 40) * 0x1p-24 - 0.5 }
      let cell = Float(lattice) / Float(side)
      for y in 0..<side {
        let fy = Float(y) * cell
        let (row, v) = (Int(fy), Self.smooth(fy - fy.rounded(.down)))
        let next = (row + 1) & (lattice - 1)
        for x in 0..<side {
          let fx = Float(x) * cell
          let (column, u) = (Int(fx), Self.smooth(fx - fx.rounded(.down)))
          let right = (column + 1) & (lattice - 1)
          let upper = knots[row * lattice + column] * (1 - u) + knots[row * lattice + right] * u
          let lower = knots[next * lattice + column] * (1 - u) + knots[next * lattice + right] * u
          sums[y * side + x] += height * (upper * (1 - v) + lower * v)
        }
      }
      height *= falloff
    }
    let low = sums.min() ?? 0
    let range = max((sums.max() ?? 1) - low, 1e-6)
    values = sums.map { ($0 - low) / range }
  }

  private static func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }

  /// The noise at a place, linear between the table's values.
  @inline(__always)
  static func sample(_ table: UnsafePointer<Float>, _ x: Float, _ y: Float) -> Float {
    let mask = NoiseTable.side - 1
    let fx = x.rounded(.down)
    let fy = y.rounded(.down)
    let (u, v) = (x - fx, y - fy)
    let column = Int(fx) & mask
    let row = (Int(fy) & mask) * NoiseTable.side
    let right = (column + 1) & mask
    let below = (row + NoiseTable.side) & (NoiseTable.side * NoiseTable.side - 1)
    let upper = table[row + column] * (1 - u) + table[row + right] * u
    let lower = table[below + column] * (1 - u) + table[below + right] * u
    return upper * (1 - v) + lower * v
  }
}
