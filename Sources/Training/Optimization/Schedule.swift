/// How the learning rate goes through a stage.
public enum Schedule: Sendable, Equatable {
  /// The same throughout.
  case constant
  /// Half a cosine down to nothing.
  case cosine
  /// Multiplied by a factor after each of some shares of the stage's steps (the paper: after 2/3 and 26/27).
  case steps(after: [Double], factor: Double)

  /// The rate's factor for a step, from 0, of a stage.
  public func factor(step: Int, of count: Int, warmup: Int) -> Double {
    let progress = count > 0 ? Double(step) / Double(count) : 0
    let rise = step < warmup ? Double(step + 1) / Double(warmup + 1) : 1
    switch self {
    case .constant: return rise
    case .cosine: return rise * (0.5 + 0.5 * Schedule.cosine(min(1, progress)))
    case .steps(let places, let factor):
      return rise * places.reduce(1) { progress >= $1 ? $0 * factor : $0 }
    }
  }

  /// cos(πx) for x in 0...1, as a series: the same on every machine.
  private static func cosine(_ x: Double) -> Double {
    guard x <= 0.5 else { return -cosine(1 - x) }
    let angle = x * 3.14159265358979323846
    var (term, sum) = (1.0, 1.0)
    for n in 1...12 {
      term *= -angle * angle / Double((2 * n - 1) * (2 * n))
      sum += term
    }
    return sum
  }
}
