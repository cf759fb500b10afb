internal import Files

extension Checkpoint.Format {
  /// The format of a file's content, told from its first bytes; nil for none of them.
  init?(of bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: "PK\u{3}\u{4}") {
      self = .pytorchZip
    } else if PyTorchLegacyArchive.hasMagic(bytes) {
      self = .pytorchLegacy
    } else if bytes.count > 8, bytes[8] == UInt8(ascii: "{") || bytes[8] == UInt8(ascii: " ") {
      self = .safetensors
    } else {
      return nil
    }
  }

  /// What a file that is no checkpoint seems to be, in words; nil where nothing is recognised.
  static func resemblance(of bytes: UnsafeRawBufferPointer) -> String? {
    guard bytes.count > 0 else { return "an empty file" }
    if bytes.starts(with: "version https://git-lfs") { return "a Git LFS pointer; fetch the file itself" }
    if bytes.starts(with: "<!") || bytes.starts(with: "<html") { return "a web page; the download failed" }
    if bytes.starts(with: "GGUF") { return "a GGUF file" }
    if bytes.count >= 2, bytes[0] == 0x1F, bytes[1] == 0x8B { return "a gzip file; decompress it first" }
    if bytes.count >= 2, bytes[0] == 0x80, (2...5).contains(bytes[1]) {
      return "a pickle that torch.save did not write"
    }
    if bytes.count >= 4, bytes[0] == 0x89, bytes[1] == UInt8(ascii: "H"), bytes[2] == UInt8(ascii: "D") {
      return "an HDF5 file"
    }
    if bytes.count >= 262, UnsafeRawBufferPointer(rebasing: bytes[257...]).starts(with: "ustar") {
      return "a tar archive"
    }
    return nil
  }
}
