/// Student's t test of paired samples: whether a's values lie apart from b's.
public struct PairedTest: Sendable, Equatable {
  /// How many pairs.
  public let count: Int
  /// Of a - b.
  public let meanDifference: Double
  /// Of a - b, with n - 1.
  public let standardDeviation: Double
  /// mean(d) / (sd(d) / √n); nil where all differences are equal, and for fewer than two pairs.
  public let t: Double?

  /// Compares a with b, which are as many.
  public init(_ a: [Double], _ b: [Double]) {
    let differences = zip(a, b).map { $0 - $1 }
    count = differences.count
    meanDifference = differences.mean
    let first = differences.first ?? 0
    let isConstant = differences.allSatisfy { $0 == first }
    standardDeviation = isConstant && differences.count > 1 ? 0 : differences.standardDeviation
    t = isConstant ? nil : meanDifference / (standardDeviation / Double(count).squareRoot())
  }

  /// Degrees of freedom of the test.
  public var degreesOfFreedom: Int { count - 1 }

  private var distribution: StudentT { StudentT(degreesOfFreedom: Double(degreesOfFreedom)) }

  /// The probability of a difference as large, either way, where there is none.
  public var twoSided: Double? { t.map(distribution.twoSided) }

  /// The natural logarithm of ``twoSided``.
  public var logTwoSided: Double? { t.map(distribution.logTwoSided) }

  /// The probability of a being as much greater than b where it is not.
  public var greater: Double? { t.map(distribution.above) }
}
