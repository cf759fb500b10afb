import CImageCodecs
import Files

/// A grey picture with the samples that its file stores, of up to 16 bits: an edge map, for example.
public struct GrayMap: Sendable, Equatable {
  /// Samples in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// The samples, height x width: rows from top to bottom.
  public let samples: [UInt16]
  /// The sample that stands for 1: 255 for 8 bits, 65535 for 16.
  public let maximum: UInt16

  /// A map of given samples.
  ///
  /// - Throws: ``ImageError`` where size and number of samples do not fit.
  public init(width: Int, height: Int, samples: [UInt16], maximum: UInt16 = 255) throws(ImageError) {
    try ImageLimits.standard.check(width: width, height: height, name: "map")
    guard samples.count == width * height else {
      throw .sampleCount(width: width, height: height, expected: width * height, actual: samples.count)
    }
    (self.width, self.height, self.samples, self.maximum) = (width, height, samples, max(1, maximum))
  }

  /// Reads a picture file. A grey PNG keeps its samples as they are stored; of any other picture, red, green and blue must
  /// be equal everywhere.
  ///
  /// - Throws: ``ImageError`` that names the file.
  public init(contentsOfFile path: String, limits: ImageLimits = .standard) throws(ImageError) {
    self = try MappedFile(image: path).withBytes { (bytes) throws(ImageError) in
      try GrayMap(decoding: bytes, name: path, limits: limits)
    }
  }

  /// Reads a picture file's bytes; see ``init(contentsOfFile:limits:)``.
  ///
  /// - Parameter name: what errors call it.
  public init(
    decoding bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits = .standard
  ) throws(ImageError) {
    if case .readable(.png) = RecognisedFormat(bytes),
      let stored = try GrayMap(storedIn: bytes, name: name, limits: limits)
    {
      self = stored
      return
    }
    let image = try Image(decoding: bytes, name: name, limits: limits)
    var samples = [UInt16](repeating: 0, count: image.width * image.height)
    for index in samples.indices {
      let red = image.pixels[3 * index]
      guard red == image.pixels[3 * index + 1], red == image.pixels[3 * index + 2] else {
        throw .unsupportedFeature(
          name: name, format: ImageFormat(path: name) ?? .png, detail: "colours where grey is expected")
      }
      samples[index] = UInt16(red)
    }
    (width, height, maximum) = (image.width, image.height, 255)
    self.samples = samples
  }

  /// The samples of a grey PNG; nil for one with colours or a palette.
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
    guard !hasPalette else { return nil }
    (self.width, self.height, self.samples) = (width, height, samples)
    // The depth is the ninth byte of a header that has been found to be sound.
    maximum = UInt16((1 << UInt32(bytes[24])) - 1)
  }

  /// Where samples are at least a share of ``maximum``, in whole numbers: sample · 100 ≥ percent · maximum.
  public func mask(atLeastPercent percent: Int) -> BitMask {
    let perRow = (width + 63) / 64
    let least = UInt32(percent) * UInt32(maximum)
    var words = [UInt64](repeating: 0, count: perRow * height)
    samples.withUnsafeBufferPointer { samples in
      for y in 0..<height {
        for x in 0..<width where UInt32(samples[y * width + x]) * 100 >= least {
          words[y * perRow + x >> 6] |= 1 << UInt64(x & 63)
        }
      }
    }
    return BitMask(trusted: words, width: width, height: height)
  }
}
