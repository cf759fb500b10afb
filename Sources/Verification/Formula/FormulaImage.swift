internal import Imaging
internal import SegmentAnything

extension Formula {
  /// Sides of a picture by formula that are accepted from a file.
  static let imageSides = 1...8192

  /// A picture of smooth slopes and steps with noise on top.
  func image(width: Int, height: Int) throws(VerificationError) -> Image {
    let hash = hash("image")
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    var index = 0
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 {
          let slope = x * (3 + 2 * c) / 8 + y * (5 - c) / 8 + ((x / 64 + y / 48 + c) % 3) * 60
          // u + 0.5 times 32, rounded down, are the upper five of the 24 bits.
          pixels[index] = UInt8(slope % 224 + Int(Formula.bits(hash, index) >> 19))
          index += 1
        }
      }
    }
    do throws(ImageError) {
      return try Image(width: width, height: height, pixels: pixels)
    } catch {
      throw .image(error)
    }
  }
}

extension Recorder {
  /// Checks a picture by formula against what a file says about it: its sum, its first pixels and single ones,
  /// `pixel_yY_xX`.
  func check(_ image: Image, with description: ReferenceValue) throws(VerificationError) {
    var (values, expected): ([Double], [Double]) = ([], [])
    func compare(_ first: ReferenceValue?, at offset: Int) throws(VerificationError) {
      guard let reference = try first?.flatNumbers() else { return }
      guard offset >= 0, reference.count <= image.pixels.count - offset else {
        throw description.unexpected("about pixels of the picture")
      }
      values += image.pixels[offset..<offset + reference.count].map(Double.init)
      expected += reference
    }
    for (name, value) in try description.members() {
      if name.hasSuffix("sum") {
        values.append(image.pixels.reduce(0) { $0 + Double($1) })
        expected.append(try value.number())
      } else if name.hasSuffix("first_pixels") || name.hasSuffix("first_pixels_row0") {
        try compare(value, at: 0)
      } else if name.hasPrefix("pixel_y") {
        let parts = name.dropFirst("pixel_y".count).split(separator: "_x")
        guard parts.count == 2, let y = Int(parts[0]), let x = Int(parts[1]), (0..<image.height).contains(y),
          (0..<image.width).contains(x)
        else { throw value.unexpected("a pixel of the picture") }
        try compare(value, at: (y * image.width + x) * 3)
      }
    }
    record("image", Difference(values, expected), .exact, note: "\(values.count) values")
  }
}
