internal import Files

extension NumPyError: CustomStringConvertible {
  /// One line that begins with the path.
  public var description: String {
    switch reason {
    case .file(let error): error.description
    case .notNumPy: "\(path): not a .npy file"
    case .version(let version): "\(path): .npy version \(version) is not known"
    case .truncated: "\(path): ends before its last element; the file is incomplete"
    case .header(let problem): "\(path): .npy header: \(problem)"
    case .unsupportedType(let type): "\(path): elements of type \(plainText(type)) are not supported"
    }
  }
}
