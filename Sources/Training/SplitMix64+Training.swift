internal import Statistics

extension SplitMix64 {
  /// A stream of its own for a list of numbers: a step, an image, a mask. Nothing else decides what is drawn, so that a training that
  /// is resumed draws what it would have drawn.
  init(seed: UInt64, _ path: Int...) {
    self.init(seed: seed)
    for number in path { self.init(seed: state, stream: UInt64(bitPattern: Int64(number))) }
  }

  /// A number between two.
  mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + unit() * (range.upperBound - range.lowerBound)
  }

  /// A number of the normal distribution with mean 0 and deviation 1, as a sum: within 6, and the same on every machine
  /// because it needs no mathematics library (Irwin and Hall).
  mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += unit() }
    return sum
  }

  /// Elements in random order.
  mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    sample(result.count, &result)
    return result
  }
}
