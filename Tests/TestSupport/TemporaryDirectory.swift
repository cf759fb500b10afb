#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A folder for one test's files, removed when the last reference goes.
public final class TemporaryDirectory: Sendable {
  /// The folder's path.
  public let path: String

  /// Makes a new, empty folder.
  public init() throws {
    path =
      FileManager.default.temporaryDirectory.path + "/sam-test-"
      + String(UInt64.random(in: .min ... .max), radix: 36)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String {
    path + "/" + name
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
