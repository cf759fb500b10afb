import CImageCodecs
import Files

extension Mask {
  /// Reads a mask from a picture file.
  ///
  /// A pixel is in the set if it is not black: grey, colour or palette colour above 0, also where a 16-bit
  /// sample is small (label images). Where a picture has transparent pixels, such as a cutout, its alpha
  /// decides instead: what is not wholly transparent is in the set. Pictures compressed with loss (JPEG, lossy
  /// WebP), which are never quite black, are divided at half brightness.
  ///
  /// - Throws: ``ImageError`` that names the file.
  public init(contentsOfFile path: String, limits: ImageLimits = .standard) throws(ImageError) {
    self = try MappedFile(image: path).withBytes { (bytes) throws(ImageError) in
      try Mask(decoding: bytes, name: path, limits: limits)
    }
  }

  /// Reads a mask from a picture file's bytes; see ``init(contentsOfFile:limits:)``.
  ///
  /// - Parameter name: what errors call it, such as "-" for standard input.
  public init(
    decoding bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits = .standard
  ) throws(ImageError) {
    let decoded = try Decoder.decode(bytes, name: name, limits: limits, layout: SAM_RGBA_NONZERO)
    self.init(decoded)
  }

  /// Reads a mask from a picture file's bytes; see ``init(contentsOfFile:limits:)``.
  public init(decoding bytes: [UInt8], name: String, limits: ImageLimits = .standard) throws(ImageError) {
    self = try bytes.withUnsafeBytes { buffer in
      Result { () throws(ImageError) in try Mask(decoding: buffer, name: name, limits: limits) }
    }.get()
  }

  private init(_ decoded: DecodedPixels) {
    let count = decoded.width * decoded.height
    let bits = [UInt8](unsafeUninitializedCapacity: count) { bits, initialized in
      decoded.pixels.withUnsafeBufferPointer { pixels in
        let isTransparent = decoded.hasAlpha && (0..<count).contains { pixels[4 * $0 + 3] < 255 }
        for index in 0..<count {
          let red = pixels[4 * index]
          let green = pixels[4 * index + 1]
          let blue = pixels[4 * index + 2]
          if isTransparent {
            bits[index] = pixels[4 * index + 3] > 0 ? 1 : 0
          } else if decoded.isLossy {
            bits[index] = max(red, green, blue) >= 128 ? 1 : 0
          } else {
            bits[index] = red | green | blue > 0 ? 1 : 0
          }
        }
      }
      initialized = count
    }
    self.init(trusted: bits, width: decoded.width, height: decoded.height)
  }

  /// The mask as a grey picture: 255 in the set, 0 outside.
  public var grayImage: GrayImage {
    GrayImage(trusted: bits.map { 0 &- $0 }, width: width, height: height)
  }

  /// The mask as an 8-bit grey PNG: 255 in the set, 0 outside.
  ///
  /// - Throws: ``ImageError``.
  public func encodedPNG() throws(ImageError) -> [UInt8] {
    try grayImage.encoded(as: .png)
  }

  /// Writes an 8-bit grey PNG that is whole or, after an error, as it was.
  public func write(to path: String) throws(ImageError) {
    try Encoder.write(encodedPNG(), to: path)
  }
}
