import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The process's standard streams, unbuffered.
enum Console {
  /// Writes to standard output.
  static func write(_ bytes: [UInt8]) throws(FileError) {
    try write(bytes, to: STDOUT_FILENO, named: "standard output")
  }

  /// Writes lines of text to standard output.
  static func print(_ text: String) throws(FileError) {
    try write(Array((text + "\n").utf8))
  }

  /// Tells the user something, on standard error; nobody can be told when that fails.
  static func note(_ text: String, terminator: String = "\n") {
    try? write(Array((text + terminator).utf8), to: STDERR_FILENO, named: "standard error")
  }

  /// Whether standard error is a terminal, where a line may be rewritten.
  static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

  /// All of standard input.
  ///
  /// - Parameter limit: bytes at most; an endless stream is an error, not the end of the memory.
  static func readAll(limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(STDIN_FILENO, &block, block.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw .system(operation: .read, path: "standard input", code: errno)
      }
      guard count > 0 else { return bytes }
      bytes += block[..<count]
      guard bytes.count <= limit else {
        throw .tooLarge(path: "standard input", bytes: bytes.count, limit: limit)
      }
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, named name: String) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { buffer in
        #if canImport(Darwin)
          Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #elseif canImport(Musl)
          Musl.write(descriptor, buffer.baseAddress, buffer.count)
        #else
          Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw .system(operation: .write, path: name, code: errno)
      }
      rest = rest.dropFirst(written)
    }
  }
}
