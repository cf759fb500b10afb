/// How large a difference may be.
public enum Limit: Sendable, Equatable {
  /// Every bound that is given holds.
  case bounds(absolute: Double?, relative: Double?)
  /// So many pixels of a mask may differ, or that share of them, whichever is more.
  case pixels(Int, orFraction: Double)

  /// Equality.
  public static let exact = Limit.bounds(absolute: 0, relative: nil)

  /// Whether a difference keeps to the limit; one that is not a number does not.
  public func allows(_ difference: Difference) -> Bool {
    guard !difference.largest.isNaN else { return false }
    switch self {
    case .bounds(let absolute, let relative):
      if let absolute, !(difference.largest <= absolute) { return false }
      if let relative, !(difference.relative ?? 0 <= relative) { return false }
      return true
    case .pixels(let count, let fraction):
      return difference.largest <= Double(count) || (difference.relative ?? .infinity) <= fraction
    }
  }
}
