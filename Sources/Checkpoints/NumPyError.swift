public import Files

/// Why a `.npy` file could not be read or written: the file, and what is wrong with it.
public struct NumPyError: Error, Sendable, Equatable {
  /// The file's path, or the name given to the bytes.
  public var path: String
  /// What is wrong.
  public var reason: Reason

  /// What is wrong with a `.npy` file.
  public enum Reason: Error, Sendable, Equatable {
    /// The file system refused.
    case file(FileError)
    /// The file does not begin as a `.npy` file does.
    case notNumPy
    /// A version of the format that is not known.
    case version(Int)
    /// The file ends before its last element.
    case truncated
    /// The header breaks a rule.
    case header(problem: String)
    /// The elements are of a type that is not read: big-endian, complex, text, objects, records.
    case unsupportedType(String)
  }
}
