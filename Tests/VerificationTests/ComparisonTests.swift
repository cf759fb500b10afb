import Testing

@testable import Verification

@Suite struct ComparisonTests {
  @Test func differencesAreTheLargestAndTheRelativeNorm() {
    let difference = Difference([1, 2, 3], [1, 2.5, 3])
    #expect(difference.largest == 0.5)
    #expect(difference.relative == (0.25 / (1 + 6.25 + 9)).squareRoot())
    #expect(Difference([0], [0]) == .none)
    #expect(Difference([], []) == .none)
    #expect(Difference([1], [0]).relative == .infinity)
  }

  @Test func aValueThatIsNoNumberIsNeverWithinALimit() {
    let limits = [
      Limit.exact, .bounds(absolute: 1, relative: nil), .bounds(absolute: nil, relative: 1),
      .pixels(5, orFraction: 1),
    ]
    for limit in limits {
      #expect(limit.allows(Difference([1], [1])))
      for (own, reference) in [(Double.nan, 1), (1, .nan), (.nan, .nan), (Double.infinity, -Double.infinity)]
      {
        #expect(!limit.allows(Difference([1, own, 1], [1, reference, 1])))
      }
    }
    #expect(!Limit.exact.allows(Difference([.infinity], [1])))
    #expect(Difference([.nan], [1]).joined(.none).largest.isNaN)
    #expect(Difference.none.joined(Difference([.nan], [1])).largest.isNaN)
  }

  @Test func everyBoundOfALimitHolds() {
    let limit = Limit.bounds(absolute: 0.1, relative: 0.01)
    #expect(limit.allows(Difference(largest: 0.1, relative: 0.01)))
    #expect(!limit.allows(Difference(largest: 0.11, relative: 0.01)))
    #expect(!limit.allows(Difference(largest: 0.1, relative: 0.02)))
  }

  @Test func masksMayDifferInAFewPixelsOrASmallShare() {
    let limit = Limit.pixels(2, orFraction: 0.001)
    #expect(limit.allows(Difference(largest: 2, relative: 0.5)))
    #expect(limit.allows(Difference(largest: 100, relative: 0.001)))
    #expect(!limit.allows(Difference(largest: 3, relative: 0.002)))
  }

  @Test(arguments: [
    ("block2", "block10", true), ("block10", "block2", false), ("a", "a1", true),
    ("block1.mlp", "block1.norm1", true),
    ("x", "x", false),
  ])
  func namesAreOrderedByTheirNumbers(_ a: String, _ b: String, _ expected: Bool) {
    #expect(a.isOrderedNaturally(before: b) == expected)
  }

  @Test func reportsAreJSON() throws {
    let difference = Difference(largest: .nan, relative: 0.5)
    let check = Check(
      part: "stages", name: "a \"b\"\n",
      outcome: .compared(difference, .bounds(absolute: 1e-4, relative: nil)),
      note: nil, seconds: 0.5)
    var report = Report()
    report.checks = [
      check, Check(part: "x", name: "y", outcome: .broken("z: missing"), note: "n", seconds: 1),
      Check(
        part: "x", name: "m",
        outcome: .compared(Difference(largest: 3, relative: 1e-5), .pixels(4, orFraction: 0)),
        note: nil, seconds: 0),
    ]
    report.notCovered = ["amg"]
    #expect(
      report.json(folder: "golden") == """
        {
          "folder": "golden",
          "checks": [
            {"part": "stages", "name": "a \\"b\\"\\n", "passed": false, "largest_absolute": null, \
        "relative_l2": 0.5, "limit": {"abs": 0.0001, "rel_l2": null}, "seconds": 0.5},
            {"part": "x", "name": "y", "passed": false, "error": "z: missing", "note": "n", "seconds": 1},
            {"part": "x", "name": "m", "passed": true, "differing_pixels": 3, "fraction": 1e-05, \
        "limit": {"differing_pixels": 4, "or_fraction": 0}, "seconds": 0}
          ],
          "not_covered": ["amg"],
          "checked": 3,
          "failed": 2,
          "not_covered_count": 1
        }
        """)
  }
}
