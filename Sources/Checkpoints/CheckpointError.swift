public import Files

/// Why a checkpoint could not be read or written: the file, and what is wrong with it.
public struct CheckpointError: Error, Sendable, Equatable {
  /// The file's path, or the name given to bytes that come from elsewhere.
  public var path: String
  /// What is wrong.
  public var reason: Reason

  /// An error about `path`.
  public init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  /// What is wrong with a checkpoint.
  public enum Reason: Error, Sendable, Equatable {
    /// The file system refused.
    case file(FileError)
    /// The content is not that of a known format; `looksLike` names what it seems to be, if that is known.
    case unknownFormat(looksLike: String?)
    /// The file ends inside `part`.
    case truncated(part: String)
    /// The safetensors header breaks a rule at a byte of it.
    case header(problem: String, offset: Int)
    /// The safetensors header is longer than allowed.
    case headerTooLong(bytes: Int, limit: Int)
    /// A name occurs twice.
    case duplicate(name: String)
    /// A tensor has a type that is not known.
    case unknownType(tensor: String, type: String)
    /// A tensor's place is not where the one before it ends, or beyond the file.
    case misplaced(tensor: String, begin: Int, end: Int, expected: Int, available: Int)
    /// A tensor's shape needs another number of bytes than it has.
    case size(tensor: String, shape: [Int], type: Scalar, bytes: Int)
    /// A tensor has more dimensions than five, or sizes beyond all bounds.
    case shape(tensor: String, shape: [Int])
    /// A tensor's elements lie outside its storage.
    case outsideStorage(tensor: String)
    /// A tensor's storage is not in the file, or is shorter than it says.
    case missingStorage(tensor: String, key: String)
    /// Strided or half-precision tensors would fill far more memory than the file has bytes.
    case expands(tensor: String, limit: Int)
    /// The zip archive's directory is damaged.
    case archive(problem: String)
    /// An archive entry is compressed or encrypted, which PyTorch never does.
    case compressed(entry: String)
    /// The numbers are stored in big-endian order.
    case bigEndian
    /// The pickle breaks a rule at a byte of it.
    case pickle(problem: String, offset: Int)
    /// The pickle needs more values than allowed.
    case pickleTooLarge(limit: Int)
    /// The pickle names a function that no checkpoint needs and that could do harm where it is run.
    case forbidden(module: String, name: String)
    /// The pickle holds an object of a class that cannot be read, in place of a state dictionary.
    case notAStateDictionary(found: String)
    /// No tensors; `keys` are the first of those that are there.
    case noTensors(keys: [String])
    /// A tensor to be written has a name that the format reserves.
    case reservedName(String)
  }
}
