internal import Files

/// The variables of a MATLAB file of version 5 to 7 (`-v6`, `-v7`): uncompressed, or each variable compressed by zlib.
///
/// ```swift
/// let file = try MATLABFile(contentsOfFile: "2018.mat")
/// if case .cells(let annotators) = file.variables["groundTruth"] { … }
/// ```
///
/// Follows MathWorks' description of the format, "MAT-File Level 5". A damaged file is an error; memory is bounded by
/// ``byteLimit`` whatever the file claims.
public struct MATLABFile: Sendable {
  /// The variables by name.
  public let variables: [String: MATLABValue]

  /// Bytes of a file's decompressed contents at most.
  public static let byteLimit = 1 << 26

  /// Reads a file.
  ///
  /// - Throws: ``DatasetError/file(_:)``, ``DatasetError/matlab(path:_:)``.
  public init(contentsOfFile path: String) throws(DatasetError) {
    let file = try DatasetPath.map(path)
    self = try file.withBytes { (bytes) throws(DatasetError) in try MATLABFile(bytes, name: path) }
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter name: what errors call it.
  public init(_ bytes: UnsafeRawBufferPointer, name: String) throws(DatasetError) {
    do throws(MATLABProblem) {
      variables = try MATLABFile.variables(bytes)
    } catch {
      throw .matlab(path: name, error)
    }
  }

  private static func variables(
    _ bytes: UnsafeRawBufferPointer
  ) throws(MATLABProblem) -> [String: MATLABValue] {
    if bytes.starts(with: "MATLAB 7.3") { throw .isHDF }
    guard bytes.count >= 128, bytes.starts(with: "MATLAB 5.0") else { throw .notMATLAB }
    let isLittle: Bool
    switch (bytes[126], bytes[127]) {
    case (UInt8(ascii: "I"), UInt8(ascii: "M")): isLittle = true
    case (UInt8(ascii: "M"), UInt8(ascii: "I")): isLittle = false
    default: throw .notMATLAB
    }
    var variables: [String: MATLABValue] = [:]
    var budget = byteLimit
    var elements = MATLABElements(
      UnsafeRawBufferPointer(rebasing: bytes[128...]), isLittle: isLittle)
    while let element = try elements.next(isPadded: false) {
      switch element.type {
      case .compressed:
        let contents = try inflated(element.bytes, limit: budget)
        budget -= contents.count
        let variable = try contents.withUnsafeBytes { contents in
          Result { () throws(MATLABProblem) -> (String, MATLABValue)? in
            var inner = MATLABElements(contents, isLittle: isLittle)
            guard let element = try inner.next(isPadded: false), element.type == .matrix else { return nil }
            return try MATLABMatrix.read(element.bytes, isLittle: isLittle)
          }
        }.get()
        if let (name, value) = variable { variables[name] = value }
      case .matrix:
        let (name, value) = try MATLABMatrix.read(element.bytes, isLittle: isLittle)
        variables[name] = value
      default: break
      }
    }
    return variables
  }
}

/// What is wrong with a MATLAB file.
public enum MATLABProblem: Error, Sendable, Equatable {
  /// It does not begin as one of version 5.
  case notMATLAB
  /// A file of version 7.3, which is one of HDF5.
  case isHDF
  /// It ends too soon.
  case truncated
  /// A compressed variable cannot be decompressed.
  case compression
  /// Decompressed, it would be larger than ``MATLABFile/byteLimit``.
  case tooLarge
  /// Parts that do not fit together.
  case damaged(String)
}
