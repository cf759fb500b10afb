#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The user's folder of downloaded checkpoints.
///
/// A file stands under its name only when it is whole and its SHA-256 is the published one, so that
/// ``path(of:)`` need not check again. What is still coming is kept beside it as `NAME.part`.
///
/// ```swift
/// let store = try ModelStore(environment: ProcessInfo.processInfo.environment)
/// let path = try store.download(.named("vit_b")!) { received, total in … }
/// ```
public struct ModelStore: Sendable {
  /// The folder that holds the files.
  public let folder: String
  /// An address to fetch from instead of the publishers', without the file's name; nil for the publishers'.
  public let mirror: String?

  /// A store in the given folder, which is made when something is downloaded.
  public init(folder: String, mirror: String? = nil) {
    self.folder = folder
    self.mirror = mirror
  }

  /// The store that the environment names: the folder is `SAM_CACHE`, else `segment-anything` in the user's cache
  /// (`XDG_CACHE_HOME` or `~/.cache`; `~/Library/Caches` on macOS); `SAM_MIRROR` replaces the publishers' addresses.
  ///
  /// - Throws: ``ModelStoreError/noFolder`` where no variable says where to.
  public init(environment: [String: String]) throws(ModelStoreError) {
    func value(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    #if os(macOS)
      let caches = value("HOME").map { $0 + "/Library/Caches" }
    #else
      let caches = value("XDG_CACHE_HOME") ?? value("HOME").map { $0 + "/.cache" }
    #endif
    guard let folder = value("SAM_CACHE") ?? caches.map({ $0 + "/segment-anything" }) else {
      throw .noFolder
    }
    self.init(folder: folder, mirror: value("SAM_MIRROR"))
  }

  /// Where a checkpoint's file is, or nil where it was not downloaded.
  public func path(of checkpoint: OfficialCheckpoint) -> String? {
    let path = destination(of: checkpoint)
    return access(path, R_OK) == 0 ? path : nil
  }

  /// Where the checkpoint of this name is.
  ///
  /// - Throws: ``ModelStoreError`` where the name is unknown or the file was not downloaded.
  public func path(named name: String) throws(ModelStoreError) -> String {
    guard let checkpoint = OfficialCheckpoint.named(name) else { throw .unknownName(name) }
    guard let path = path(of: checkpoint) else { throw .notDownloaded(name: name, folder: folder) }
    return path
  }

  /// The address that ``download(_:progress:)`` asks.
  public func address(of checkpoint: OfficialCheckpoint) -> String {
    guard let mirror else { return checkpoint.address }
    return mirror + (mirror.hasSuffix("/") ? "" : "/") + checkpoint.file
  }

  /// The checkpoint's place in the folder, whether it is there or not.
  func destination(of checkpoint: OfficialCheckpoint) -> String {
    folder + "/" + checkpoint.file
  }
}
