import CImageCodecs

/// A picture as a codec delivers it, upright.
struct DecodedPixels {
  var width: Int
  var height: Int
  /// Rows from top to bottom; 3 or 4 bytes a pixel, as the layout asked for says.
  var pixels: [UInt8]
  var hasAlpha: Bool
  /// Compressed with loss, so that small differences mean nothing.
  var isLossy: Bool
}

/// Reads pictures of every readable format.
enum Decoder {
  /// Decodes the picture in `bytes`, the first one where there are several.
  ///
  /// - Parameter name: what errors call it.
  static func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits, layout: sam_pixel_layout
  ) throws(ImageError) -> DecodedPixels {
    let (format, declared) = try readHeader(of: bytes, name: name, limits: limits)
    var header = declared
    let input = sam_encoded(bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    var failure = sam_codec_failure()
    let width = Int(header.width)
    let height = Int(header.height)
    var done = false
    var pixels = [UInt8](
      unsafeUninitializedCapacity: width * height * (format == .jpeg ? 3 : Int(sam_channels(layout)))
    ) { buffer, count in
      done = decode(format, input, &header, layout, buffer.baseAddress, &failure)
      count = done ? buffer.count : 0
    }
    guard done else { throw failure.error(name: name, format: format, width: width, height: height) }
    if format == .jpeg, layout != SAM_RGB { pixels = addOpaqueAlpha(pixels) }

    let orientation = Self.orientation(of: bytes, format, header)
    return DecodedPixels(
      width: orientation.exchangesAxes ? height : width,
      height: orientation.exchangesAxes ? width : height,
      pixels: orient(
        pixels, width: width, height: height, channels: Int(sam_channels(layout)), by: orientation),
      hasAlpha: header.has_alpha, isLossy: header.is_lossy)
  }

  /// The picture's size as it will be decoded, upright, from its header alone.
  static func size(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits
  ) throws(ImageError) -> (width: Int, height: Int) {
    let (format, header) = try readHeader(of: bytes, name: name, limits: limits)
    let (width, height) = (Int(header.width), Int(header.height))
    return orientation(of: bytes, format, header).exchangesAxes ? (height, width) : (width, height)
  }

  /// The format, and what the header declares, checked against the limits.
  private static func readHeader(
    of bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits
  ) throws(ImageError) -> (format: ImageFormat, header: sam_image_header) {
    guard bytes.count > 0 else { throw .empty(name: name) }
    let format: ImageFormat
    switch RecognisedFormat(bytes) {
    case .readable(let readable): format = readable
    case .unreadable(let known): throw .unsupportedFormat(name: name, format: known)
    case .unknown: throw .notAnImage(name: name)
    }
    if format == .webp { try checkWebPLength(bytes, name: name) }
    if format == .tiff, TIFFDirectory.isCutOff(BoundedBytes(bytes)) {
      throw .truncated(name: name, format: .tiff, detail: "its directory points past the end")
    }

    let input = sam_encoded(bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    var failure = sam_codec_failure()
    var header = sam_image_header()
    guard readHeader(format, input, &header, &failure) else {
      throw failure.error(name: name, format: format)
    }
    let width = Int(header.width)
    let height = Int(header.height)
    guard width > 0, height > 0 else {
      throw .corrupt(name: name, format: format, detail: "a size of \(width) x \(height)")
    }
    try limits.check(width: width, height: height, name: name)
    return (format, header)
  }

  private static func orientation(
    of bytes: UnsafeRawBufferPointer, _ format: ImageFormat, _ header: sam_image_header
  ) -> ExifOrientation {
    format == .tiff
      ? ExifOrientation(rawValue: header.orientation) ?? .upright
      : ExifOrientation(in: bytes, format: format)
  }

  private static func readHeader(
    _ format: ImageFormat, _ input: sam_encoded, _ header: inout sam_image_header,
    _ failure: inout sam_codec_failure
  ) -> Bool {
    switch format {
    case .jpeg: sam_jpeg_read_header(input, &header, &failure)
    case .png: sam_png_read_header(input, &header, &failure)
    case .webp: sam_webp_read_header(input, &header, &failure)
    case .tiff: sam_tiff_read_header(input, &header, &failure)
    }
  }

  private static func decode(
    _ format: ImageFormat, _ input: sam_encoded, _ header: inout sam_image_header, _ layout: sam_pixel_layout,
    _ pixels: UnsafeMutablePointer<UInt8>?, _ failure: inout sam_codec_failure
  ) -> Bool {
    switch format {
    case .jpeg: sam_jpeg_decode(input, &header, pixels, &failure)
    case .png: sam_png_decode(input, &header, layout, pixels, &failure)
    case .webp: sam_webp_decode(input, &header, layout, pixels, &failure)
    case .tiff: sam_tiff_decode(input, &header, layout, pixels, &failure)
    }
  }

  /// libwebp forgives some files that end early; their header tells how long they are.
  private static func checkWebPLength(_ bytes: UnsafeRawBufferPointer, name: String) throws(ImageError) {
    guard bytes.count >= 12 else { return }
    let declared = (4..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    guard declared + 8 <= bytes.count else {
      throw .truncated(name: name, format: .webp, detail: "\(bytes.count) of \(declared + 8) bytes")
    }
  }

  private static func addOpaqueAlpha(_ rgb: [UInt8]) -> [UInt8] {
    let count = rgb.count / 3
    return [UInt8](unsafeUninitializedCapacity: count * 4) { target, initialized in
      for pixel in 0..<count {
        for channel in 0..<3 { target[4 * pixel + channel] = rgb[3 * pixel + channel] }
        target[4 * pixel + 3] = 255
      }
      initialized = count * 4
    }
  }
}

extension sam_codec_failure {
  /// The library's message.
  var text: String {
    withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  func error(name: String, format: ImageFormat, width: Int = 0, height: Int = 0) -> ImageError {
    switch kind {
    case SAM_CODEC_TRUNCATED: .truncated(name: name, format: format, detail: text)
    case SAM_CODEC_UNSUPPORTED: .unsupportedFeature(name: name, format: format, detail: text)
    case SAM_CODEC_OUT_OF_MEMORY: .outOfMemory(name: name, width: width, height: height)
    default: .corrupt(name: name, format: format, detail: text)
    }
  }
}
