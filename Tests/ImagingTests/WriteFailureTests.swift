import Files
import Imaging
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite struct WriteFailureTests {
  let image: Image

  init() throws {
    var random = SplitMix64(seed: 1)
    image = try Image(
      width: 300, height: 200,
      pixels: (0..<180_000).map { _ in UInt8.random(in: .min ... .max, using: &random) })
  }

  #if os(Linux)
    @Test func aFullDiskIsAnError() throws {
      let error = #expect(throws: ImageError.self) { try image.write(to: "/dev/full", format: .png) }
      guard case .file(.system(.write, "/dev/full", _)) = error else { throw UnexpectedError(error) }
      #expect(error?.description.hasPrefix("/dev/full: cannot write: ") == true)
    }
  #endif

  @Test func aFolderThatIsMissingIsAnError() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("missing/picture.png")
    let error = #expect(throws: ImageError.self) { try image.write(to: path) }
    #expect(error?.description.hasPrefix(path + ": cannot create: ") == true)
  }

  @Test func theOldFileStaysAfterAFailure() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("picture.jpg")
    try image.write(to: path)
    let before = try readBytes(path)
    // WebP cannot hold so many columns: the failure comes from the encoder, before the file is touched.
    let wide = Image(GrayImage(wide: 20_000))
    #expect(throws: ImageError.self) { try wide.write(to: path, format: .webp) }
    #expect(try readBytes(path) == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["picture.jpg"])
  }

  @Test func aFolderUnderTheNameIsNotReplaced() throws {
    let folder = try TemporaryDirectory()
    #expect(throws: ImageError.file(.notAFile(path: folder.path))) {
      try image.write(to: folder.path, format: .png)
    }
  }
}

extension GrayImage {
  fileprivate init(wide width: Int) {
    self = Mask(width: width, height: 1).grayImage
  }
}
