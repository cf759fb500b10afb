import CImageCodecs
import Files

/// Writes pictures in every format that is written.
enum Encoder {
  /// - Parameters:
  ///   - pixels: rows from top to bottom.
  ///   - channels: 1 (grey), 3 or 4 bytes a pixel.
  ///   - quality: 1...100; WebP at 100 is lossless, PNG always.
  static func encode(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int, as format: ImageFormat, quality: Int
  ) throws(ImageError) -> [UInt8] {
    if format == .jpeg, max(width, height) > 65_500 {
      throw .cannotEncode(format: format, detail: "JPEG holds at most 65500 pixels a side")
    }
    if format == .jpeg, channels == 4 {
      throw .cannotEncode(format: format, detail: "JPEG has no transparency; PNG and WebP do")
    }
    guard let columns = UInt32(exactly: width), let rows = UInt32(exactly: height) else {
      throw .invalidSize(width: width, height: height)
    }
    let quality = Int32(min(max(quality, 1), 100))
    var output = sam_buffer()
    defer { sam_buffer_free(&output) }
    var failure = sam_codec_failure()
    let done =
      switch format {
      case .jpeg: sam_jpeg_encode(pixels, columns, rows, Int32(channels), quality, &output, &failure)
      case .png: sam_png_encode(pixels, columns, rows, Int32(channels), &output, &failure)
      case .webp: sam_webp_encode(pixels, columns, rows, Int32(channels), quality, &output, &failure)
      case .tiff: throw .cannotEncode(format: format, detail: "TIFF is only read")
      }
    guard done else {
      if failure.kind == SAM_CODEC_OUT_OF_MEMORY {
        throw .outOfMemory(name: format.displayName, width: width, height: height)
      }
      throw .cannotEncode(format: format, detail: failure.text)
    }
    return Array(UnsafeBufferPointer(start: output.bytes, count: output.count))
  }

  /// A grey PNG of 16 bits.
  static func encode(gray16 samples: [UInt16], width: Int, height: Int) throws(ImageError) -> [UInt8] {
    guard let columns = UInt32(exactly: width), let rows = UInt32(exactly: height) else {
      throw .invalidSize(width: width, height: height)
    }
    var output = sam_buffer()
    defer { sam_buffer_free(&output) }
    var failure = sam_codec_failure()
    guard sam_png_encode_gray16(samples, columns, rows, &output, &failure) else {
      throw .cannotEncode(format: .png, detail: failure.text)
    }
    return Array(UnsafeBufferPointer(start: output.bytes, count: output.count))
  }

  /// The format to write a file in: the one asked for, or the one that the name's extension says.
  static func format(_ format: ImageFormat?, path: String) throws(ImageError) -> ImageFormat {
    guard let format = format ?? ImageFormat(path: path) else { throw .unknownExtension(path: path) }
    return format
  }

  /// Writes a file so that it is whole or not there.
  static func write(_ bytes: [UInt8], to path: String) throws(ImageError) {
    do {
      try AtomicFile.write(bytes, to: path)
    } catch {
      throw .file(error)
    }
  }
}
