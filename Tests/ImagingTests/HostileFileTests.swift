import Imaging
import TestSupport
import Testing

/// Damaged and cut-off files: an error that names the file, or a picture, and never a trap.
@Suite struct HostileFileTests {
  static let kinds: [String: [String]] = [
    "jpg": [
      "baseline", "progressive", "grey", "cmyk", "ycck", "restarts", "full-colour", "orientation6",
    ],
    "png": [
      "rgb", "grey", "bilevel", "palette8", "palette4", "palette-transparent", "rgba", "rgb16", "grey16",
      "interlaced-rgba", "interlaced-grey16", "orientation6",
    ],
    "webp": ["lossy", "lossless", "lossless-alpha", "lossy-alpha", "animated", "orientation6"],
    "tif": [
      "plain", "lzw", "deflate", "packbits", "jpeg", "grey", "fax4", "palette", "rgba", "cmyk", "ycbcr",
      "rgb16", "rgb16-big-endian", "planar", "planar16", "tiled", "tiled-planar", "bigtiff", "predictor16",
      "orientation6",
    ],
  ]

  @Test(arguments: ["jpg", "png", "webp", "tif"])
  func damagedFilesGiveAnErrorOrAPicture(_ pathExtension: String) throws {
    var random = SplitMix64(seed: 20_240)
    let files = try #require(Self.kinds[pathExtension]).map { "\($0).\(pathExtension)" }
    let originals = try files.map { try readBytes(Fixtures.path("images/\($0)")) }
    var pictures = 0
    var errors = 0
    for round in 0..<2400 {
      var bytes = mutated(originals[round % originals.count], using: &random)
      if Int.random(in: 0..<4, using: &random) > 0 {
        if pathExtension == "png" { repairChecksums(&bytes) }
        if pathExtension == "webp" { repairLength(&bytes) }
      }
      let name = "\(files[round % files.count]) #\(round)"
      do {
        let image = try Image(decoding: bytes, name: name)
        #expect(image.pixels.count == image.width * image.height * 3)
        pictures += 1
      } catch {
        #expect(error.description.hasPrefix(name + ": "), "\(error)")
        errors += 1
      }
      if round % 4 == 0 { _ = try? Mask(decoding: bytes, name: name) }
    }
    // Both must happen, or the damage is too mild or too blunt to prove anything.
    #expect(pictures > 50 && errors > 1000, "\(pictures) pictures, \(errors) errors")
  }

  @Test func everyPossibleTruncationIsAnError() throws {
    for (pathExtension, names) in Self.kinds {
      for name in names {
        let bytes = try readBytes(Fixtures.path("images/\(name).\(pathExtension)"))
        // A TIFF may end in metadata that the picture does not need.
        let needed = pathExtension == "tif" ? bytes.count / 2 : bytes.count
        let read = (0..<needed).filter { (try? Image(decoding: Array(bytes.prefix($0)), name: "-")) != nil }
        #expect(read.isEmpty, "\(name).\(pathExtension)")
      }
    }
  }

  @Test(arguments: [
    "baseline.jpg", "progressive.jpg", "rgb.png", "lossy.webp", "lossless.webp", "plain.tif", "lzw.tif",
  ])
  func aFileCutInHalfIsCalledCutOff(_ name: String) throws {
    let bytes = try readBytes(Fixtures.path("images/\(name)"))
    let error = #expect(throws: ImageError.self) {
      try Image(decoding: Array(bytes.prefix(bytes.count * 3 / 4)), name: name)
    }
    guard case .truncated(name, _, _) = error else { throw UnexpectedError(error) }
    #expect(error?.description.contains("is cut off") == true)
  }
}
