import Files
import Foundation
import TestSupport
import Testing

@Suite("Atomic files")
struct AtomicFileTests {
  private static func names(_ folder: TemporaryDirectory) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test(arguments: [0, 1, 4096, 3_000_000])
  func theFileHoldsWhatWasWrittenAndNothingElseIsLeft(count: Int) throws {
    let folder = try TemporaryDirectory()
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try AtomicFile.write(bytes, to: folder.file("a"))
    #expect(try contents(folder.file("a")) == bytes)
    #expect(try AtomicFileTests.names(folder) == ["a"])
  }

  @Test func piecesFollowEachOther() throws {
    let folder = try TemporaryDirectory()
    try AtomicFile.write(to: folder.file("a")) { sink throws(FileError) in
      try sink.write([1, 2])
      try sink.write([])
      try sink.write(UnsafeRawBufferPointer(start: nil, count: 0))
      try sink.write([3])
      #expect(access(folder.file("a"), F_OK) != 0, "the name is given at the end")
    }
    #expect(try contents(folder.file("a")) == [1, 2, 3])
  }

  @Test func aFailureLeavesTheOldFileAndNoOther() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("a")
    let failure = FileError.tooLarge(path: path, bytes: 2, limit: 1)
    for before in [nil, [7, 7]] as [[UInt8]?] {
      if let before { try AtomicFile.write(before, to: path) }
      #expect(throws: failure) {
        try AtomicFile.write(to: path) { sink throws(FileError) in
          try sink.write([1, 2, 3])
          throw failure
        }
      }
      #expect(try AtomicFileTests.names(folder) == (before == nil ? [] : ["a"]))
      if let before { #expect(try contents(path) == before) }
    }
  }

  @Test func whatReplacesAFileIsShorterIfItIs() throws {
    let folder = try TemporaryDirectory()
    try AtomicFile.write([UInt8](repeating: 1, count: 10_000), to: folder.file("a"))
    try AtomicFile.write([2], to: folder.file("a"))
    #expect(try contents(folder.file("a")) == [2])
  }

  @Test func aFolderIsNotReplaced() throws {
    let folder = try TemporaryDirectory()
    #expect(throws: FileError.notAFile(path: folder.path)) { try AtomicFile.write([1], to: folder.path) }
  }

  @Test func aMissingFolderIsNamed() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("none/a")
    #expect(throws: FileError.system(operation: .create, path: path, code: ENOENT)) {
      try AtomicFile.write([1], to: path)
    }
  }

  @Test func aLinkStaysAndItsFileIsReplaced() throws {
    let folder = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: folder.file("deep"), withIntermediateDirectories: false)
    try AtomicFile.write([1], to: folder.file("deep/a"))
    #expect(symlink("deep/a", folder.file("link")) == 0)
    #expect(symlink("link", folder.file("second")) == 0)
    #expect(symlink(folder.file("deep/new"), folder.file("dangling")) == 0)
    #expect(symlink("loop", folder.file("loop")) == 0)
    try AtomicFile.write([2], to: folder.file("second"))
    try AtomicFile.write([3], to: folder.file("dangling"))
    #expect(try contents(folder.file("deep/a")) == [2] && contents(folder.file("deep/new")) == [3])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link")) == "deep/a")
    #expect(throws: FileError.system(operation: .create, path: folder.file("loop"), code: ELOOP)) {
      try AtomicFile.write([4], to: folder.file("loop"))
    }
    #expect(try AtomicFileTests.names(folder) == ["dangling", "deep", "link", "loop", "second"])
  }

  @Test func permissionsOfAReplacedFileAreKept() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("a")
    try AtomicFile.write([1], to: path)
    #expect(chmod(path, 0o640) == 0)
    try AtomicFile.write([2], to: path)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o640)
  }

  @Test func aDeviceIsWrittenThrough() throws {
    try AtomicFile.write([1, 2, 3], to: "/dev/null")
    #expect(access("/dev/null", F_OK) == 0)
  }

  #if os(Linux)
    @Test func aProcessThatIsKilledLeavesNothing() async throws {
      let folder = "/tmp/atomic-file-\(getpid())-killed"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try AtomicFile.write([7, 7], to: folder + "/a")
      await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
        try AtomicFile.write(to: folder + "/a") { sink throws(FileError) in
          try sink.write([1, 2, 3])
          kill(getpid(), SIGKILL)
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
      #expect(try contents(folder + "/a") == [7, 7])
    }

    @Test func aFullDeviceIsAnError() {
      #expect(throws: FileError.system(operation: .write, path: "/dev/full", code: ENOSPC)) {
        try AtomicFile.write([1, 2, 3], to: "/dev/full")
      }
    }

    /// The limit belongs to a process, so this needs one of its own.
    @Test func aDiskThatFillsUpLeavesTheOldFile() async {
      await #expect(processExitsWith: .success) {
        let folder = try TemporaryDirectory()
        let path = folder.file("a")
        try AtomicFile.write([7, 7], to: path)
        var limit = rlimit(rlim_cur: 5000, rlim_max: 5000)
        signal(SIGXFSZ, SIG_IGN)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
        // The first part fits; of a later one only some bytes do.
        #expect(throws: FileError.system(operation: .write, path: path, code: EFBIG)) {
          try AtomicFile.write(to: path) { sink throws(FileError) in
            for _ in 0..<4 { try sink.write([UInt8](repeating: 1, count: 2000)) }
          }
        }
        #expect(try contents(path) == [7, 7])
        #expect(try AtomicFileTests.names(folder) == ["a"])
      }
    }
  #endif

  /// The administrator may do everything, so this test becomes somebody else, in a process of its own.
  @Test func whatMayNotBeReadOrWrittenIsNamed() async {
    await #expect(processExitsWith: .success) {
      let folder = try TemporaryDirectory()
      let path = folder.file("a")
      try AtomicFile.write([7], to: path)
      try #require(chmod(path, 0) == 0 && chmod(folder.path, 0o555) == 0)
      if geteuid() == 0 { try #require(seteuid(65534) == 0) }
      #expect(throws: FileError.system(operation: .open, path: path, code: EACCES)) {
        try MappedFile(path: path)
      }
      #expect(throws: FileError.system(operation: .create, path: path, code: EACCES)) {
        try AtomicFile.write([1], to: path)
      }
      if getuid() == 0 { try #require(seteuid(0) == 0) }
      try #require(chmod(folder.path, 0o755) == 0 && chmod(path, 0o644) == 0)
      #expect(try contents(path) == [7])
      #expect(try AtomicFileTests.names(folder) == ["a"])
    }
  }

  @Test func ofSeveralWritersOneWinsWhole() async throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("a")
    let size = 200_000
    try AtomicFile.write([UInt8](repeating: 0, count: size), to: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 1...6 {
        group.addTask {
          for _ in 0..<5 { try AtomicFile.write([UInt8](repeating: UInt8(writer), count: size), to: path) }
        }
        group.addTask {
          for _ in 0..<20 {
            try MappedFile(path: path).withBytes { bytes in
              #expect(bytes.count == size && bytes.allSatisfy { $0 == bytes[0] })
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try AtomicFileTests.names(folder) == ["a"])
  }
}
