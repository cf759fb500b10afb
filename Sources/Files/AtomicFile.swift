#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes files so that a reader, a crash or a full disk never sees half of one: the bytes go to a new file in the same
/// folder, are synced, and take the name in one step. After a failure, what stood under the name before is untouched.
///
/// On Linux the new file has no name while it is written, so that a process that is killed leaves nothing behind;
/// where a file system cannot do that, and on other systems, it is `NAME.PID.RANDOM.tmp`, removed on failure.
///
/// A symbolic link stays: the file that it names is replaced. A replaced file's permissions are kept.
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
    var status = stat()
    let isThere = stat(path, &status) == 0
    // A device or a pipe has no folder to rename within: write through it.
    if isThere, status.st_mode & S_IFMT != S_IFREG {
      guard status.st_mode & S_IFMT != S_IFDIR else { throw .notAFile(path: path) }
      let descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw .system(operation: .create, path: path, code: errno) }
      defer { close(descriptor) }
      return try body(Sink(descriptor: descriptor, path: path))
    }

    let target = try destination(of: path)
    let file = try NewFile(besides: target, for: path)
    defer { file.close() }
    try body(Sink(descriptor: file.descriptor, path: path))
    if isThere { fchmod(file.descriptor, status.st_mode & 0o777) }
    guard fsync(file.descriptor) == 0 else { throw .system(operation: .sync, path: path, code: errno) }
    try file.take(name: target, for: path)
  }

  /// The path that a chain of symbolic links ends in, which need not exist.
  private static func destination(of path: String) throws(FileError) -> String {
    var target = path
    for _ in 0..<40 {
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let length = readlink(target, &buffer, buffer.count)
      guard length > 0 else { return target }
      let link = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
      target = link.hasPrefix("/") ? link : folder(of: target) + "/" + link
    }
    throw .system(operation: .create, path: path, code: ELOOP)
  }

  /// The folder that a path's last component is in.
  fileprivate static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
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

/// A file that is being written and has not got its name yet.
private final class NewFile {
  let descriptor: Int32
  /// The file's name until it takes its own; nil while it has none.
  private var temporaryName: String?

  /// - Parameters:
  ///   - target: the name that the file will take.
  ///   - path: what errors call it.
  init(besides target: String, for path: String) throws(FileError) {
    #if os(Linux)
      // `O_TMPFILE`, which C's header defines in terms that Swift does not import.
      let unnamed = open(
        AtomicFile.folder(of: target), O_WRONLY | O_DIRECTORY | 0o20_000_000 | O_CLOEXEC, 0o666)
      if unnamed >= 0 {
        // Without this view of the process's own files it could not be named later.
        if access(NewFile.link(to: unnamed), F_OK) == 0 {
          descriptor = unnamed
          return
        }
        Self.close(unnamed)
      }
    #endif
    let name = NewFile.temporaryName(besides: target)
    descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(operation: .create, path: path, code: errno) }
    temporaryName = name
  }

  /// Gives the file its name in one step, replacing what has it, and has the folder remember that.
  func take(name target: String, for path: String) throws(FileError) {
    let temporary = temporaryName ?? NewFile.temporaryName(besides: target)
    #if os(Linux)
      if temporaryName == nil {
        let follow: Int32 = 0x400  // AT_SYMLINK_FOLLOW
        // Where the name is free, one step does it, and a kill leaves nothing. A name that is taken cannot be linked over.
        if linkat(AT_FDCWD, NewFile.link(to: descriptor), AT_FDCWD, target, follow) == 0 {
          syncFolder(of: target)
          return
        }
        guard linkat(AT_FDCWD, NewFile.link(to: descriptor), AT_FDCWD, temporary, follow) == 0 else {
          throw .system(operation: .create, path: path, code: errno)
        }
        temporaryName = temporary
      }
    #endif
    guard rename(temporary, target) == 0 else { throw .system(operation: .rename, path: path, code: errno) }
    temporaryName = nil
    syncFolder(of: target)
  }

  private func syncFolder(of target: String) {
    // Some file systems cannot sync a folder; the file is whole under its name all the same.
    let folder = open(AtomicFile.folder(of: target), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      Self.close(folder)
    }
  }

  /// Closes the file, and removes it if it has not taken its name.
  func close() {
    Self.close(descriptor)
    if let temporaryName { unlink(temporaryName) }
  }

  private static func close(_ descriptor: Int32) {
    #if canImport(Darwin)
      _ = Darwin.close(descriptor)
    #elseif canImport(Musl)
      _ = Musl.close(descriptor)
    #else
      _ = Glibc.close(descriptor)
    #endif
  }

  private static func link(to descriptor: Int32) -> String { "/proc/self/fd/\(descriptor)" }

  private static func temporaryName(besides target: String) -> String {
    "\(target).\(getpid()).\(UInt32.random(in: .min ... .max)).tmp"
  }
}
