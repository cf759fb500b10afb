public import Imaging

/// How strong an edge is at each pixel, 0 to 1.
public struct EdgeStrength: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The strengths, height x width: rows from top to bottom.
  public internal(set) var values: [Double]

  /// Strengths of an image; nil where their number does not fit its size.
  public init?(width: Int, height: Int, values: [Double]) {
    guard width > 0, height > 0, values.count == width * height else { return nil }
    (self.width, self.height, self.values) = (width, height, values)
  }

  /// For values whose number is right by construction.
  init(trusted values: [Double], width: Int, height: Int) {
    (self.width, self.height, self.values) = (width, height, values)
  }

  /// The strengths in an edge map.
  public init(_ map: GrayMap) {
    self.init(
      trusted: map.samples.map { Double($0) / Double(map.maximum) }, width: map.width, height: map.height)
  }

  /// The strengths, from 0 to 1, in whole numbers up to 255 or 65535, rounded.
  public func map(maximum: UInt16 = 255) -> GrayMap? {
    try? GrayMap(
      width: width, height: height,
      samples: values.map { UInt16((min(max($0, 0), 1) * Double(maximum)).rounded()) }, maximum: maximum)
  }

  /// The strengths scaled linearly so that the least is 0 and the greatest 1; all 0 where they are equal.
  public func scaled() -> EdgeStrength {
    let (least, most) = (values.min() ?? 0, values.max() ?? 0)
    var result = self
    let scale = most > least ? 1 / (most - least) : 0
    for index in values.indices { result.values[index] = (values[index] - least) * scale }
    return result
  }

  /// The strengths smoothed by a Gaussian of 3 x 3 pixels (1 2 1 along both axes); beyond the image its outermost pixels
  /// go on.
  public func smoothed() -> EdgeStrength { filtered([1, 2, 1]) }

  /// The strengths with so many rows and columns along each side set to 0.
  public func withoutFrame(_ frame: Int) -> EdgeStrength {
    guard frame > 0 else { return self }
    var result = self
    for y in 0..<height {
      for x in 0..<width where min(x, y, width - 1 - x, height - 1 - y) < frame {
        result.values[y * width + x] = 0
      }
    }
    return result
  }

  /// Both axes filtered with weights of an odd number, divided by their sum; beyond the image its pixels are mirrored, the
  /// outermost ones repeated.
  func filtered(_ weights: [Double]) -> EdgeStrength {
    let (reach, sum) = (weights.count / 2, weights.reduce(0, +))
    func mirrored(_ position: Int, _ count: Int) -> Int {
      let period = 2 * count
      let inPeriod = (position % period + period) % period
      return inPeriod < count ? inPeriod : period - 1 - inPeriod
    }
    var across = values
    for y in 0..<height {
      for x in 0..<width {
        var total = 0.0
        for step in -reach...reach {
          let column = x >= reach && x + reach < width ? x + step : mirrored(x + step, width)
          total += weights[step + reach] * values[y * width + column]
        }
        across[y * width + x] = total / sum
      }
    }
    var result = self
    for y in 0..<height {
      let isInside = y >= reach && y + reach < height
      for x in 0..<width {
        var total = 0.0
        for step in -reach...reach {
          let row = isInside ? y + step : mirrored(y + step, height)
          total += weights[step + reach] * across[row * width + x]
        }
        result.values[y * width + x] = total / sum
      }
    }
    return result
  }

  /// The strength between pixels, bilinear; positions are moved into the image.
  func value(atX x: Double, y: Double) -> Double {
    let x = min(max(x, 0), Double(width) - 1.001)
    let y = min(max(y, 0), Double(height) - 1.001)
    let (column, row) = (max(0, Int(x)), max(0, Int(y)))
    let (right, below) = (min(column + 1, width - 1), min(row + 1, height - 1))
    let (dx, dy) = (x - Double(column), y - Double(row))
    let top = (1 - dx) * values[row * width + column] + dx * values[row * width + right]
    let bottom = (1 - dx) * values[below * width + column] + dx * values[below * width + right]
    return (1 - dy) * top + dy * bottom
  }
}
