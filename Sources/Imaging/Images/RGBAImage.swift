import CImageCodecs
import Files

/// A picture with transparency: 8 bits each of red, green, blue and alpha, not premultiplied.
public struct RGBAImage: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The samples, height x width x 4; alpha is 0 for transparent and 255 for opaque.
  public let pixels: [UInt8]

  /// A picture of given pixels.
  ///
  /// - Parameter pixels: height x width x 4 samples.
  /// - Throws: ``ImageError`` where size and number of samples do not fit.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(ImageError) {
    try ImageLimits.standard.check(width: width, height: height, name: "image")
    guard pixels.count == width * height * 4 else {
      throw .sampleCount(width: width, height: height, expected: width * height * 4, actual: pixels.count)
    }
    self.init(trusted: pixels, width: width, height: height)
  }

  init(trusted pixels: [UInt8], width: Int, height: Int) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Reads a picture file with its transparency; one without is opaque. Otherwise as
  /// ``Image/init(contentsOfFile:limits:)``.
  public init(contentsOfFile path: String, limits: ImageLimits = .standard) throws(ImageError) {
    let decoded = try MappedFile(image: path).withBytes { (bytes) throws(ImageError) in
      try Decoder.decode(bytes, name: path, limits: limits, layout: SAM_RGBA)
    }
    self.init(trusted: decoded.pixels, width: decoded.width, height: decoded.height)
  }

  /// The picture as a PNG's or WebP's bytes.
  ///
  /// - Parameter quality: 1...100 for WebP, where 100 is lossless.
  /// - Throws: ``ImageError/cannotEncode(format:detail:)`` for formats without transparency.
  public func encoded(as format: ImageFormat, quality: Int = 92) throws(ImageError) -> [UInt8] {
    try Encoder.encode(pixels, width: width, height: height, channels: 4, as: format, quality: quality)
  }

  /// Writes a PNG or WebP file that is whole or, after an error, as it was.
  public func write(to path: String, format: ImageFormat? = nil, quality: Int = 92) throws(ImageError) {
    let format = try Encoder.format(format, path: path)
    try Encoder.write(encoded(as: format, quality: quality), to: path)
  }
}
