import Statistics
import Testing

@Suite("Tests and intervals")
struct InferenceTests {
  /// Quantiles of printed tables, and the exact ones of 1 and 2 degrees of freedom.
  @Test(arguments: [
    (1.0, 0.5, 1.0), (2.0, 0.05, 4.302652729911275), (9.0, 0.05, 2.262157162740992),
    (30.0, 0.01, 2.749995653567231), (1e6, 0.05, 1.959966),
  ])
  func quantilesOfStudentsDistribution(freedom: Double, probability: Double, expected: Double) {
    let quantile = StudentT(degreesOfFreedom: freedom).twoSidedQuantile(probability)
    #expect((quantile - expected).magnitude < 2e-6 * expected)
    #expect((StudentT(degreesOfFreedom: freedom).twoSided(quantile) - probability).magnitude < 1e-11)
  }

  @Test func tinyProbabilitiesKeepTheirDigits() {
    // Of two degrees of freedom, P(|T| > t) = 1 - t / √(2 + t²), about 1 / t².
    let distribution = StudentT(degreesOfFreedom: 2)
    #expect((distribution.twoSided(1e6) * 1e12 - 1).magnitude < 1e-11)
    #expect(distribution.above(0) == 0.5)
    #expect((distribution.above(-1) + distribution.above(1) - 1).magnitude < 1e-15)
    #expect(StudentT(degreesOfFreedom: 1000).logTwoSided(1e4).isFinite)
  }

  @Test func equalDifferencesHaveNoTest() {
    let test = PairedTest([3.1, 4.1, 5.1], [3, 4, 5])
    #expect(test.t != nil)  // rounding makes them unequal
    #expect(PairedTest([3, 4, 5], [2, 3, 4]).t == nil)
    #expect(PairedTest([3], [2]).t == nil)
    #expect(PairedTest([], []).count == 0)
  }

  @Test func resampledMeansLieAroundTheMean() {
    var random = SplitMix64(seed: 5)
    let values = (0..<200).map { _ in random.unit() }
    let bootstrap = Bootstrap(values, samples: 2000, seed: 9)
    let interval = bootstrap.interval(level: 0.95)
    let normal = MeanInterval(values)
    #expect(interval.contains(values.mean))
    #expect((interval.upperBound - interval.lowerBound) / (2 * normal.normalHalfWidth) > 0.9)
    #expect((interval.upperBound - interval.lowerBound) / (2 * normal.normalHalfWidth) < 1.1)
    #expect(normal.studentHalfWidth > normal.normalHalfWidth)
    #expect(Bootstrap([2], samples: 10, seed: 1).interval() == 2...2)
  }

  @Test func correlationOfPairs() {
    #expect((pearsonCorrelation([(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)]) - 1).magnitude < 1e-15)
    #expect((pearsonCorrelation([(1.0, 6.0), (2.0, 4.0), (3.0, 2.0)]) + 1).magnitude < 1e-15)
    #expect(pearsonCorrelation([(1.0, 1.0), (1.0, 2.0)]).isNaN)
    #expect(pearsonCorrelation([(Double, Double)]()).isNaN)
  }

  @Test func binsHoldTheirLowerEdgeAndTheLastItsUpperOne() {
    let edges = [0, 0.1, 0.2, 1]
    #expect([0, 0.1, 0.15, 0.2, 1].map { Stratification.bin(of: $0, edges: edges) } == [0, 1, 1, 2, 2])
    #expect([-0.1, 1.1, .nan].map { Stratification.bin(of: $0, edges: edges) } == [nil, nil, nil])
    let sample = Stratification.sample([0.05, 0.06, 0.15, 0.5, 0.6], edges: edges, seed: 1)
    #expect(sample.map(\.count) == [1, 1, 1])
  }
}
