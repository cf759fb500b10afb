/// EXIF's orientation: which way the stored picture is to be turned to be seen upright (EXIF 2.32, tag
/// 0x0112).
enum ExifOrientation: UInt8, Sendable, CaseIterable {
  case upright = 1
  case mirrored
  case upsideDown
  case mirroredUpsideDown
  /// Rows and columns exchanged.
  case transposed
  /// To be turned clockwise by a quarter.
  case quarterClockwise
  case transposedAcross
  /// To be turned anticlockwise by a quarter.
  case quarterAnticlockwise

  /// Whether width and height are exchanged.
  var exchangesAxes: Bool { rawValue >= 5 }

  /// What a file's metadata says; upright where it says nothing, or nothing that makes sense.
  init(in bytes: UnsafeRawBufferPointer, format: ImageFormat) {
    let found: ExifOrientation? =
      switch format {
      case .jpeg: Self.inJPEG(BoundedBytes(bytes))
      case .png: Self.inPNG(BoundedBytes(bytes))
      case .webp: Self.inWebP(BoundedBytes(bytes))
      case .tiff: nil
      }
    self = found ?? .upright
  }

  private static func inJPEG(_ bytes: BoundedBytes) -> ExifOrientation? {
    var offset = 2
    while bytes.byte(at: offset) == 0xFF, let marker = bytes.byte(at: offset + 1) {
      if marker == 0xFF {
        offset += 1
        continue
      }
      // From the start of scan on, there are pixels.
      if marker == 0xDA || marker == 0xD9 { return nil }
      guard let length = bytes.integer(at: offset + 2, bytes: 2, bigEndian: true), length >= 2 else {
        return nil
      }
      if marker == 0xE1, bytes.has("Exif\0\0", at: offset + 4) {
        return inTIFF(bytes.slice(from: offset + 10, count: length - 8))
      }
      offset += 2 + length
    }
    return nil
  }

  private static func inPNG(_ bytes: BoundedBytes) -> ExifOrientation? {
    var offset = 8
    while let length = bytes.integer(at: offset, bytes: 4, bigEndian: true) {
      if bytes.has("eXIf", at: offset + 4) { return inTIFF(bytes.slice(from: offset + 8, count: length)) }
      offset += 12 + length
    }
    return nil
  }

  private static func inWebP(_ bytes: BoundedBytes) -> ExifOrientation? {
    var offset = 12
    while let length = bytes.integer(at: offset + 4, bytes: 4, bigEndian: false) {
      if bytes.has("EXIF", at: offset) {
        let prefix = bytes.has("Exif\0\0", at: offset + 8) ? 6 : 0
        return inTIFF(bytes.slice(from: offset + 8 + prefix, count: length - prefix))
      }
      offset += 8 + length + length % 2
    }
    return nil
  }

  /// The orientation in the first directory of a TIFF structure, which is what EXIF data is.
  private static func inTIFF(_ bytes: BoundedBytes) -> ExifOrientation? {
    let bigEndian: Bool
    if bytes.has("II*\0", at: 0) {
      bigEndian = false
    } else if bytes.has("MM\0*", at: 0) {
      bigEndian = true
    } else {
      return nil
    }
    guard let directory = bytes.integer(at: 4, bytes: 4, bigEndian: bigEndian),
      let count = bytes.integer(at: directory, bytes: 2, bigEndian: bigEndian)
    else { return nil }
    for index in 0..<count {
      let entry = directory + 2 + index * 12
      guard let tag = bytes.integer(at: entry, bytes: 2, bigEndian: bigEndian) else { return nil }
      guard tag == 0x0112 else { continue }
      let isLong = bytes.integer(at: entry + 2, bytes: 2, bigEndian: bigEndian) == 4
      guard let value = bytes.integer(at: entry + 8, bytes: isLong ? 4 : 2, bigEndian: bigEndian) else {
        return nil
      }
      return UInt8(exactly: value).flatMap(ExifOrientation.init(rawValue:))
    }
    return nil
  }
}
