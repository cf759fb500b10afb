import Files
import Foundation
import TestSupport
import Testing

/// A file's bytes, copied while it is mapped.
func contents(_ path: String) throws -> [UInt8] {
  try MappedFile(path: path).withBytes { Array($0) }
}

@Suite("Mapped files")
struct MappedFileTests {
  @Test(arguments: [1, 4095, 4096, 4097, 1_000_000])
  func theBytesAreThoseOfTheFile(count: Int) throws {
    let folder = try TemporaryDirectory()
    var generator = SplitMix64(seed: UInt64(count))
    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    #expect(FileManager.default.createFile(atPath: folder.file("a"), contents: Data(bytes)))
    let file = try MappedFile(path: folder.file("a"))
    #expect(file.path == folder.file("a") && file.withBytes { $0.elementsEqual(bytes) })
  }

  @Test func anEmptyFileHasNoBytes() throws {
    let folder = try TemporaryDirectory()
    #expect(FileManager.default.createFile(atPath: folder.file("empty"), contents: nil))
    #expect(try MappedFile(path: folder.file("empty")).withBytes { $0.isEmpty })
  }

  @Test func theBytesOutliveTheName() throws {
    let folder = try TemporaryDirectory()
    try AtomicFile.write([1, 2, 3], to: folder.file("a"))
    let file = try MappedFile(path: folder.file("a"))
    try AtomicFile.write([9, 9, 9, 9], to: folder.file("a"))
    #expect(file.withBytes { Array($0) } == [1, 2, 3])
    try FileManager.default.removeItem(atPath: folder.file("a"))
    #expect(file.withBytes { Array($0) } == [1, 2, 3])
  }

  @Test(arguments: ["missing", "missing/deeper", "", "file/deeper"])
  func aMissingFileIsNamed(name: String) throws {
    let folder = try TemporaryDirectory()
    try AtomicFile.write([1], to: folder.file("file"))
    let path = name.isEmpty ? "" : folder.file(name)
    let code = name == "file/deeper" ? ENOTDIR : ENOENT
    #expect(throws: FileError.system(operation: .open, path: path, code: code)) { try MappedFile(path: path) }
  }

  @Test func whatIsNotARegularFileIsRefusedAtOnce() throws {
    let folder = try TemporaryDirectory()
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    for path in [folder.path, "/dev/null", pipe] {
      #expect(throws: FileError.notAFile(path: path)) { try MappedFile(path: path) }
    }
  }

  @Test func aLinkIsFollowed() throws {
    let folder = try TemporaryDirectory()
    try AtomicFile.write([5], to: folder.file("a"))
    #expect(symlink(folder.file("a"), folder.file("link")) == 0)
    #expect(try contents(folder.file("link")) == [5])
    #expect(symlink(folder.file("loop"), folder.file("loop")) == 0)
    #expect(throws: FileError.system(operation: .open, path: folder.file("loop"), code: ELOOP)) {
      try MappedFile(path: folder.file("loop"))
    }
  }

  @Test func noDescriptorStaysOpen() throws {
    let folder = try TemporaryDirectory()
    try AtomicFile.write([1], to: folder.file("a"))
    // More than a process may have open.
    for _ in 0..<3000 {
      _ = try MappedFile(path: folder.file("a"))
      _ = try? MappedFile(path: folder.path)
    }
    try (0..<3000).forEach { _ in try AtomicFile.write([2], to: "/dev/null") }
  }
}

@Suite("File errors")
struct FileErrorTests {
  @Test(arguments: [
    (
      FileError.system(operation: .open, path: "a.pth", code: ENOENT),
      "a.pth: cannot open: No such file or directory"
    ),
    (
      .system(operation: .write, path: "x/b.png", code: ENOSPC),
      "x/b.png: cannot write: No space left on device"
    ),
    (.notAFile(path: "/tmp"), "/tmp: not a regular file"),
    (.tooLarge(path: "c", bytes: 200, limit: 100), "c: 200 bytes, more than the limit of 100"),
  ])
  func errorsNameTheFileOnOneLine(error: FileError, description: String) {
    #expect("\(error)" == description)
  }
}
