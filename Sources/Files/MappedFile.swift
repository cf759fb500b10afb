#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file's bytes, mapped into memory read-only: opening costs no copy, and pages are read when touched.
///
/// The bytes are there inside ``withBytes(_:)``. What keeps pointers to them for longer, as tensors that are views of a
/// checkpoint do, keeps the object, too.
public final class MappedFile: @unchecked Sendable {
  /// The path it was opened by.
  public let path: String
  private let bytes: UnsafeRawBufferPointer

  /// Maps a regular file.
  ///
  /// - Throws: ``FileError`` that names the path.
  public init(path: String) throws(FileError) {
    // Not waiting for the writer of a pipe, which is refused below.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(operation: .open, path: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(operation: .open, path: path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
    let size = Int(status.st_size)
    self.path = path
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      throw .system(operation: .map, path: path, code: errno)
    }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }

  /// Gives back the memory of pages that have been read; they are read again when touched again. For files that are gone through
  /// once and are larger than what the process may hold.
  public func releasePages() {
    if let base = bytes.baseAddress {
      madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_DONTNEED)
    }
  }

  /// Calls `body` with the file's bytes, which are valid until it returns, or for as long as something keeps this object.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(bytes)
  }
}
