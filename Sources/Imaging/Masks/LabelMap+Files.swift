import CImageCodecs
import Files

extension LabelMap {
  /// Reads a label map from a picture file.
  ///
  /// Labels of a PNG are its samples as they are stored: indices of a palette, or grey values of up to 16 bits. In other
  /// pictures each colour is a label, 65536 red + 256 green + blue, black being the ground; lossy ones, whose colours are
  /// blurred, are divided at half brightness into 0 and 1. In a palette with other indices than 0 and 255, index 255 is the
  /// border that Pascal VOC leaves undecided, and counts as ground.
  ///
  /// - Throws: ``ImageError`` that names the file.
  public init(contentsOfFile path: String, limits: ImageLimits = .standard) throws(ImageError) {
    self = try MappedFile(image: path).withBytes { (bytes) throws(ImageError) in
      try LabelMap(decoding: bytes, name: path, limits: limits)
    }
  }

  /// Reads a label map from a picture file's bytes; see ``init(contentsOfFile:limits:)``.
  ///
  /// - Parameter name: what errors call it.
  public init(
    decoding bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits = .standard
  ) throws(ImageError) {
    if case .readable(.png) = RecognisedFormat(bytes),
      let stored = try LabelMap(storedIn: bytes, name: name, limits: limits)
    {
      self = stored
      return
    }
    let decoded = try Decoder.decode(bytes, name: name, limits: limits, layout: SAM_RGB)
    let labels = (0..<decoded.width * decoded.height).map { index -> UInt32 in
      let red = UInt32(decoded.pixels[3 * index])
      let green = UInt32(decoded.pixels[3 * index + 1])
      let blue = UInt32(decoded.pixels[3 * index + 2])
      return decoded.isLossy ? (max(red, green, blue) >= 128 ? 1 : 0) : red << 16 | green << 8 | blue
    }
    self.init(trusted: labels, width: decoded.width, height: decoded.height)
  }

  /// The samples of a PNG that is grey or has a palette; nil for one in colours.
  private init?(storedIn bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits) throws(ImageError)
  {
    let input = sam_encoded(bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    var failure = sam_codec_failure()
    var header = sam_image_header()
    guard sam_png_read_header(input, &header, &failure) else { throw failure.error(name: name, format: .png) }
    let (width, height) = (Int(header.width), Int(header.height))
    try limits.check(width: width, height: height, name: name)
    var hasPalette = false
    var done = false
    let samples = [UInt16](unsafeUninitializedCapacity: width * height) { buffer, count in
      done = sam_png_decode_labels(input, &header, buffer.baseAddress, &hasPalette, &failure)
      count = done ? buffer.count : 0
    }
    guard done else {
      if failure.kind == SAM_CODEC_UNSUPPORTED { return nil }
      throw failure.error(name: name, format: .png, width: width, height: height)
    }
    let hasBorder = hasPalette && samples.contains { $0 != 0 && $0 != 255 }
    self.init(
      trusted: samples.map { hasBorder && $0 == 255 ? 0 : UInt32($0) }, width: width, height: height)
  }

  /// The map as a grey PNG, of 8 bits where the labels fit, else of 16.
  ///
  /// - Throws: ``ImageError/cannotEncode(format:detail:)`` for labels above 65535.
  public func encodedPNG() throws(ImageError) -> [UInt8] {
    let largest = labels.max() ?? 0
    if largest < 256 {
      return try GrayImage(trusted: labels.map { UInt8($0) }, width: width, height: height).encoded(as: .png)
    }
    guard largest < 65536 else {
      throw .cannotEncode(format: .png, detail: "label \(largest) is above 65535")
    }
    return try Encoder.encode(gray16: labels.map { UInt16($0) }, width: width, height: height)
  }

  /// Writes a PNG that is whole or, after an error, as it was; see ``encodedPNG()``.
  public func write(to path: String) throws(ImageError) {
    try Encoder.write(encodedPNG(), to: path)
  }
}
