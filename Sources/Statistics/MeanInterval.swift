/// A mean and its 95 % interval, in the three usual ways.
public struct MeanInterval: Sendable, Equatable {
  /// How many values.
  public let count: Int
  /// Their mean.
  public let mean: Double
  /// Their standard deviation, with n - 1.
  public let standardDeviation: Double

  /// Of at least two values.
  public init(_ values: [Double]) {
    count = values.count
    mean = values.mean
    standardDeviation = values.standardDeviation
  }

  private var standardError: Double { standardDeviation / Double(count).squareRoot() }

  /// Half the width by the normal distribution, which the paper's tables print.
  public var normalHalfWidth: Double { 1.959963984540054 * standardDeviation / Double(count).squareRoot() }

  /// How many standard errors half the width is by Student's distribution.
  public var studentQuantile: Double { StudentT(degreesOfFreedom: Double(count - 1)).twoSidedQuantile(0.05) }

  /// Half the width by Student's distribution, which is wider for few values.
  public var studentHalfWidth: Double { studentQuantile * standardError }
}
