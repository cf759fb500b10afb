#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Student's t distribution.
public struct StudentT: Sendable, Equatable {
  /// How many degrees of freedom; above 0.
  public let degreesOfFreedom: Double

  /// The distribution of so many degrees of freedom.
  public init(degreesOfFreedom: Double) {
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// The natural logarithm of the probability of a value as far from 0 as `t`, on either side.
  ///
  /// Computed as a logarithm throughout: probabilities far below 10⁻¹⁶ keep their digits.
  public func logTwoSided(_ t: Double) -> Double {
    let square = t * t
    let total = degreesOfFreedom + square
    return logIncompleteBeta(
      a: degreesOfFreedom / 2, b: 0.5, x: degreesOfFreedom / total, complement: square / total)
  }

  /// The probability of a value as far from 0 as `t`, on either side.
  public func twoSided(_ t: Double) -> Double { exp(logTwoSided(t)) }

  /// The probability of a value above `t`.
  public func above(_ t: Double) -> Double {
    let half = twoSided(t) / 2
    return t > 0 ? half : 1 - half
  }

  /// The value that is exceeded on either side with a probability of `probability`: for .05, the half width of a
  /// 95 % interval in standard errors.
  public func twoSidedQuantile(_ probability: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while twoSided(high) > probability, high < 1e300 { (low, high) = (high, high * 2) }
    // Halved until no number lies between.
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { return middle }
      if twoSided(middle) > probability { low = middle } else { high = middle }
    }
  }
}

/// exp(`logarithm`) as a number from 1 to below 10 and a power of ten: for probabilities that are too small for a `Double`.
public func decimalParts(ofExponential logarithm: Double) -> (mantissa: Double, exponent: Int) {
  let decimal = logarithm / log(10)
  let exponent = decimal.rounded(.down)
  return (pow(10, decimal - exponent), Int(exponent))
}

/// The logarithm of the regularised incomplete beta function I_x(a, b).
///
/// - Parameter complement: 1 - x, which the caller may know more exactly than the difference.
private func logIncompleteBeta(a: Double, b: Double, x: Double, complement: Double) -> Double {
  guard x > 0 else { return -.infinity }
  guard complement > 0 else { return 0 }
  // The continued fraction converges quickly on this side of the mean only.
  if x > (a + 1) / (a + b + 2) {
    return log1p(-exp(logIncompleteBeta(a: b, b: a, x: complement, complement: x)))
  }
  let front = a * log(x) + b * log(complement) - (logGamma(a) + logGamma(b) - logGamma(a + b))
  return front - log(a) + log(betaFraction(a: a, b: b, x: x))
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated from the front (Lentz).
private func betaFraction(a: Double, b: Double, x: Double) -> Double {
  func nonzero(_ value: Double) -> Double { value.magnitude < 1e-300 ? 1e-300 : value }
  var c = 1.0
  var d = 1 / nonzero(1 - (a + b) * x / (a + 1))
  var result = d
  for step in 1...10_000 {
    let m = Double(step)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    for term in [even, odd] {
      d = 1 / nonzero(1 + term * d)
      c = nonzero(1 + term / c)
      result *= c * d
    }
    if (c * d - 1).magnitude < 1e-16 { break }
  }
  return result
}

/// The logarithm of the gamma function of a positive number, by Stirling's series (DLMF 5.11.1) where it is exact.
private func logGamma(_ x: Double) -> Double {
  var (x, shift) = (x, 0.0)
  while x < 12 {
    shift += log(x)
    x += 1
  }
  let inverse = 1 / x
  let square = inverse * inverse
  let coefficients = [1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156]
  let series = coefficients.reversed().reduce(0) { $0 * square + $1 } * inverse
  return (x - 0.5) * log(x) - x + 0.5 * log(2 * Double.pi) + series - shift
}
