/// What went wrong with a file or folder, by name.
public enum FileError: Error, Sendable, Equatable {
  /// A system call failed: what was tried, on which path, and the system's error number.
  case system(operation: Operation, path: String, code: Int32)
  /// The path names something that is not a regular file.
  case notAFile(path: String)
  /// The path names something that is not a folder.
  case notAFolder(path: String)
  /// The file is larger than the caller allows.
  case tooLarge(path: String, bytes: Int, limit: Int)

  /// What was tried.
  public enum Operation: String, Sendable {
    case open, read, write, map, sync, rename, create, list, remove, lock
  }
}
