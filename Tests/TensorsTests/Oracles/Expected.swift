import Tensors
import Testing

/// What an operation should give: every value in double precision, and how far arithmetic in single precision may
/// end from it.
struct Expected {
  var values: [Double] = []
  var tolerances: [Double] = []

  mutating func append(_ number: Approximate) {
    values.append(number.value)
    tolerances.append(number.tolerance)
  }
}

/// A number and the error that rounding to single precision on the way to it may cause.
struct Approximate {
  var value: Double
  var tolerance: Double

  /// Half the distance between neighbouring floats at 1: the relative error of one rounding.
  static let rounding = 0x1p-24
  /// Absolute error of the kernels' GELU.
  static let geluError = 1e-6
  /// Relative error of the kernels' exponential.
  static let exponentialError = 3e-7

  static func exact(_ value: Float) -> Approximate { Approximate(value: Double(value), tolerance: 0) }

  /// A sum of `terms` products whose absolute values add up to `magnitude`. Rounding errors are as good as random:
  /// they grow with the square root of the number of terms.
  static func sum(_ value: Double, terms: Int, magnitude: Double) -> Approximate {
    Approximate(value: value, tolerance: (4 + Double(terms).squareRoot() / 4) * rounding * magnitude)
  }

  static func + (left: Approximate, right: Approximate) -> Approximate {
    let value = left.value + right.value
    let own = value.isFinite ? rounding * abs(value) * 1.01 : 0
    return Approximate(value: value, tolerance: left.tolerance + right.tolerance + own)
  }

  static func * (left: Approximate, factor: Double) -> Approximate {
    let value = left.value * factor
    return Approximate(value: value, tolerance: left.tolerance * abs(factor) + 2 * rounding * abs(value))
  }

  func activated(_ activation: Activation) -> Approximate {
    switch activation {
    case .identity: self
    case .relu: Approximate(value: max(0, value), tolerance: tolerance)
    // The derivative of GELU is below 1.13 everywhere.
    case .gelu:
      Approximate(
        value: Oracle.gelu(value),
        tolerance: 1.13 * tolerance + Approximate.geluError
          + (abs(value) > 12 ? 2 * Approximate.rounding * value : 0))
    }
  }
}

/// Compares values with what they should be, and reports the worst of those that are too far off.
func expect(
  _ values: some Collection<Float>, _ expected: Expected, _ what: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard values.count == expected.values.count else {
    Issue.record(
      "\(what()): \(values.count) values, not \(expected.values.count)", sourceLocation: sourceLocation)
    return
  }
  var worst = (excess: 0.0, message: "")
  for (index, value) in values.enumerated() {
    let (wanted, tolerance) = (expected.values[index], expected.tolerances[index])
    let error = abs(Double(value) - wanted)
    if error <= tolerance || (wanted.isNaN && value.isNaN) || Double(value) == wanted { continue }
    let excess = error.isNaN ? .infinity : error / tolerance
    if excess > worst.excess {
      worst = (
        excess, "\(what()): element \(index) is \(value), not \(wanted); error \(error), allowed \(tolerance)"
      )
    }
  }
  if worst.excess > 0 { Issue.record("\(worst.message)", sourceLocation: sourceLocation) }
}

/// Compares some rows (all dimensions but the innermost, flattened) of a result.
func expect(
  rows: [Int], of result: Tensor, _ expected: Expected, _ what: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let columns = result.shape.innermost
  let (values, isWritten) = result.withUnsafeBuffer { elements in
    (
      rows.flatMap { Array(elements[$0 * columns..<($0 + 1) * columns]) },
      elements.allSatisfy { $0.isFinite }
    )
  }
  expect(values, expected, what(), sourceLocation: sourceLocation)
  #expect(isWritten, "\(what()): an element was never written", sourceLocation: sourceLocation)
}
