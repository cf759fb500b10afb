import Files

/// A whole file.
func readBytes(_ path: String) throws -> [UInt8] {
  let file = try MappedFile(path: path)
  return Array(file.bytes)
}
