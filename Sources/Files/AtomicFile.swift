#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes files so that a reader, a crash or a full disk never sees half of one: the bytes go to a temporary
/// file in the same folder, are synced, and take the name in one step. On failure the temporary file is
/// removed and what stood under the name before is untouched.
public enum AtomicFile {
  /// Writes all of `bytes` to `path`.
  ///
  /// - Throws: ``FileError`` that names the path.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    try write(to: path) { (sink) throws(FileError) in try sink.write(bytes) }
  }

  /// Calls `body` with a sink for the new file's bytes, and gives the file its name when `body` returns.
  public static func write(
    to path: String, _ body: (Sink) throws(FileError) -> Void
  ) throws(FileError) {
    // A device or a pipe has no folder to rename within: write through it.
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      guard status.st_mode & S_IFMT != S_IFDIR else { throw .notAFile(path: path) }
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .system(operation: .create, path: path, code: errno) }
      defer { close(descriptor) }
      return try body(Sink(descriptor: descriptor, path: path))
    }

    let temporary = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(operation: .create, path: path, code: errno) }
    var closed = false
    do throws(FileError) {
      try body(Sink(descriptor: descriptor, path: path))
      guard fsync(descriptor) == 0 else { throw .system(operation: .sync, path: path, code: errno) }
      closed = true
      guard close(descriptor) == 0 else { throw .system(operation: .write, path: path, code: errno) }
      guard rename(temporary, path) == 0 else { throw .system(operation: .rename, path: path, code: errno) }
    } catch {
      if !closed { close(descriptor) }
      unlink(temporary)
      throw error
    }
  }

  /// Where the bytes of a file being written go.
  public struct Sink {
    let descriptor: Int32
    let path: String

    /// Appends bytes to the file.
    public func write(_ bytes: [UInt8]) throws(FileError) {
      // The array's own method does not forward typed errors.
      let result = bytes.withUnsafeBytes { buffer in
        Result { () throws(FileError) in try write(buffer) }
      }
      try result.get()
    }

    /// Appends bytes to the file.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
      var done = 0
      while done < bytes.count, let base = bytes.baseAddress {
        #if canImport(Darwin)
          let written = Darwin.write(descriptor, base + done, bytes.count - done)
        #elseif canImport(Musl)
          let written = Musl.write(descriptor, base + done, bytes.count - done)
        #else
          let written = Glibc.write(descriptor, base + done, bytes.count - done)
        #endif
        if written < 0 {
          if errno == EINTR { continue }
          throw .system(operation: .write, path: path, code: errno)
        }
        done += written
      }
    }
  }
}
