/// How far values lie from a reference.
public struct Difference: Sendable, Equatable {
  /// The largest absolute difference; not a number where any value on either side is none. For masks, the number of
  /// pixels that differ.
  public var largest: Double
  /// The Euclidean norm of the difference over that of the reference; for masks, the share of pixels that differ.
  /// Nil where there is only one value to compare.
  public var relative: Double?

  /// A difference that has been worked out already.
  public init(largest: Double, relative: Double? = nil) {
    self.largest = largest
    self.relative = relative
  }

  /// No difference at all.
  public static let none = Difference(largest: 0, relative: 0)

  /// Between as many values as reference values.
  public init(_ values: UnsafeBufferPointer<Float>, _ reference: UnsafeBufferPointer<Float>) {
    var sums = DifferenceSums()
    for index in 0..<Swift.min(values.count, reference.count) {
      sums.add(Double(values[index]), Double(reference[index]))
    }
    self = sums.difference
  }

  /// Between as many values as reference values.
  public init(_ values: [Double], _ reference: [Double]) {
    var sums = DifferenceSums()
    for (value, expected) in zip(values, reference) { sums.add(value, expected) }
    self = sums.difference
  }

  /// The worse of two differences, bound by bound.
  func joined(_ other: Difference) -> Difference {
    Difference(
      largest: Difference.worse(largest, other.largest),
      relative: relative.map { own in other.relative.map { Difference.worse(own, $0) } ?? own }
        ?? other.relative)
  }

  /// The larger of two values; not a number where one of them is none, which `max` does not promise.
  static func worse(_ a: Double, _ b: Double) -> Double {
    a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
  }
}

/// A running comparison, in double precision.
struct DifferenceSums {
  private var largest = 0.0
  private var squares = 0.0
  private var referenceSquares = 0.0
  private var isUndefined = false

  mutating func add(_ value: Double, _ reference: Double) {
    let difference = (value - reference).magnitude
    // Equal infinities differ by nothing, though their difference is not a number.
    guard !difference.isNaN else {
      isUndefined = isUndefined || value != reference
      return
    }
    if difference > largest { largest = difference }
    squares += difference * difference
    referenceSquares += reference * reference
  }

  var difference: Difference {
    if isUndefined { return Difference(largest: .nan, relative: .nan) }
    if squares == 0 { return Difference(largest: largest, relative: 0) }
    return Difference(largest: largest, relative: (squares / referenceSquares).squareRoot())
  }
}
