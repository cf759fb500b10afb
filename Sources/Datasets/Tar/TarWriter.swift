public import Files

/// Writes a tar archive whose bytes depend on names and contents only: no times, owners or modes.
///
/// ```swift
/// try AtomicFile.write(to: "shard.tar") { (sink) throws(FileError) in
///   var tar = TarWriter(sink)
///   try tar.add("photo.jpg", picture)
///   try tar.add("photo.json", record)
///   try tar.finish()
/// }
/// ```
///
/// Names that the old header cannot hold, and sizes from 8 GiB on, are written as pax does.
public struct TarWriter {
  private let sink: AtomicFile.Sink

  /// A writer to a file being written.
  public init(_ sink: AtomicFile.Sink) { self.sink = sink }

  /// Adds a file.
  public func add(_ name: String, _ bytes: [UInt8]) throws(FileError) {
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(FileError) in try add(name, buffer) }
    }
    try result.get()
  }

  /// Adds a file.
  public func add(_ name: String, _ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var records: [UInt8] = []
    if name.utf8.count > 100 || name.utf8.contains(where: { $0 >= 0x80 }) {
      records += Self.record("path", name)
    }
    if bytes.count >= 1 << 33 { records += Self.record("size", String(bytes.count)) }
    if !records.isEmpty {
      try sink.write(Self.header("PaxHeaders/entry", size: records.count, kind: UInt8(ascii: "x")))
      try sink.write(records + Self.padding(after: records.count))
    }
    try sink.write(Self.header(name, size: bytes.count, kind: UInt8(ascii: "0")))
    try sink.write(bytes)
    try sink.write(Self.padding(after: bytes.count))
  }

  /// Ends the archive.
  public func finish() throws(FileError) {
    try sink.write([UInt8](repeating: 0, count: 2 * TarHeader.blockSize))
  }

  private static func padding(after count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (TarHeader.blockSize - count % TarHeader.blockSize) % TarHeader.blockSize)
  }

  /// A pax record, whose length counts its own digits.
  private static func record(_ key: String, _ value: String) -> [UInt8] {
    let rest = " \(key)=\(value)\n"
    var length = rest.utf8.count
    while String(length).utf8.count + rest.utf8.count != length {
      length = String(length).utf8.count + rest.utf8.count
    }
    return Array((String(length) + rest).utf8)
  }

  private static func header(_ name: String, size: Int, kind: UInt8) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: TarHeader.blockSize)
    func put(_ text: some Collection<UInt8>, at offset: Int) {
      for (index, byte) in text.enumerated() { block[offset + index] = byte }
    }
    func octal(_ value: Int, digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
    put(name.utf8.prefix(100), at: 0)
    put(octal(0o644, digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(min(size, 1 << 33 - 1), digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)
    block[156] = kind
    put(Array("ustar\u{0}00".utf8), at: 257)
    let sum = block.withUnsafeBytes { TarHeader.checksum($0) }
    put(octal(sum, digits: 6) + [0, 0x20], at: 148)
    return block
  }
}
