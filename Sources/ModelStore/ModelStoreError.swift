public import Files

/// Why a checkpoint could not be fetched or found.
public enum ModelStoreError: Error, Sendable, Equatable {
  /// No published checkpoint has this name.
  case unknownName(String)
  /// The checkpoint is known but was not downloaded.
  case notDownloaded(name: String, folder: String)
  /// The environment names no folder for caches.
  case noFolder
  /// This machine has no libcurl.
  case noClient
  /// The server could not be reached: no network, an unknown host, a refused or untrusted connection.
  case unreachable(address: String, reason: String)
  /// The server refused with an HTTP status.
  case refused(address: String, status: Int)
  /// The connection broke again and again; `kept` bytes wait for the next try.
  case interrupted(address: String, reason: String, kept: Int)
  /// What came is not the published file; it was removed.
  case wrongContent(file: String, address: String, expected: String, found: String)
  /// Another process is downloading the same file.
  case busy(path: String)
  /// A file or folder of the store cannot be read or written.
  case file(FileError)
}
