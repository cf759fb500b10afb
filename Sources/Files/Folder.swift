#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Folders that outputs go to.
package enum Folder {
  /// Makes a folder and those above it; fine where it exists.
  package static func make(_ folder: String) throws(FileError) {
    var path = folder.hasPrefix("/") ? "/" : ""
    for component in folder.split(separator: "/") {
      path += (path.isEmpty || path.hasSuffix("/") ? "" : "/") + component
      if mkdir(path, 0o777) == 0 { continue }
      let code = errno
      guard isFolder(path) else { throw .system(operation: .create, path: path, code: code) }
    }
  }

  /// Whether there is a folder of that path.
  package static func isFolder(_ path: String) -> Bool { FolderListing.kind(of: path) == .folder }
}
