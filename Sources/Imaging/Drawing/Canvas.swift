/// Drawing on an image's pixels; what lies outside is left out.
extension Image {
  /// Mixes a colour into a pixel: `opacity` 0 leaves it, 1 replaces it.
  @inline(__always)
  mutating func blend(_ color: Color, x: Int, y: Int, opacity: Double) {
    guard x >= 0, y >= 0, x < width, y < height, opacity > 0 else { return }
    let index = (y * width + x) * 3
    pixels.withUnsafeMutableBufferPointer { Blend(color, opacity: opacity).apply(to: $0, at: index) }
  }

  /// Fills a disc around (x, y), positions in the image's plane, with a smooth edge.
  mutating func fillDisc(_ color: Color, x: Double, y: Double, radius: Double) {
    let reach = radius + 1
    guard let columns = pixelRange(x - reach, x + reach, limit: width),
      let rows = pixelRange(y - reach, y + reach, limit: height)
    else { return }
    for row in rows {
      for column in columns {
        let (dx, dy) = (Double(column) + 0.5 - x, Double(row) + 0.5 - y)
        let coverage = radius + 0.5 - (dx * dx + dy * dy).squareRoot()
        blend(color, x: column, y: row, opacity: coverage)
      }
    }
  }

  /// Fills the pixels of columns and rows.
  mutating func fillRectangle(_ color: Color, columns: Range<Int>, rows: Range<Int>, opacity: Double = 1) {
    for row in rows.clamped(to: 0..<height) {
      for column in columns.clamped(to: 0..<width) { blend(color, x: column, y: row, opacity: opacity) }
    }
  }

  /// Writes one line of text with its upper left corner at (x, y), each dot `scale` pixels wide.
  mutating func write(_ text: String, x: Int, y: Int, color: Color, scale: Int = 1) {
    var left = x
    for character in text {
      for (row, dots) in BitmapFont.rows(of: character).enumerated() {
        for column in 0..<BitmapFont.width where dots >> UInt8(BitmapFont.width - 1 - column) & 1 == 1 {
          let firstColumn = left + column * scale
          let firstRow = y + row * scale
          fillRectangle(
            color, columns: firstColumn..<firstColumn + scale, rows: firstRow..<firstRow + scale)
        }
      }
      left += (BitmapFont.width + 1) * scale
    }
  }

  /// The pixels between two positions, nil for none.
  private func pixelRange(_ low: Double, _ high: Double, limit: Int) -> Range<Int>? {
    let first = max(low.rounded(.down), 0)
    let end = min(high.rounded(.up), Double(limit))
    guard first < end else { return nil }
    return Int(first)..<Int(end)
  }
}

/// A colour to be mixed into pixels, in multiples of 1/256.
struct Blend {
  private let color: Color
  private let share: Int

  init(_ color: Color, opacity: Double) {
    self.color = color
    share = opacity > 0 ? Int(min(opacity, 1) * 256 + 0.5) : 0
  }

  @inline(__always)
  func apply(to pixels: UnsafeMutableBufferPointer<UInt8>, at index: Int) {
    func mix(_ old: UInt8, _ new: UInt8) -> UInt8 {
      UInt8((Int(old) * (256 - share) + Int(new) * share) >> 8)
    }
    pixels[index] = mix(pixels[index], color.red)
    pixels[index + 1] = mix(pixels[index + 1], color.green)
    pixels[index + 2] = mix(pixels[index + 2], color.blue)
  }
}
