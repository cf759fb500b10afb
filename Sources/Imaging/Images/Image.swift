/// A colour picture in memory: 8 bits each of red, green and blue.
///
/// ```swift
/// let photo = try Image(contentsOfFile: "photo.jpg")
/// try photo.resizedLongestSide(to: 1024).write(to: "small.png")
/// ```
///
/// Coordinates are (x, y) with the origin at the upper left, after EXIF's orientation has been applied.
public struct Image: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The samples, height x width x 3: rows from top to bottom, red, green and blue of each pixel together.
  /// Their number stays width * height * 3.
  public var pixels: [UInt8] {
    didSet { precondition(pixels.count == width * height * 3, "the number of an image's samples is fixed") }
  }

  /// A picture of given pixels.
  ///
  /// - Parameter pixels: height x width x 3 samples.
  /// - Throws: ``ImageError/invalidSize(width:height:)``, ``ImageError/tooLarge(name:width:height:limits:)``
  ///   or ``ImageError/sampleCount(width:height:expected:actual:)``.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(ImageError) {
    try ImageLimits.standard.check(width: width, height: height, name: "image")
    guard pixels.count == width * height * 3 else {
      throw .sampleCount(width: width, height: height, expected: width * height * 3, actual: pixels.count)
    }
    self.init(trusted: pixels, width: width, height: height)
  }

  /// For pixels whose number is right by construction.
  package init(trusted pixels: [UInt8], width: Int, height: Int) {
    self.width = width
    self.height = height
    self.pixels = pixels
  }
}
