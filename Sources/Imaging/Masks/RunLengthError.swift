/// What is wrong with a run-length mask.
public enum RunLengthError: Error, Sendable, Equatable {
  /// A width or height that no mask has.
  case invalidSize(width: Int, height: Int)
  /// The runs cover more or fewer pixels than the mask has.
  case wrongTotal(total: Int, width: Int, height: Int)
  /// A character that compressed runs do not contain.
  case invalidCharacter(code: UInt8, offset: Int)
  /// The compressed text stops within a number.
  case unfinished
  /// A run whose length is negative or larger than any mask.
  case invalidRun(index: Int)
  /// Two masks of different sizes were to be combined.
  case sizesDiffer(width: Int, height: Int, otherWidth: Int, otherHeight: Int)
}

extension RunLengthError: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .invalidSize(let width, let height):
      "a mask cannot be \(width) x \(height) pixels"
    case .wrongTotal(let total, let width, let height):
      "the runs cover \(total) pixels, but a mask of \(width) x \(height) has \(width * height)"
    case .invalidCharacter(let code, let offset):
      "character \(code) at \(offset) does not belong to compressed runs"
    case .unfinished:
      "the compressed runs stop within a number"
    case .invalidRun(let index):
      "run \(index) has an impossible length"
    case .sizesDiffer(let width, let height, let otherWidth, let otherHeight):
      "masks of \(width) x \(height) and \(otherWidth) x \(otherHeight) pixels cannot be combined"
    }
  }
}
