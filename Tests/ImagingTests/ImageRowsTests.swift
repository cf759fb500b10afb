import Imaging
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Pictures read a few rows at a time, against those read whole.
@Suite("Rows of picture files")
struct ImageRowsTests {
  static let files = [
    "plain.tif", "planar.tif", "planar16.tif", "tiled.tif", "tiled-planar.tif", "lzw.tif", "deflate.tif",
    "packbits.tif",
    "predictor16.tif", "jpeg.tif", "bigtiff.tif", "grey16.tif", "palette.tif", "rgba.tif", "cmyk.tif",
    "fax4.tif",
    "rgb16-big-endian.tif", "white-is-zero.tif", "pages.tif", "orientation6.tif", "ycbcr.tif", "rgb.png",
    "baseline.jpg",
  ]

  @Test(arguments: files, [1, 3, 7, 64]) func areThoseOfTheWholePicture(_ name: String, _ count: Int) throws {
    let path = Fixtures.path("images/\(name)")
    let whole = try Image(contentsOfFile: path)
    let rows = try ImageRows(contentsOfFile: path)
    #expect(rows.width == whole.width && rows.height == whole.height)
    // Steps that overlap, that leave rows out, and one back to the top.
    for step in [count, max(1, count / 2), count + 2] {
      for top in stride(from: 0, to: whole.height, by: step) {
        let height = min(count, whole.height - top)
        let expected = try whole.cropped(to: PixelBox(x: 0, y: top, width: whole.width, height: height))
        #expect(try rows.read(top..<top + height) == expected, "rows from \(top)")
      }
    }
  }

  @Test func rowsThatAreNotThereAreAnError() throws {
    for name in ["plain.tif", "rgb.png"] {
      let rows = try ImageRows(contentsOfFile: Fixtures.path("images/\(name)"))
      for range in [-1..<1, 0..<0, 0..<rows.height + 1, rows.height..<rows.height + 1] {
        #expect(throws: ImageError.self) { try rows.read(range) }
      }
    }
  }

  @Test func aSizeAboveTheLimitsIsRefusedBeforeAnythingIsRead() {
    #expect(throws: ImageError.self) {
      try ImageRows(
        contentsOfFile: Fixtures.path("images/plain.tif"),
        limits: ImageLimits(maximumPixels: 10, maximumSide: 10))
    }
  }

  @Test(arguments: ["plain.tif", "tiled.tif", "lzw.tif", "jpeg.tif", "planar16.tif", "bigtiff.tif"])
  func damageIsAnErrorAndNeverACrash(_ name: String) throws {
    let directory = try TemporaryDirectory()
    let whole = Array(try Data(contentsOf: URL(filePath: Fixtures.path("images/\(name)"))))
    var random = SplitMix64(seed: UInt64(whole.count))
    for round in 0..<120 {
      var bytes = whole
      if round % 3 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      let path = directory.file("damaged.tif")
      try Data(bytes).write(to: URL(filePath: path))
      do throws(ImageError) {
        let rows = try ImageRows(
          contentsOfFile: path, limits: ImageLimits(maximumPixels: 1 << 22, maximumSide: 4096))
        for top in stride(from: 0, to: min(rows.height, 256), by: 5) {
          _ = try rows.read(top..<min(top + 9, rows.height))
        }
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}

@Suite("Parts of runs")
struct RunLengthCroppingTests {
  @Test func equalThePartsOfTheMask() throws {
    var random = SplitMix64(seed: 31)
    for _ in 0..<200 {
      let mask = try randomMask(using: &random)
      let (x, y) = (
        Int.random(in: 0..<mask.width, using: &random), Int.random(in: 0..<mask.height, using: &random)
      )
      let box = PixelBox(
        x: x, y: y, width: Int.random(in: 1...mask.width - x, using: &random),
        height: Int.random(in: 1...mask.height - y, using: &random))
      var part = Mask(width: box.width, height: box.height)
      for row in 0..<box.height {
        for column in 0..<box.width { part[column, row] = mask[x + column, y + row] }
      }
      #expect(try RunLengthMask(mask).cropped(to: box) == RunLengthMask(part))
    }
  }

  @Test func aBoxOutsideIsAnError() throws {
    let mask = RunLengthMask(Mask(width: 5, height: 4))
    for box in [
      PixelBox(x: 0, y: 0, width: 6, height: 1), PixelBox(x: 5, y: 0, width: 1, height: 1),
      PixelBox(x: 0, y: 0, width: 0, height: 1), PixelBox(x: -1, y: 0, width: 2, height: 1),
    ] {
      #expect(throws: RunLengthError.self) { try mask.cropped(to: box) }
    }
  }
}
