import Files
import TestSupport
import Testing

@testable import Imaging

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite struct DecodingTests {
  static let expected: [String: ExpectedPicture] = {
    let file = URL(fileURLWithPath: Fixtures.path("images/expected.json"))
    guard let data = try? Data(contentsOf: file) else { return [:] }
    return (try? JSONDecoder().decode([String: ExpectedPicture].self, from: data)) ?? [:]
  }()

  @Test func everyKindOfPictureIsReadAsPillowReadsIt() throws {
    #expect(Self.expected.count == 66)
    for (name, picture) in Self.expected {
      let image = try Image(contentsOfFile: Fixtures.path("images/\(name)"))
      #expect(image.width == picture.width && image.height == picture.height, "\(name)")
      let worst = zip(image.pixels, picture.pixels).map { abs(Int($0) - Int($1)) }.max()
      // Pillow and libtiff round their YCbCr differently.
      #expect((worst ?? 256) <= (name == "ycbcr.tif" ? 1 : 0), "\(name)")
    }
  }

  @Test(arguments: 1...8)
  func orientationTurnsThePictureUpright(_ value: Int) throws {
    let orientation = try #require(ExifOrientation(rawValue: UInt8(value)))
    // Numbered pixels of a 3 x 2 picture, and how they are seen.
    let seen: [[UInt8]] = [
      [1, 2, 3, 4, 5, 6], [3, 2, 1, 6, 5, 4], [6, 5, 4, 3, 2, 1], [4, 5, 6, 1, 2, 3],
      [1, 4, 2, 5, 3, 6], [4, 1, 5, 2, 6, 3], [6, 3, 5, 2, 4, 1], [3, 6, 2, 5, 1, 4],
    ]
    #expect(orient([1, 2, 3, 4, 5, 6], width: 3, height: 2, channels: 1, by: orientation) == seen[value - 1])
  }

  @Test(arguments: [
    ("GIF89a......", "GIF"), ("BM..........", "BMP"), ("%PDF-1.7 ...", "PDF"), ("qoif........", "QOI"),
    ("\0\0\0\u{18}ftypheic\0\0\0\0mif1heic", "HEIC"), ("\0\0\0\u{18}ftypmif1\0\0\0\0mif1avif", "AVIF"),
    ("\0\0\0\u{18}ftypcrx \0\0\0\0", "Camera raw (CR3)"), ("\0\0\0\u{18}ftypisom\0\0\0\0", "Video"),
    ("8BPS\0\u{1}......", "Photoshop (PSD)"), ("P6\n3 2\n255\n", "PPM"), ("<svg xmlns='", "SVG"),
    ("version https://git-lfs.github.com/", "A Git LFS pointer (the file itself was not fetched)"),
  ])
  func otherFormatsAreNamed(_ text: String, _ format: String) {
    let error = #expect(throws: ImageError.unsupportedFormat(name: "photo", format: format)) {
      try Image(decoding: Array(text.utf8), name: "photo")
    }
    #expect(error?.description == "photo: \(format) is not supported; convert it to JPEG or PNG")
  }

  @Test func whatIsNoPictureIsSaidToBeNone() throws {
    #expect(throws: ImageError.empty(name: "-")) { try Image(decoding: [], name: "-") }
    #expect(throws: ImageError.notAnImage(name: "-")) { try Image(decoding: Array("hello".utf8), name: "-") }
    #expect(throws: ImageError.notAnImage(name: "-")) { try Image(decoding: [0], name: "-") }
    let missing = #expect(throws: ImageError.self) { try Image(contentsOfFile: "/no/such/photo.jpg") }
    #expect(missing?.description.hasPrefix("/no/such/photo.jpg: cannot open") == true)
    let folder = try TemporaryDirectory()
    #expect(throws: ImageError.file(.notAFile(path: folder.path))) { try Image(contentsOfFile: folder.path) }
  }

  @Test func samplesThatAreNotReadAreNamed() {
    let path = Fixtures.path("images/float.tif")
    let expected = ImageError.unsupportedFeature(
      name: path, format: .tiff, detail: "32-bit floating-point samples")
    #expect(throws: expected) { try Image(contentsOfFile: path) }
  }

  @Test(arguments: ["baseline.jpg", "rgb.png", "lossless.webp", "plain.tif"])
  func declaredSizesAreLimited(_ name: String) {
    let path = Fixtures.path("images/\(name)")
    let narrow = ImageLimits(maximumPixels: 1000, maximumSide: 18)
    #expect(throws: ImageError.tooLarge(name: path, width: 19, height: 13, limits: narrow)) {
      try Image(contentsOfFile: path, limits: narrow)
    }
    let few = ImageLimits(maximumPixels: 246, maximumSide: 19)
    #expect(throws: ImageError.tooLarge(name: path, width: 19, height: 13, limits: few)) {
      try Image(contentsOfFile: path, limits: few)
    }
    #expect(throws: Never.self) {
      try Image(contentsOfFile: path, limits: ImageLimits(maximumPixels: 247, maximumSide: 19))
    }
  }

  @Test func anEnormousDeclaredSizeIsRefusedBeforeMemoryIsTaken() throws {
    // A PNG's width and height are the big-endian words at 16 and 20, the checksum follows at 29.
    var bytes = try readBytes(Fixtures.path("images/rgb.png"))
    bytes.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    repairChecksums(&bytes)
    let expected = ImageError.tooLarge(name: "-", width: 0x7FFF_FFFF, height: 0x7FFF_FFFF, limits: .standard)
    #expect(throws: expected) { try Image(decoding: bytes, name: "-") }
    #expect(throws: ImageError.self) { try Image(width: .max, height: .max, pixels: []) }
    #expect(throws: ImageError.sampleCount(width: 2, height: 2, expected: 12, actual: 11)) {
      try Image(width: 2, height: 2, pixels: [UInt8](repeating: 0, count: 11))
    }
    #expect(throws: ImageError.invalidSize(width: 0, height: 2)) {
      try Image(width: 0, height: 2, pixels: [])
    }
  }

  @Test func aJPEGTooSmallForItsSizeIsCutOff() throws {
    var bytes = try readBytes(Fixtures.path("images/progressive.jpg"))
    let frame = try #require(bytes.indices.dropLast(9).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC2 })
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0x4E, 0x20, 0x4E, 0x20])
    let error = #expect(throws: ImageError.self) { try Image(decoding: bytes, name: "-") }
    guard case .truncated("-", .jpeg, _) = error else { throw UnexpectedError(error) }
  }
}

