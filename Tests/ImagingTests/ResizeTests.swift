import Imaging
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite struct ResizeTests {
  @Test(arguments: ["a_227x301 a_longest256", "b_143x97 b_longest256"])
  func bytesEqualPillows(_ names: String) throws {
    let files = names.split(separator: " ").map { Fixtures.path("preprocess/\($0).png") }
    try expectResize(files[0], target: 256, equals: files[1])
  }

  @Test(.enabled(if: SharedData.has("golden/preprocess/preprocess.json")))
  func bytesEqualPillowsForEveryReferenceSize() throws {
    let folder = try SharedData.require("golden/preprocess")
    let reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/preprocess.json")))
    #expect(reference.images.count >= 8)
    for image in reference.images {
      try expectResize("\(folder)/\(image.input)", target: image.target, equals: "\(folder)/\(image.file)")
    }
    for shape in reference.preprocess_shapes {
      let size = Image.longestSideSize(width: shape[1], height: shape[0], target: shape[2])
      // Pillow refuses a side of no pixels; here one stays.
      #expect(size == (max(shape[4], 1), max(shape[3], 1)), "\(shape)")
    }
  }

  /// Every sum in double precision, one pixel at a time.
  @Test(arguments: [
    (1, 1, 5, 3), (3, 2, 1, 1), (7, 5, 7, 3), (64, 9, 21, 31), (100, 3, 1000, 2), (1000, 4, 17, 4),
    (30, 90, 16, 60), (30, 90, 15, 60), (200, 150, 199, 70),
  ])
  func bytesEqualThePlainForm(_ sizes: (Int, Int, Int, Int)) throws {
    var random = SplitMix64(seed: 7)
    let (width, height, newWidth, newHeight) = sizes
    let image = try Image(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    func alongX(_ pixels: [UInt8], _ rows: Int) -> [UInt8] {
      plainResize(pixels, rows: rows, columns: width, to: newWidth)
    }
    func alongY(_ pixels: [UInt8], _ columns: Int) -> [UInt8] {
      let turned = transposed(pixels, rows: height, columns: columns)
      let resized = plainResize(turned, rows: columns, columns: height, to: newHeight)
      return transposed(resized, rows: columns, columns: newHeight)
    }
    let rowsFirst = newHeight < height && height - newHeight > 2 * (width - newWidth)
    let expected =
      rowsFirst
      ? alongX(alongY(image.pixels, width), newHeight) : alongY(alongX(image.pixels, height), newWidth)
    #expect(image.resized(width: newWidth, height: newHeight).pixels == expected)
  }

  @Test func theSameSizeIsTheSamePicture() throws {
    let image = try Image(width: 2, height: 1, pixels: [1, 2, 3, 4, 5, 6])
    #expect(image.resized(width: 2, height: 1) == image)
    #expect(image.resizedLongestSide(to: 2) == image)
  }

  @Test func aVeryThinPictureKeepsAPixel() throws {
    let line = try Image(width: 5000, height: 1, pixels: [UInt8](repeating: 9, count: 15000))
    let small = line.resizedLongestSide(to: 256)
    #expect(small.width == 256 && small.height == 1)
    #expect(small.pixels.allSatisfy { $0 == 9 })
    #expect(line.resized(width: 0, height: -3).pixels == [9, 9, 9])
  }

  private func expectResize(_ input: String, target: Int, equals file: String) throws {
    let result = try Image(contentsOfFile: input).resizedLongestSide(to: target)
    let expected = try Image(contentsOfFile: file)
    #expect(result.width == expected.width && result.height == expected.height)
    // Not `==`, whose report would print the pixels.
    let differences = zip(result.pixels, expected.pixels).count { $0 != $1 }
    #expect(differences == 0, "\(file)")
  }
}

private struct Reference: Decodable {
  struct Image: Decodable {
    let input: String
    let target: Int
    let file: String
  }
  let images: [Image]
  let preprocess_shapes: [[Int]]
}

/// A triangle filter along x with weights in multiples of 2^-22, in its shortest form.
private func plainResize(_ pixels: [UInt8], rows: Int, columns: Int, to newColumns: Int) -> [UInt8] {
  guard newColumns != columns else { return pixels }
  let scale = Double(columns) / Double(newColumns)
  let support = max(1, scale)
  var result: [UInt8] = []
  for row in 0..<rows {
    for column in 0..<newColumns {
      let center = (Double(column) + 0.5) * scale
      let span = max(0, Int(center - support + 0.5))..<min(columns, Int(center + support + 0.5))
      let weights = span.map { max(0, 1 - abs((Double($0) - center + 0.5) / support)) }
      let sum = weights.reduce(0, +)
      for channel in 0..<3 {
        let total = zip(span, weights).reduce(0.5) { total, tap in
          let weight = (tap.1 / sum * 4_194_304 + 0.5).rounded(.down) / 4_194_304
          return total + weight * Double(pixels[(row * columns + tap.0) * 3 + channel])
        }
        result.append(UInt8(min(255, total)))
      }
    }
  }
  return result
}

private func transposed(_ pixels: [UInt8], rows: Int, columns: Int) -> [UInt8] {
  var result: [UInt8] = []
  for column in 0..<columns {
    for row in 0..<rows { result += pixels[(row * columns + column) * 3..<(row * columns + column) * 3 + 3] }
  }
  return result
}
