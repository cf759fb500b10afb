import CImageCodecs
import Files

extension Image {
  /// Reads a picture file: JPEG, PNG, WebP or TIFF, recognised by its content.
  ///
  /// Grey is replicated, palettes are looked up, 16-bit samples keep their high byte, CMYK is converted as
  /// Pillow does, alpha is dropped, EXIF's orientation is applied, colour profiles are ignored. Of several
  /// pictures in a file, the first is read.
  ///
  /// - Throws: ``ImageError`` that names the file; a file that is cut off is an error.
  public init(contentsOfFile path: String, limits: ImageLimits = .standard) throws(ImageError) {
    self = try MappedFile(image: path).withBytes { (bytes) throws(ImageError) in
      try Image(decoding: bytes, name: path, limits: limits)
    }
  }

  /// Reads a picture file's bytes; see ``init(contentsOfFile:limits:)``.
  ///
  /// - Parameter name: what errors call it, such as "-" for standard input.
  public init(
    decoding bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits = .standard
  ) throws(ImageError) {
    let decoded = try Decoder.decode(bytes, name: name, limits: limits, layout: SAM_RGB)
    self.init(trusted: decoded.pixels, width: decoded.width, height: decoded.height)
  }

  /// Reads a picture file's bytes; see ``init(contentsOfFile:limits:)``.
  ///
  /// - Parameter name: what errors call it, such as "-" for standard input.
  public init(decoding bytes: [UInt8], name: String, limits: ImageLimits = .standard) throws(ImageError) {
    self = try bytes.withUnsafeBytes { buffer in
      Result { () throws(ImageError) in try Image(decoding: buffer, name: name, limits: limits) }
    }.get()
  }

  /// The size that an encoded picture will have, from its header alone.
  ///
  /// - Parameter name: what errors call it.
  /// - Throws: ``ImageError`` where the bytes do not begin as a picture does; what follows is not looked at.
  public static func size(
    ofEncoded bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits = .standard
  ) throws(ImageError) -> (width: Int, height: Int) {
    try Decoder.size(bytes, name: name, limits: limits)
  }

  /// The picture as a file's bytes.
  ///
  /// - Parameters:
  ///   - format: JPEG, PNG or WebP.
  ///   - quality: 1...100 for JPEG (from 90 on with full colour resolution) and WebP (100 is lossless).
  /// - Throws: ``ImageError/cannotEncode(format:detail:)``.
  public func encoded(as format: ImageFormat, quality: Int = 92) throws(ImageError) -> [UInt8] {
    try Encoder.encode(pixels, width: width, height: height, channels: 3, as: format, quality: quality)
  }

  /// Writes a file that is whole or, after an error, as it was.
  ///
  /// - Parameters:
  ///   - format: by default what the path's extension says.
  ///   - quality: as for ``encoded(as:quality:)``.
  /// - Throws: ``ImageError``.
  public func write(to path: String, format: ImageFormat? = nil, quality: Int = 92) throws(ImageError) {
    let format = try Encoder.format(format, path: path)
    try Encoder.write(encoded(as: format, quality: quality), to: path)
  }
}

extension MappedFile {
  /// Maps a picture file, with the error type of pictures.
  convenience init(image path: String) throws(ImageError) {
    do {
      try self.init(path: path)
    } catch {
      throw .file(error)
    }
  }
}
