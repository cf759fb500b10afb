import Datasets
import Files
import Foundation
import TestSupport
import Testing

private let long = String(repeating: "folder/", count: 30) + "ö.bin"

private func archive(_ files: [(String, [UInt8])], at path: String) throws {
  try AtomicFile.write(to: path) { (sink) throws(FileError) in
    let tar = TarWriter(sink)
    for (name, bytes) in files { try tar.add(name, bytes) }
    try tar.finish()
  }
}

private func contents(_ archive: TarArchive) -> [String: [UInt8]] {
  Dictionary(
    archive.entries.map { entry in (entry.name, archive.withBytes(of: entry) { [UInt8]($0) }) },
    uniquingKeysWith: { $1 })
}

private let files: [(String, [UInt8])] = [
  ("a.txt", [1, 2, 3]), ("empty", []), ("sub/block", [UInt8](repeating: 7, count: 512)), (long, [9]),
  (String(repeating: "n", count: 100), [UInt8](repeating: 3, count: 1025)),
]

@Suite("Tar archives")
struct TarTests {
  @Test func whatIsWrittenIsFoundAgain() throws {
    let folder = try TemporaryDirectory()
    try archive(files, at: folder.file("a.tar"))
    let read = try TarArchive(path: folder.file("a.tar"))
    #expect(read.entries.map(\.name) == files.map(\.0))
    #expect(contents(read) == Dictionary(uniqueKeysWithValues: files))
  }

  @Test func theSameFilesGiveTheSameBytes() throws {
    let folder = try TemporaryDirectory()
    try archive(files, at: folder.file("a.tar"))
    try archive(files, at: folder.file("b.tar"))
    #expect(FileManager.default.contentsEqual(atPath: folder.file("a.tar"), andPath: folder.file("b.tar")))
  }

  /// What the system's tar writes, in each of its formats, and what it reads.
  @Test(arguments: ["ustar", "gnu", "pax", "v7"])
  func archivesOfOthersAreRead(format: String) throws {
    let folder = try TemporaryDirectory()
    let names = format == "v7" || format == "ustar" ? ["a.txt", "sub/block", "empty"] : files.map(\.0)
    for (name, bytes) in files where names.contains(name) { try write(bytes, to: folder.file("in/" + name)) }
    try shell("cd in && ln -s a.txt link && tar --format=\(format) -cf ../a.tar .", in: folder)
    let read = contents(try TarArchive(path: folder.file("a.tar")))
    #expect(
      read.filter { $0.key != "link" }
        == Dictionary(uniqueKeysWithValues: files.filter { names.contains($0.0) }))
  }

  @Test func othersReadWhatIsWritten() throws {
    let folder = try TemporaryDirectory()
    try archive(files, at: folder.file("a.tar"))
    try shell("mkdir out && tar -C out -xf a.tar", in: folder)
    for (name, bytes) in files {
      #expect(try [UInt8](Data(contentsOf: URL(filePath: folder.file("out/" + name)))) == bytes)
    }
  }

  @Test func damageIsAnErrorThatNamesTheArchive() throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("a.tar")
    try archive(files, at: path)
    let sound = [UInt8](try Data(contentsOf: URL(filePath: path)))
    func message(_ bytes: [UInt8]) throws -> String {
      try write(bytes, to: path)
      do {
        _ = try TarArchive(path: path)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(try message(Array(sound[..<700])) == "")
    #expect(try message(Array(sound[..<1700])).hasPrefix("\(path): the tar archive is cut off at byte 1536"))
    #expect(try message([0x1F, 0x8B, 8, 0]).contains("compressed with gzip"))
    #expect(try message(Array("hello".utf8)).contains("cut off"))
    var changed = sound
    changed[0] ^= 1
    #expect(try message(changed).contains("checksum"))
    var generator = SplitMix64(seed: 4)
    for _ in 0..<500 {
      var bytes = sound
      bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      // A header with a fitting checksum gets further.
      let header = 512 * Int.random(in: 0..<bytes.count / 512, using: &generator)
      let sum =
        bytes[header..<header + 512].reduce(0) { $0 + Int($1) }
        - bytes[header + 148..<header + 156].reduce(0) { $0 + Int($1) } + 256
      for (index, digit) in String(sum, radix: 8).utf8.enumerated() { bytes[header + 148 + index] = digit }
      _ = try message(bytes)
    }
  }
}

private func shell(_ line: String, in folder: TemporaryDirectory) throws {
  let process = Process()
  process.executableURL = URL(filePath: "/bin/sh")
  process.arguments = ["-c", line]
  process.currentDirectoryURL = URL(filePath: folder.path)
  try process.run()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
}
