internal import CImageCodecs
internal import Files

/// A picture of which some rows at a time are in memory, from top to bottom: for pictures larger than memory.
///
/// ```swift
/// let rows = try ImageRows(contentsOfFile: "city.tif")
/// let top = try rows.read(0..<1024)  // an image of the picture's width
/// ```
///
/// TIFF files are read strip by strip or tile by tile. Other formats, and TIFFs that are turned or whose colours libtiff has to
/// convert, are read as a whole, where they keep to ``ImageLimits/standard``.
public final class ImageRows {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  private let name: String
  private let source: Source
  /// What was read last: the next rows may begin with some of it.
  private var held: (rows: Range<Int>, pixels: [UInt8]) = (0..<0, [])

  private enum Source {
    case whole(Image)
    case file(MappedFile, OpaquePointer)
  }

  /// The most that rows are read of: as many pixels as a mask of runs may have.
  public static let limits = ImageLimits(
    maximumPixels: Int(UInt32.max), maximumSide: ImageLimits.standard.maximumSide)

  /// Opens a picture file, which is recognised by its content.
  ///
  /// - Parameter limits: for pictures that are read row by row.
  /// - Throws: ``ImageError`` that names the file.
  public init(contentsOfFile path: String, limits: ImageLimits = ImageRows.limits) throws(ImageError) {
    let file = try MappedFile(image: path)
    name = path
    var header = sam_image_header()
    let reader = try file.withBytes { (bytes) throws(ImageError) in
      try Decoder.openRows(bytes, name: path, header: &header)
    }
    if let reader {
      source = .file(file, reader)
      (width, height) = (Int(header.width), Int(header.height))
      try limits.check(width: width, height: height, name: path)
    } else {
      let image = try Image(contentsOfFile: path)
      source = .whole(image)
      (width, height) = (image.width, image.height)
    }
  }

  /// Rows of a picture that is in memory.
  public init(_ image: Image) {
    name = "image"
    source = .whole(image)
    (width, height) = (image.width, image.height)
  }

  deinit {
    if case .file(_, let reader) = source { sam_tiff_rows_close(reader) }
  }

  /// Reads some rows, which should begin no higher than those read before: those in both are not read again, but going back
  /// may mean to decode from a strip's start.
  ///
  /// - Returns: an image of the whole width and as many rows.
  /// - Throws: ``ImageError`` for rows that are not there or cannot be read.
  public func read(_ rows: Range<Int>) throws(ImageError) -> Image {
    let box = PixelBox(x: 0, y: rows.lowerBound, width: width, height: rows.count)
    guard case .file(let file, let reader) = source else {
      guard case .whole(let image) = source else { throw .invalidSize(width: width, height: rows.count) }
      return try image.cropped(to: box)
    }
    guard rows.lowerBound >= 0, !rows.isEmpty, rows.upperBound <= height else {
      throw .invalidSize(width: width, height: rows.count)
    }
    let stride = width * 3
    let known = rows.clamped(to: held.rows)
    let reused = known.lowerBound == rows.lowerBound ? known.count : 0
    let (old, first) = (held, (rows.lowerBound - held.rows.lowerBound) * stride)
    held = (0..<0, [])
    var failure = sam_codec_failure()
    var done = false
    let pixels = [UInt8](unsafeUninitializedCapacity: rows.count * stride) { target, count in
      guard let base = target.baseAddress else { return }
      if reused > 0 {
        old.pixels.withUnsafeBufferPointer { pixels in
          if let start = pixels.baseAddress { base.update(from: start + first, count: reused * stride) }
        }
      }
      done = sam_tiff_rows_read(
        reader, UInt32(rows.lowerBound + reused), UInt32(rows.count - reused), base + reused * stride,
        &failure)
      count = done ? rows.count * stride : 0
    }
    file.releasePages()
    guard done else { throw failure.error(name: name, format: .tiff, width: width, height: height) }
    held = (rows, pixels)
    return Image(trusted: pixels, width: width, height: rows.count)
  }
}

extension Decoder {
  /// A reader of rows, or nil for a picture that can only be read as a whole.
  fileprivate static func openRows(
    _ bytes: UnsafeRawBufferPointer, name: String, header: inout sam_image_header
  ) throws(ImageError) -> OpaquePointer? {
    guard RecognisedFormat(bytes) == .readable(.tiff), !TIFFDirectory.isCutOff(BoundedBytes(bytes)) else {
      return nil
    }
    let input = sam_encoded(bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), count: bytes.count)
    var failure = sam_codec_failure()
    if let reader = sam_tiff_rows_open(input, &header, &failure) {
      guard header.width > 0, header.height > 0 else {
        sam_tiff_rows_close(reader)
        throw .corrupt(name: name, format: .tiff, detail: "a size of \(header.width) x \(header.height)")
      }
      return reader
    }
    guard failure.kind == SAM_CODEC_UNSUPPORTED else { throw failure.error(name: name, format: .tiff) }
    return nil
  }
}
