#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reference data too large for the repository. The folder is named by the environment variable
/// `SAM_SHARED`, or lies beside the package as `../shared`.
///
/// Where it is absent, a test that needs it is skipped with a printed reason; with the environment variable
/// `SAM_REQUIRE_SHARED` set the test runs instead and fails at ``require(_:)``, so that a build server that has the
/// folder cannot skip silently:
///
/// ```swift
/// @Test(.enabled(if: SharedData.has("golden/coco/rle.json")))
/// func masksEqualTheReference() throws {
///   let path = try SharedData.require("golden/coco/rle.json")
/// }
/// ```
public enum SharedData {
  /// The folder, or nil where there is none.
  public static let root: String? = {
    if let named = environment("SAM_SHARED") {
      return isReadable(named) ? named : nil
    }
    let beside = Package.root + "/../shared"
    return isReadable(beside) ? beside : nil
  }()

  /// The path of something inside the folder, or nil where it does not exist.
  public static func path(_ relative: String) -> String? {
    guard let root else { return nil }
    let path = root + "/" + relative
    return isReadable(path) ? path : nil
  }

  /// The path of something inside the folder.
  ///
  /// - Throws: ``MissingTestData`` where it does not exist.
  public static func require(_ relative: String) throws(MissingTestData) -> String {
    guard let path = path(relative) else { throw MissingTestData(name: relative) }
    return path
  }

  /// Whether a test that needs `relative` should run: it exists, or its absence must be a failure
  /// (`SAM_REQUIRE_SHARED` is set). Prints the reason when the answer is no.
  public static func has(_ relative: String) -> Bool {
    if path(relative) != nil || environment("SAM_REQUIRE_SHARED") != nil { return true }
    print("skipped: \(MissingTestData(name: relative))")
    return false
  }
}

/// Small reference data kept in the repository, under `Tests/Fixtures`.
public enum Fixtures {
  /// The path of a fixture.
  public static func path(_ relative: String) -> String {
    Package.root + "/Tests/Fixtures/" + relative
  }
}

/// Reference data that a test needs is not on this machine.
public struct MissingTestData: Error, CustomStringConvertible {
  /// The path relative to the shared folder.
  public let name: String

  /// What is missing and how to provide it.
  public var description: String {
    "\(name) is not in the shared data folder (environment variable SAM_SHARED, or ../shared)"
  }
}

/// Where the package is, from the place of this source file.
public enum Package {
  /// The folder of `Package.swift`.
  public static let root: String = {
    var components = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    components.removeLast(3)
    return components.joined(separator: "/")
  }()
}

private func environment(_ name: String) -> String? {
  guard let value = getenv(name) else { return nil }
  let text = String(cString: value)
  return text.isEmpty ? nil : text
}

private func isReadable(_ path: String) -> Bool {
  access(path, R_OK) == 0
}
