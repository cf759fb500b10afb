import Imaging
import TestSupport
import Testing

@Suite struct RoundTripTests {
  private func gradient(width: Int = 37, height: Int = 23) throws -> Image {
    var pixels: [UInt8] = []
    for y in 0..<height {
      for x in 0..<width {
        pixels += [UInt8(x * 255 / width), UInt8(y * 255 / height), UInt8((x + y * width) % 256)]
      }
    }
    return try Image(width: width, height: height, pixels: pixels)
  }

  @Test(arguments: [(ImageFormat.png, 92), (.webp, 100)])
  func losslessFormatsGiveBackEveryPixel(_ format: ImageFormat, _ quality: Int) throws {
    let image = try gradient()
    let bytes = try image.encoded(as: format, quality: quality)
    #expect(try Image(decoding: bytes, name: "-") == image)
  }

  @Test(arguments: [(ImageFormat.jpeg, 95), (.webp, 95)])
  func lossyFormatsStayClose(_ format: ImageFormat, _ quality: Int) throws {
    let image = try Image(width: 40, height: 30, pixels: (0..<3600).map { UInt8($0 / 3 % 40 * 6) })
    let decoded = try Image(decoding: image.encoded(as: format, quality: quality), name: "-")
    #expect(decoded.width == 40 && decoded.height == 30)
    let worst = zip(decoded.pixels, image.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    #expect(worst <= 8)
  }

  @Test func higherQualityIsLarger() throws {
    let image = try gradient(width: 200, height: 100)
    for format in [ImageFormat.jpeg, .webp] {
      #expect(try image.encoded(as: format, quality: 30).count < image.encoded(as: format, quality: 95).count)
    }
  }

  @Test func theExtensionChoosesTheFormat() throws {
    let folder = try TemporaryDirectory()
    let image = try gradient()
    for (name, signature) in [("a.png", "PNG"), ("b.JPG", "JFIF"), ("c.webp", "WEBP")] {
      try image.write(to: folder.file(name))
      let head = try String(decoding: readBytes(folder.file(name)).prefix(16), as: UTF8.self)
      #expect(head.contains(signature), "\(name)")
      #expect(try Image(contentsOfFile: folder.file(name)).width == 37)
    }
    #expect(throws: ImageError.unknownExtension(path: folder.file("d.xyz"))) {
      try image.write(to: folder.file("d.xyz"))
    }
    #expect(throws: ImageError.cannotEncode(format: .tiff, detail: "TIFF is only read")) {
      try image.write(to: folder.file("d.tif"))
    }
  }

  @Test func transparencySurvives() throws {
    let folder = try TemporaryDirectory()
    let image = try RGBAImage(
      width: 2, height: 2, pixels: [9, 8, 7, 255, 1, 2, 3, 128, 5, 5, 5, 1, 200, 0, 0, 255])
    try image.write(to: folder.file("a.png"))
    #expect(try RGBAImage(contentsOfFile: folder.file("a.png")) == image)
    try image.write(to: folder.file("a.webp"), quality: 100)
    #expect(try RGBAImage(contentsOfFile: folder.file("a.webp")) == image)
    #expect(throws: ImageError.self) { try image.write(to: folder.file("a.jpg")) }
  }

  @Test func masksSurvive() throws {
    let folder = try TemporaryDirectory()
    var mask = Mask(width: 13, height: 7)
    mask[0, 0] = true
    mask[12, 3] = true
    try mask.write(to: folder.file("mask.png"))
    #expect(try Mask(contentsOfFile: folder.file("mask.png")) == mask)
  }
}
