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
    case .tooLarge(let path, let bytes, let limit):
      "\(path): \(bytes) bytes, more than the limit of \(limit)"
    }
  }
}
