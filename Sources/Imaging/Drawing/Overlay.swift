/// Masks and prompts drawn over a picture.
///
/// ```swift
/// var overlay = Overlay(photo)
/// try overlay.add(mask)
/// overlay.addPoint(x: 500, y: 375, isForeground: true)
/// try overlay.image.write(to: "overlay.jpg")
/// ```
///
/// Line widths grow with the picture, so that they look alike when pictures are shown at the same size.
/// Coordinates are (x, y) in the picture's own pixels.
public struct Overlay: Sendable {
  /// The picture with what has been drawn so far.
  public private(set) var image: Image

  /// Pixels of a thin line.
  private let unit: Int
  private var maskCount = 0

  /// Begins with a picture.
  public init(_ image: Image) {
    self.image = image
    unit = max(1, (max(image.width, image.height) + 400) / 800)
  }

  /// Tints a mask's pixels and draws its contour just inside its edge.
  ///
  /// - Parameters:
  ///   - color: by default one that differs from those of the masks before.
  ///   - opacity: of the tint, 0...1; the contour is opaque.
  /// - Throws: ``ImageError/sizesDiffer(width:height:maskWidth:maskHeight:)``.
  public mutating func add(_ mask: Mask, color: Color? = nil, opacity: Double = 0.45) throws(ImageError) {
    try image.checkSize(of: mask)
    let color = color ?? .distinct(maskCount)
    maskCount += 1
    guard let box = mask.boundingBox else { return }
    let depth = mask.edgeDistance(in: box, limit: UInt8(min(unit + 1, 255)))
    let tint = Blend(color, opacity: opacity)
    let contour = Blend(color, opacity: 1)
    let stride = image.width * 3
    image.pixels.withUnsafeMutableBufferPointer { pixels in
      for y in 0..<box.height {
        var index = (box.y + y) * stride + box.x * 3
        for x in 0..<box.width {
          let distance = Int(depth[y * box.width + x])
          if distance > 0 { (distance <= unit ? contour : tint).apply(to: pixels, at: index) }
          index += 3
        }
      }
    }
  }

  /// Draws a prompt point: a green disc for the foreground, a red one for the background, with a white rim.
  public mutating func addPoint(x: Double, y: Double, isForeground: Bool) {
    let radius = Double(5 * unit)
    image.fillDisc(.black, x: x, y: y, radius: radius + 2 * Double(unit))
    image.fillDisc(.white, x: x, y: y, radius: radius + 1.5 * Double(unit))
    image.fillDisc(isForeground ? .foreground : .background, x: x, y: y, radius: radius)
  }

  /// Draws the outline of a box prompt from its corners (XYXY).
  public mutating func addBox(x0: Double, y0: Double, x1: Double, y1: Double, color: Color = .foreground) {
    let columns = pixels(x0, x1, limit: image.width)
    let rows = pixels(y0, y1, limit: image.height)
    // A white line around the coloured one keeps it visible on any ground.
    drawFrame(.white, columns: columns, rows: rows, outset: unit, thickness: 3 * unit)
    drawFrame(color, columns: columns, rows: rows, outset: 0, thickness: unit)
  }

  /// Writes a line of ASCII text on a dark band in the upper left corner.
  public mutating func addCaption(_ text: String) {
    let dot = max(1, unit * 2)
    let width = text.count * (BitmapFont.width + 1) * dot + 3 * dot
    let height = (BitmapFont.height + 3) * dot
    image.fillRectangle(.black, columns: 0..<width, rows: 0..<height, opacity: 0.65)
    image.write(text, x: 2 * dot, y: 2 * dot, color: .white, scale: dot)
  }

  private func pixels(_ first: Double, _ second: Double, limit: Int) -> Range<Int> {
    func pixel(_ value: Double) -> Int { value.isNaN ? 0 : Int(min(max(value, -1e6), 1e6 + Double(limit))) }
    let low = pixel(min(first, second).rounded(.down))
    return low..<max(low + 1, pixel(max(first, second).rounded(.up)))
  }

  private mutating func drawFrame(
    _ color: Color, columns: Range<Int>, rows: Range<Int>, outset: Int, thickness: Int
  ) {
    let (left, right) = (columns.lowerBound - outset, columns.upperBound + outset)
    let (top, bottom) = (rows.lowerBound - outset, rows.upperBound + outset)
    image.fillRectangle(color, columns: left..<right, rows: top..<min(top + thickness, bottom))
    image.fillRectangle(color, columns: left..<right, rows: max(bottom - thickness, top)..<bottom)
    image.fillRectangle(color, columns: left..<min(left + thickness, right), rows: top..<bottom)
    image.fillRectangle(color, columns: max(right - thickness, left)..<right, rows: top..<bottom)
  }
}

extension Mask {
  /// How far inside the mask each pixel of a box lies: 0 outside, 1 at the edge (diagonal neighbours count, and
  /// so does the picture's border), up to `limit`.
  func edgeDistance(in box: PixelBox, limit: UInt8) -> [UInt8] {
    // Two sweeps, as in a chamfer distance transform (Borgefors, 1986), with a rim of zeros around the box.
    let stride = box.width + 2
    var padded = [UInt8](repeating: 0, count: stride * (box.height + 2))
    return [UInt8](unsafeUninitializedCapacity: box.width * box.height) { result, count in
      count = box.width * box.height
      padded.withUnsafeMutableBufferPointer { distance in
        for y in 0..<box.height {
          for x in 0..<box.width where bits[(box.y + y) * width + box.x + x] == 1 {
            let index = (y + 1) * stride + x + 1
            let above = min(
              distance[index - stride - 1], distance[index - stride], distance[index - stride + 1])
            distance[index] = min(above, distance[index - 1], limit - 1) + 1
          }
        }
        for y in (0..<box.height).reversed() {
          for x in (0..<box.width).reversed() {
            let index = (y + 1) * stride + x + 1
            if distance[index] > 0 {
              let below = min(
                distance[index + stride - 1], distance[index + stride], distance[index + stride + 1])
              distance[index] = min(distance[index], min(below, distance[index + 1], limit - 1) + 1)
            }
            result[y * box.width + x] = distance[index]
          }
        }
      }
    }
  }
}
