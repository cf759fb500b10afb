import Files

extension ImageError: CustomStringConvertible {
  /// One line that begins with the file's name where there is one.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .empty(let name):
      "\(name): empty, no image in it"
    case .notAnImage(let name):
      "\(name): not an image in a known format; JPEG, PNG, WebP and TIFF are read"
    case .unsupportedFormat(let name, let format):
      "\(name): \(format) is not supported; convert it to JPEG or PNG"
    case .unsupportedFeature(let name, let format, let detail):
      "\(name): this kind of \(format.displayName) is not supported: \(detail)"
    case .truncated(let name, let format, let detail):
      "\(name): the \(format.displayName) is cut off: \(detail)"
    case .corrupt(let name, let format, let detail):
      "\(name): damaged \(format.displayName): \(detail)"
    case .tooLarge(let name, let width, let height, let limits):
      "\(name): \(width) x \(height) pixels, more than the limit of \(limits.maximumPixels) pixels"
        + " and \(limits.maximumSide) a side"
    case .outOfMemory(let name, let width, let height):
      "\(name): not enough memory for \(width) x \(height) pixels"
    case .invalidSize(let width, let height):
      "an image cannot be \(width) x \(height) pixels"
    case .sampleCount(let width, let height, let expected, let actual):
      "an image of \(width) x \(height) pixels needs \(expected) samples, not \(actual)"
    case .notBinary(let value, let index):
      "a mask holds zeros and ones, not \(value) (at index \(index))"
    case .sizesDiffer(let width, let height, let maskWidth, let maskHeight):
      "a mask of \(maskWidth) x \(maskHeight) pixels does not fit a picture of \(width) x \(height)"
    case .cannotEncode(let format, let detail):
      "cannot write \(format.displayName): \(detail)"
    case .unknownExtension(let path):
      "\(path): the name should end in .png, .jpg or .webp"
    }
  }
}
