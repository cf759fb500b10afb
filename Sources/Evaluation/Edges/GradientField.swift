internal import Imaging
internal import Tensors

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The strongest gradient of several masks' probabilities at each pixel, along the masks' outlines.
struct GradientField: Sendable {
  let width: Int, height: Int
  /// Sobel's magnitudes; 0 where no outline is.
  private(set) var magnitudes: [Float]
  /// The gradients, x and y.
  private(set) var directions: [SIMD2<Float>]
  /// Which mask they are of: of equal magnitudes the lowest counts, so that the order of adding does not.
  private var ranks: [Int32]

  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    magnitudes = [Float](repeating: 0, count: width * height)
    directions = [SIMD2<Float>](repeating: .zero, count: width * height)
    ranks = [Int32](repeating: .max, count: width * height)
  }

  /// Adds a mask.
  ///
  /// - Parameters:
  ///   - logits: height x width.
  ///   - rank: the mask's number.
  mutating func add(_ logits: Tensor, rank: Int32, _ settings: MaskEdges.Settings) {
    let (width, height) = (width, height)
    logits.withUnsafeBuffer { logits in
      let outline = Self.outline(logits, width: width, height: height, settings)
      // Neighbouring pixels of an outline share most of their surroundings.
      var probabilities = [Float](repeating: -1, count: width * height)
      func probability(_ x: Int, _ y: Int) -> Float {
        guard x >= 0, y >= 0, x < width, y < height else {
          guard settings.border == .replicated else { return 0 }
          return probability(min(max(x, 0), width - 1), min(max(y, 0), height - 1))
        }
        let index = y * width + x
        if probabilities[index] < 0 { probabilities[index] = 1 / (1 + exp(-logits[index])) }
        return probabilities[index]
      }
      for position in outline.pixelPositions {
        let (y, x) = Int(position).quotientAndRemainder(dividingBy: width)
        let (northWest, north, northEast) = (
          probability(x - 1, y - 1), probability(x, y - 1), probability(x + 1, y - 1)
        )
        let (southWest, south, southEast) = (
          probability(x - 1, y + 1), probability(x, y + 1), probability(x + 1, y + 1)
        )
        let across =
          northEast + 2 * probability(x + 1, y) + southEast
          - (northWest + 2 * probability(x - 1, y) + southWest)
        let down = southWest + 2 * south + southEast - (northWest + 2 * north + northEast)
        offer(SIMD2(across, down), (across * across + down * down).squareRoot(), rank, at: Int(position))
      }
    }
  }

  /// Adds what another field has gathered.
  mutating func merge(_ other: GradientField) {
    for index in magnitudes.indices where other.magnitudes[index] > 0 {
      offer(other.directions[index], other.magnitudes[index], other.ranks[index], at: index)
    }
  }

  private mutating func offer(_ direction: SIMD2<Float>, _ magnitude: Float, _ rank: Int32, at index: Int) {
    guard magnitude > magnitudes[index] || magnitude == magnitudes[index] && rank < ranks[index] else {
      return
    }
    (magnitudes[index], directions[index], ranks[index]) = (magnitude, direction, rank)
  }

  /// The band of pixels along a mask's edge.
  private static func outline(
    _ logits: UnsafeBufferPointer<Float>, width: Int, height: Int, _ settings: MaskEdges.Settings
  ) -> BitMask {
    let perRow = (width + 63) / 64
    var words = [UInt64](repeating: 0, count: perRow * height)
    for y in 0..<height {
      for x in 0..<width where logits[y * width + x] > 0 { words[y * perRow + x >> 6] |= 1 << UInt64(x & 63) }
    }
    var mask = BitMask(trusted: words, width: width, height: height)
    if settings.fillsHoles { mask = mask.withoutHoles() }
    // Beyond the image is neither inside nor outside: a mask has no outline there.
    var outer = mask
    for _ in 0..<settings.boundaryWidth / 2 { outer = outer.grown() }
    var outside = mask.inverted()
    for _ in 0..<(settings.boundaryWidth + 1) / 2 { outside = outside.grown() }
    return outer.subtracting(outside.inverted())
  }
}
