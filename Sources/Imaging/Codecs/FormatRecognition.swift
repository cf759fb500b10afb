/// What some bytes are, by how they begin. File names are not asked: they are often wrong.
enum RecognisedFormat: Equatable {
  case readable(ImageFormat)
  /// Known, by this name, but not read.
  case unreadable(String)
  case unknown

  init(_ bytes: UnsafeRawBufferPointer) {
    func has(_ signature: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + signature.count
        && signature.indices.allSatisfy { bytes[offset + $0] == signature[$0] }
    }
    func has(_ text: String, at offset: Int = 0) -> Bool { has(Array(text.utf8), at: offset) }

    if has([0xFF, 0xD8, 0xFF]) {
      self = .readable(.jpeg)
    } else if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .readable(.png)
    } else if has("RIFF"), has("WEBP", at: 8) {
      self = .readable(.webp)
    } else if has("II*\0"), has("CR", at: 8) {
      self = .unreadable("Camera raw (CR2)")
    } else if has("II*\0") || has("MM\0*") || has("II+\0") || has("MM\0+") {
      self = .readable(.tiff)
    } else if has("ftyp", at: 4) {
      self = .unreadable(Self.isoMediaName(bytes))
    } else if let name = Self.signatures.first(where: { has($0.bytes, at: $0.offset) })?.name {
      self = .unreadable(name)
    } else {
      self = .unknown
    }
  }

  /// The files that share the container of MP4, told apart by their brand.
  private static func isoMediaName(_ bytes: UnsafeRawBufferPointer) -> String {
    guard bytes.count >= 12 else { return "An ISO media file" }
    let brands = stride(from: 8, to: min(bytes.count - 3, 64), by: 4).filter { $0 != 12 }.map {
      String(decoding: bytes[$0..<$0 + 4], as: UTF8.self)
    }
    if brands.contains(where: { ["avif", "avis"].contains($0) }) { return "AVIF" }
    if brands.contains(where: {
      ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"].contains($0)
    }) {
      return "HEIC"
    }
    if brands.first == "crx " { return "Camera raw (CR3)" }
    return "Video"
  }

  private struct Signature {
    let name: String
    let bytes: [UInt8]
    var offset = 0

    init(_ name: String, _ text: String, at offset: Int = 0) {
      self.init(name, Array(text.utf8), at: offset)
    }

    init(_ name: String, _ bytes: [UInt8], at offset: Int = 0) {
      self.name = name
      self.bytes = bytes
      self.offset = offset
    }
  }

  private static let signatures = [
    Signature("GIF", "GIF87a"),
    Signature("GIF", "GIF89a"),
    Signature("JPEG XL", [0xFF, 0x0A]),
    Signature("JPEG XL", [0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20, 13, 10, 0x87, 10]),
    Signature("JPEG 2000", [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 13, 10, 0x87, 10]),
    Signature("JPEG 2000", [0xFF, 0x4F, 0xFF, 0x51]),
    Signature("PDF", "%PDF-"),
    Signature("PostScript", "%!PS"),
    Signature("Photoshop (PSD)", "8BPS"),
    Signature("OpenEXR", [0x76, 0x2F, 0x31, 0x01]),
    Signature("Radiance HDR", "#?RADIANCE"),
    Signature("DDS", "DDS "),
    Signature("Camera raw (RAF)", "FUJIFILMCCD-RAW"),
    Signature("Camera raw (ORF)", "IIRO"),
    Signature("Camera raw (RW2)", "IIU\0"),
    Signature("DICOM", "DICM", at: 128),
    Signature("ICO", [0, 0, 1, 0]),
    Signature("SVG", "<svg"),
    Signature("SVG or XML", "<?xml"),
    Signature("A web page", "<!DOCTYPE html"),
    Signature("A web page", "<!doctype html"),
    Signature("A web page", "<html"),
    Signature("A Git LFS pointer (the file itself was not fetched)", "version https://git-lfs"),
    Signature("NumPy", [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]),
    Signature("A zip archive", [0x50, 0x4B, 3, 4]),
    Signature("gzip", [0x1F, 0x8B]),
    Signature("PBM", "P1\n"), Signature("PGM", "P2\n"), Signature("PPM", "P3\n"),
    Signature("PBM", "P4\n"), Signature("PGM", "P5\n"), Signature("PPM", "P6\n"),
    Signature("PAM", "P7\n"), Signature("PPM", "P6 "), Signature("PGM", "P5 "),
    Signature("QOI", "qoif"),
    Signature("BMP", "BM"),
  ]
}
