#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension FileError: CustomStringConvertible {
  /// One line that begins with the path.
  public var description: String {
    switch self {
    case .system(let operation, let path, let code):
      "\(path): cannot \(operation.rawValue): \(String(cString: strerror(code)))"
    case .notAFile(let path):
      "\(path): not a regular file"
    case .notAFolder(let path):
      "\(path): not a folder"
    case .tooLarge(let path, let bytes, let limit):
      "\(path): \(bytes) bytes, more than the limit of \(limit)"
    }
  }
}

extension FileError {
  /// Nothing has that path.
  package static func missing(_ path: String) -> FileError {
    .system(operation: .open, path: path, code: ENOENT)
  }
}
