import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is still coming, locked so that only one process adds to it.
final class PartialFile {
  let path: String
  private let descriptor: Int32
  /// How many bytes have come.
  private(set) var count: Int

  /// Opens what an earlier try left, or begins a new file.
  ///
  /// - Throws: ``ModelStoreError/busy(path:)`` while another process has it open.
  init(path: String) throws(ModelStoreError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    count = 0
    guard descriptor >= 0 else { throw .file(.system(operation: .create, path: path, code: errno)) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .busy(path: path) }
    count = Int(lseek(descriptor, 0, SEEK_END))
  }

  deinit { close(descriptor) }

  /// Appends bytes.
  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = write(descriptor, rest.baseAddress, rest.count)
      if written < 0 {
        if errno == EINTR { continue }
        throw .system(operation: .write, path: path, code: errno)
      }
      count += written
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Forgets what has come, because the server cannot go on from there.
  func restart() throws(FileError) {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw .system(operation: .write, path: path, code: errno)
    }
    count = 0
  }

  /// The SHA-256 of what has come, in hexadecimal.
  func sha256() throws(FileError) -> String {
    var hash = SHA256()
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { block.deallocate() }
    var offset = 0
    while true {
      let read = pread(descriptor, block.baseAddress, block.count, off_t(offset))
      if read < 0 {
        if errno == EINTR { continue }
        throw .system(operation: .read, path: path, code: errno)
      }
      guard read > 0 else { break }
      hash.update(UnsafeRawBufferPointer(rebasing: block[..<read]))
      offset += read
    }
    return hash.hexadecimal
  }

  /// Makes sure that the bytes are on the disk, and gives the file its name.
  func rename(to destination: String) throws(FileError) {
    guard fsync(descriptor) == 0 else { throw .system(operation: .sync, path: path, code: errno) }
    guard Self.move(path, destination) == 0 else {
      throw .system(operation: .rename, path: destination, code: errno)
    }
  }

  /// Removes the file.
  func remove() { unlink(path) }

  private static func move(_ old: String, _ new: String) -> Int32 {
    #if canImport(Darwin)
      Darwin.rename(old, new)
    #elseif canImport(Musl)
      Musl.rename(old, new)
    #else
      Glibc.rename(old, new)
    #endif
  }
}
