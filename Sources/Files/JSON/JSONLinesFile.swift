#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file of JSON objects, one a line, that only grows: what a long task has done so far.
///
/// Each line is on the disk when ``append(_:)`` returns. A process that is killed leaves a line torn at most, and that the last: it is
/// taken off when the file is opened again. One process at a time has the file open.
package final class JSONLinesFile {
  /// What is wrong with such a file.
  package enum Failure: Error, Equatable {
    /// The file could not be opened, read, locked or written.
    case file(FileError)
    /// A line that is not the last is no JSON; counted from 1.
    case damaged(path: String, line: Int)
  }

  /// Where it is.
  package let path: String
  /// The lines that were there when the file was opened.
  package let values: [JSONValue]
  private let descriptor: Int32

  /// Opens a file, or makes an empty one.
  package init(path: String) throws(Failure) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .file(.system(operation: .open, path: path, code: errno)) }
    do throws(Failure) {
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw .file(.system(operation: .lock, path: path, code: errno))
      }
      let bytes: [UInt8]
      do throws(FileError) {
        bytes = try MappedFile(path: path).withBytes { [UInt8]($0) }
      } catch {
        throw .file(error)
      }
      let (values, whole) = try Self.parse(bytes, path: path)
      if whole < bytes.count, ftruncate(descriptor, off_t(whole)) != 0 {
        throw .file(.system(operation: .write, path: path, code: errno))
      }
      self.values = values
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The whole lines, and how many bytes they are.
  private static func parse(_ bytes: [UInt8], path: String) throws(Failure) -> (
    values: [JSONValue], whole: Int
  ) {
    var values: [JSONValue] = []
    var begin = 0
    while let end = bytes[begin...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = Array(bytes[begin..<end])
      guard let value = line.withUnsafeBytes({ try? JSONValue(parsing: $0) }) else {
        // A crash of the machine may leave the last line as zeros, with the end of its line.
        guard end == bytes.count - 1 else { throw .damaged(path: path, line: values.count + 1) }
        return (values, begin)
      }
      values.append(value)
      begin = end + 1
    }
    return (values, begin)
  }

  /// Adds a line, and waits until it is on the disk.
  package func append(_ value: JSONText) throws(FileError) {
    try AtomicFile.Sink(descriptor: descriptor, path: path).write(Array((value.line + "\n").utf8))
    guard fsync(descriptor) == 0 else { throw .system(operation: .sync, path: path, code: errno) }
  }
}
