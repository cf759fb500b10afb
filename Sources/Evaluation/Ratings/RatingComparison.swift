public import Statistics

/// What raters made of several models on the same inputs (section 7 and appendix E of the paper).
public struct RatingComparison: Sendable, Equatable {
  /// A model's ratings.
  public struct Model: Sendable, Equatable {
    /// What it is called.
    public let name: String
    /// Mean, and its 95 % interval by the normal and by Student's distribution; nil for a single input.
    public let interval: MeanInterval?
    /// The mean rating.
    public let mean: Double
    /// The 95 % interval of the mean by resampling.
    public let bootstrap: ClosedRange<Double>
    /// How often each rating from 1 to 10 was given; one in between counts with the nearer.
    public let histogram: [Int]
  }

  /// Two models on the same inputs.
  public struct Pair: Sendable, Equatable {
    /// Their places among the models.
    public let first: Int, second: Int
    /// Student's test of the differences.
    public let test: PairedTest
    /// Where the mean difference lies, by resampling inputs.
    public let interval: ClosedRange<Double>
  }

  /// How it is compared.
  public struct Settings: Sendable, Equatable {
    /// How often inputs are resampled.
    public var samples = 10_000
    /// The share of the interval of a mean difference.
    public var level = 0.99
    /// The seed of the first pair's resampling; the next pair has the next.
    public var pairSeed: UInt64 = 2023
    /// The seed of the first model's; the next model has the next.
    public var meanSeed: UInt64 = 200

    /// As in the paper: 10,000 samples, 99 %.
    public init() {}
  }

  /// The models, in order.
  public let models: [Model]
  /// How many inputs.
  public let count: Int
  /// The pairs, in order.
  public let pairs: [Pair]

  /// Compares models.
  ///
  /// - Parameters:
  ///   - ratings: of each model, one for each input; at least one.
  ///   - reference: the model that all others are compared with; nil for all pairs.
  public init(
    models names: [String], ratings: [[Double]], reference: Int? = nil, settings: Settings = Settings()
  ) {
    count = ratings.first?.count ?? 0
    models = zip(names, ratings).enumerated().map { place, model in
      var histogram = [Int](repeating: 0, count: 10)
      for rating in model.1 { histogram[min(10, max(1, Int(rating.rounded()))) - 1] += 1 }
      return Model(
        name: model.0, interval: model.1.count > 1 ? MeanInterval(model.1) : nil, mean: model.1.mean,
        bootstrap: Bootstrap(
          model.1, samples: settings.samples, seed: settings.meanSeed &+ UInt64(place)
        ).interval(level: 0.95), histogram: histogram)
    }
    let places: [(Int, Int)] = names.indices.flatMap { one -> [(Int, Int)] in
      if let reference { return one == reference ? [] : [(reference, one)] }
      return names.indices.filter { $0 > one }.map { (one, $0) }
    }
    pairs = places.enumerated().map { number, place in
      let (a, b) = (ratings[place.0], ratings[place.1])
      let bootstrap = Bootstrap(
        zip(a, b).map { $0 - $1 }, samples: settings.samples, seed: settings.pairSeed &+ UInt64(number))
      return Pair(
        first: place.0, second: place.1, test: PairedTest(a, b),
        interval: bootstrap.interval(level: settings.level))
    }
  }
}
