extension Oracle {
  /// Between which two of `source` samples, and how far from the first, sample `index` of `count` lies. In single
  /// precision, as PyTorch computes it for single-precision images (align_corners=false).
  static func sample(_ index: Int, from source: Int, to count: Int) -> (low: Int, high: Int, fraction: Double)
  {
    let position = max(0, Float(source) / Float(count) * (Float(index) + 0.5) - 0.5)
    let low = min(Int(position), source - 1)
    return (low, min(low + 1, source - 1), Double(position - Float(low)))
  }

  /// A plane of numbers, row by row.
  struct Plane {
    var height: Int, width: Int
    var values: [Double]

    /// The rows and columns before the given ones.
    func cropped(_ height: Int, _ width: Int) -> Plane {
      Plane(
        height: height, width: width,
        values: (0..<height * width).map { values[$0 / width * self.width + $0 % width] })
    }

    /// Bilinear, with corners not aligned and without antialiasing.
    func interpolated(_ height: Int, _ width: Int) -> Plane {
      let columns = (0..<width).map { sample($0, from: self.width, to: width) }
      var result = Plane(height: height, width: width, values: [])
      result.values.reserveCapacity(height * width)
      for row in 0..<height {
        let y = sample(row, from: self.height, to: height)
        for x in columns {
          let above = (1 - x.fraction) * self[y.low, x.low] + x.fraction * self[y.low, x.high]
          let below = (1 - x.fraction) * self[y.high, x.low] + x.fraction * self[y.high, x.high]
          result.values.append((1 - y.fraction) * above + y.fraction * below)
        }
      }
      return result
    }

    subscript(row: Int, column: Int) -> Double { values[row * width + column] }
  }
}
