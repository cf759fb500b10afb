/// A variable of a MATLAB file, or part of one.
public indirect enum MATLABValue: Sendable {
  /// Numbers or truth values, column by column.
  case numbers(MATLABNumbers)
  /// Values of any kind, column by column.
  case cells([MATLABValue])
  /// Named values of each element, column by column.
  case structures([[String: MATLABValue]])
  /// Something that is not read: text, sparse matrices, objects, functions; its class's number.
  case other(Int)

  /// A member of the only element of a structure.
  public subscript(name: String) -> MATLABValue? {
    guard case .structures(let elements) = self, elements.count == 1 else { return nil }
    return elements[0][name]
  }
}

/// An array of numbers as a MATLAB file stores it.
public struct MATLABNumbers: Sendable {
  /// Rows, columns and further dimensions.
  public let dimensions: [Int]
  /// Whether they are truth values.
  public let isLogical: Bool
  /// The numbers, column by column.
  public let values: [Double]

  /// How many there are.
  public var count: Int { values.count }
}
