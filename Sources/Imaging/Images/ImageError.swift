public import Files

/// What went wrong with an image. `name` is the file's path, or what the caller called the bytes ("-" for
/// standard input).
public enum ImageError: Error, Sendable, Equatable {
  /// The file could not be opened, read or written.
  case file(FileError)
  /// There are no bytes at all.
  case empty(name: String)
  /// The bytes are no picture of a known format.
  case notAnImage(name: String)
  /// A known format that is not read.
  case unsupportedFormat(name: String, format: String)
  /// A readable format with something in it that is not read.
  case unsupportedFeature(name: String, format: ImageFormat, detail: String)
  /// The bytes end before the picture does.
  case truncated(name: String, format: ImageFormat, detail: String)
  /// The bytes contradict the format.
  case corrupt(name: String, format: ImageFormat, detail: String)
  /// The declared size is above the limits.
  case tooLarge(name: String, width: Int, height: Int, limits: ImageLimits)
  /// There is not enough memory for the declared size.
  case outOfMemory(name: String, width: Int, height: Int)
  /// A width or height that no picture has.
  case invalidSize(width: Int, height: Int)
  /// As many samples as no picture of this size has.
  case sampleCount(width: Int, height: Int, expected: Int, actual: Int)
  /// A mask sample that is neither 0 nor 1.
  case notBinary(value: UInt8, index: Int)
  /// A mask of another size than the picture it belongs to.
  case sizesDiffer(width: Int, height: Int, maskWidth: Int, maskHeight: Int)
  /// A format that this kind of picture is not written in.
  case cannotEncode(format: ImageFormat, detail: String)
  /// A file name whose extension names no format that is written.
  case unknownExtension(path: String)
}
