/// The sizes of a tensor's dimensions, outermost first; at most five.
///
/// Stored inline, so that making a tensor allocates nothing but its elements.
public struct Shape: Sendable, Hashable, RandomAccessCollection, ExpressibleByArrayLiteral {
  private var sizes: (Int, Int, Int, Int, Int) = (1, 1, 1, 1, 1)
  /// The number of dimensions.
  public private(set) var count: Int = 0

  /// The largest number of dimensions a shape holds.
  public static let maximumRank = 5

  /// An empty shape: that of a single number.
  public init() {}

  /// A shape of the given sizes, or nil where there are more than ``maximumRank``, one is negative, or
  /// their product does not fit an `Int`.
  public init?(checking sizes: some Collection<Int>) {
    guard sizes.count <= Shape.maximumRank else { return nil }
    var product = 1
    for size in sizes {
      let (value, overflow) = product.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { return nil }
      product = value
      append(size)
    }
  }

  /// A shape written in source, at most ``maximumRank`` sizes.
  public init(arrayLiteral sizes: Int...) {
    precondition(sizes.count <= Shape.maximumRank, "a shape has at most five dimensions")
    for size in sizes { append(size) }
  }

  /// The outermost dimension's number.
  public var startIndex: Int { 0 }
  /// One more than the innermost dimension's number.
  public var endIndex: Int { count }

  /// The size of a dimension.
  public subscript(position: Int) -> Int {
    get {
      precondition(position >= 0 && position < count, "no such dimension")
      switch position {
      case 0: return sizes.0
      case 1: return sizes.1
      case 2: return sizes.2
      case 3: return sizes.3
      default: return sizes.4
      }
    }
    set {
      precondition(position >= 0 && position < count, "no such dimension")
      switch position {
      case 0: sizes.0 = newValue
      case 1: sizes.1 = newValue
      case 2: sizes.2 = newValue
      case 3: sizes.3 = newValue
      default: sizes.4 = newValue
      }
    }
  }

  /// The number of elements: the product of the sizes.
  public var elementCount: Int { sizes.0 * sizes.1 * sizes.2 * sizes.3 * sizes.4 }

  /// The innermost size; 1 for a single number.
  public var innermost: Int { count == 0 ? 1 : self[count - 1] }

  /// The product of all sizes but the innermost: the number of rows when seen as a matrix.
  public var rows: Int { innermost == 0 ? 0 : elementCount / innermost }

  mutating func append(_ size: Int) {
    count += 1
    self[count - 1] = size
  }

  /// This shape with another innermost size.
  func replacingInnermost(_ size: Int) -> Shape {
    var shape = self
    if shape.count == 0 { shape.append(size) } else { shape[count - 1] = size }
    return shape
  }

  /// Whether both have the same sizes in the same order.
  public static func == (left: Shape, right: Shape) -> Bool {
    left.count == right.count && left.sizes == right.sizes
  }

  /// Feeds the sizes to a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for size in self { hasher.combine(size) }
  }
}

extension Shape: CustomStringConvertible {
  /// As written in papers: `64x64x256`; `scalar` for no dimensions.
  public var description: String {
    guard count > 0 else { return "scalar" }
    var text = ""
    for (index, size) in self.enumerated() {
      if index > 0 { text += "x" }
      text += String(size)
    }
    return text
  }
}