@Suite struct MaskReadingTests {
  private func mask(_ name: String) throws -> Mask {
    try Mask(contentsOfFile: Fixtures.path("images/\(name)"))
  }

  @Test func smallLabelsOf16BitsCount() throws {
    let labels = try mask("labels16.png")
    #expect(labels.area == 3 * 5 + 3 * 5)
    #expect(labels.boundingBox == PixelBox(x: 2, y: 3, width: 7, height: 8))
  }

  @Test func everyColourButBlackCounts() throws {
    let picture = try Image(contentsOfFile: Fixtures.path("images/rgb.png"))
    let black = (0..<19 * 13).count { picture.pixels[3 * $0..<3 * $0 + 3].allSatisfy { $0 == 0 } }
    #expect(try mask("rgb.png").area == 19 * 13 - black)
    #expect(try mask("bilevel.png").area > 0)
  }

  @Test(arguments: ["rgba.png", "grey-alpha.png", "lossless-alpha.webp", "rgba.tif", "interlaced-rgba.png"])
  func transparencyDecidesWhereThereIsAny(_ name: String) throws {
    // Column 0 is transparent, and from row 5 on also columns 1 and 2.
    #expect(try mask(name).area == 18 * 13 - 2 * 8)
  }

  @Test func lossyPicturesAreDividedAtHalfBrightness() throws {
    var expected = Mask(width: 64, height: 48)
    for y in 10..<30 { for x in 5..<40 { expected[x, y] = true } }
    let noisy = try expected.grayImage.encoded(as: .jpeg, quality: 60)
    #expect(try Mask(decoding: noisy, name: "-") == expected)
  }

  @Test func bitsAreZeroOrOne() throws {
    #expect(throws: ImageError.notBinary(value: 2, index: 3)) {
      try Mask(width: 2, height: 2, bits: [0, 1, 1, 2])
    }
    #expect(throws: ImageError.sampleCount(width: 2, height: 2, expected: 4, actual: 3)) {
      try Mask(width: 2, height: 2, bits: [0, 1, 1])
    }
  }
}

struct ExpectedPicture: Decodable {
  let width: Int
  let height: Int
  let rgb: String

  var pixels: [UInt8] {
    let digits = Array(rgb.utf8).map { $0 > 57 ? $0 - 87 : $0 - 48 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

struct UnexpectedError: Error {
  let error: (any Error)?
  init(_ error: (any Error)?) { self.error = error }
}
