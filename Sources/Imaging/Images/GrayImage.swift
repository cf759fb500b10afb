/// A grey picture of 8 bits, such as a mask or a heat map to be written to a file.
public struct GrayImage: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The samples, height x width: rows from top to bottom.
  public let pixels: [UInt8]

  /// A picture of given pixels.
  ///
  /// - Parameter pixels: height x width samples.
  /// - Throws: ``ImageError`` where size and number of samples do not fit.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(ImageError) {
    try ImageLimits.standard.check(width: width, height: height, name: "image")
    guard pixels.count == width * height else {
      throw .sampleCount(width: width, height: height, expected: width * height, actual: pixels.count)
    }
    self.init(trusted: pixels, width: width, height: height)
  }

  init(trusted pixels: [UInt8], width: Int, height: Int) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// A colour picture's brightness, 0.299 R + 0.587 G + 0.114 B, rounded (ITU-R BT.601, as Pillow's "L").
  public init(_ image: Image) {
    var pixels = [UInt8](repeating: 0, count: image.width * image.height)
    for index in pixels.indices {
      let red = Int(image.pixels[3 * index])
      let green = Int(image.pixels[3 * index + 1])
      let blue = Int(image.pixels[3 * index + 2])
      pixels[index] = UInt8((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16)
    }
    self.init(trusted: pixels, width: image.width, height: image.height)
  }

  /// The picture as a file's bytes: PNG, JPEG or WebP.
  public func encoded(as format: ImageFormat = .png, quality: Int = 92) throws(ImageError) -> [UInt8] {
    if format == .webp {
      return try Image(self).encoded(as: format, quality: quality)
    }
    return try Encoder.encode(pixels, width: width, height: height, channels: 1, as: format, quality: quality)
  }

  /// Writes a file that is whole or, after an error, as it was.
  public func write(to path: String, format: ImageFormat? = nil, quality: Int = 92) throws(ImageError) {
    let format = try Encoder.format(format, path: path)
    try Encoder.write(encoded(as: format, quality: quality), to: path)
  }
}

extension Image {
  /// A grey picture as a colour one.
  public init(_ gray: GrayImage) {
    var pixels = [UInt8](repeating: 0, count: gray.pixels.count * 3)
    for (index, value) in gray.pixels.enumerated() {
      pixels[3 * index] = value
      pixels[3 * index + 1] = value
      pixels[3 * index + 2] = value
    }
    self.init(trusted: pixels, width: gray.width, height: gray.height)
  }
}
