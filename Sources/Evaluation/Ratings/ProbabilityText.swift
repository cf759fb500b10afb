internal import Files
internal import Statistics

/// A probability as people write it, also where it is too small for a number.
public enum ProbabilityText {
  /// Three digits: `0.0146`, `2.48e-138`; a dash for none.
  ///
  /// - Parameter logarithm: the natural logarithm of the probability.
  public static func text(logarithm: Double?) -> String {
    guard let logarithm, !logarithm.isNaN else { return "-" }
    guard logarithm > -.infinity else { return "0" }
    var (mantissa, exponent) = decimalParts(ofExponential: logarithm)
    if exponent >= -3 {
      for _ in 0..<(-min(0, exponent)) { mantissa /= 10 }
      return Decimal.shortest(mantissa, decimals: min(6, 2 - min(0, exponent)))
    }
    // Rounding may carry: 9.996 is 10.00.
    if mantissa >= 9.995 { (mantissa, exponent) = (1, exponent + 1) }
    return Decimal.fixed(mantissa, decimals: 2) + "e\(exponent)"
  }
}
