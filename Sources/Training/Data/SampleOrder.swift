internal import Statistics

/// In which order samples are drawn from several datasets: by weights, and each dataset in a new random order every time it has been gone
/// through. The n-th draw depends on the seed and n only.
public struct SampleOrder: Sendable {
  private let seed: UInt64
  private let counts: [Int]
  /// Sums of the weights up to and with each dataset.
  private let sums: [Double]
  private var orders: [[Int32]]
  /// How many have been drawn from each dataset.
  private var drawn: [Int]
  /// How many have been drawn altogether.
  public private(set) var position = 0

  /// An order over datasets.
  ///
  /// - Parameters:
  ///   - counts: samples of each dataset.
  ///   - weights: how often each is drawn from, in proportion; as many.
  ///   - seed: decides.
  public init(counts: [Int], weights: [Double], seed: UInt64) {
    self.seed = seed
    self.counts = counts
    var sum = 0.0
    sums = zip(counts, weights).map { count, weight in
      sum += count > 0 ? max(0, weight) : 0
      return sum
    }
    orders = counts.map { _ in [] }
    drawn = counts.map { _ in 0 }
  }

  /// The next dataset and its sample; nil where there is nothing to draw from.
  public mutating func next() -> (dataset: Int, sample: Int)? {
    guard let total = sums.last, total > 0 else { return nil }
    var random = SplitMix64(seed: seed, 1, position)
    position += 1
    let target = random.unit() * total
    let dataset = sums.firstIndex { $0 > target } ?? sums.count - 1
    let (round, place) = drawn[dataset].quotientAndRemainder(dividingBy: counts[dataset])
    if place == 0 {
      var shuffle = SplitMix64(seed: seed, 2, dataset, round)
      orders[dataset] = shuffle.shuffled((0..<counts[dataset]).map(Int32.init))
    }
    drawn[dataset] += 1
    return (dataset, Int(orders[dataset][place]))
  }

  /// Passes by draws, to go on where another run stopped.
  public mutating func skip(to position: Int) {
    while self.position < position, next() != nil {}
  }
}
