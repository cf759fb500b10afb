import TestSupport

@testable import Verification

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A copy of some parts of the essential reference data, to be damaged.
struct GoldenCopy {
  let directory: TemporaryDirectory

  var path: String { directory.path }

  init(_ parts: String...) throws {
    directory = try TemporaryDirectory()
    for part in parts + ["tolerances.json"] {
      try FileManager.default.copyItem(
        atPath: Fixtures.path("golden-small/\(part)"), toPath: directory.file(part))
    }
  }

  func bytes(_ file: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: directory.file(file))))
  }

  func write(_ bytes: [UInt8], to file: String) throws {
    let path = directory.file(file)
    try? FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(filePath: path))
  }

  func remove(_ file: String) throws {
    try FileManager.default.removeItem(atPath: directory.file(file))
  }

  func addFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: directory.file(name), withIntermediateDirectories: false)
  }

  /// Replaces the first occurrence of some text by other text.
  func replace(_ text: String, by other: String, in file: String) throws {
    let content = try bytes(file)
    let (old, new) = (Array(text.utf8), Array(other.utf8))
    guard let start = content.indices.first(where: { content[$0...].starts(with: old) }) else {
      throw NotFound(text: text, file: file)
    }
    try write(content[..<start] + new + content[(start + old.count)...], to: file)
  }

  struct NotFound: Error {
    let text: String, file: String
  }

  /// What the verifier says about one part.
  func report(_ part: String) throws -> Report {
    try Verifier(folder: path, only: [part]).run()
  }
}

extension Report {
  /// The reasons why checks could not be made.
  var reasons: [String] {
    checks.compactMap {
      if case .broken(let reason) = $0.outcome { reason } else { nil }
    }
  }
}
