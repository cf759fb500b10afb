import Files
import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite("Comparisons of groups, ratings and masks")
struct ComparisonTests {
  @Test(arguments: [
    (0.0, "1"), (-0.5, "0.607"), (-4.22, "0.0147"), (-7, "9.12e-4"), (-23.025850929940457, "1.00e-10"),
    (-316.847, "2.48e-138"), (-2302.5850929940457, "1.00e-1000"), (-1e9, "6.81e-434294482"),
  ])
  func probabilitiesAreWrittenHoweverSmall(logarithm: Double, text: String) {
    // The last digits of so large a logarithm are beyond a Double.
    if logarithm == -1e9 {
      #expect(ProbabilityText.text(logarithm: logarithm).hasSuffix("e-434294482"))
    } else {
      #expect(ProbabilityText.text(logarithm: logarithm) == text)
    }
  }

  @Test func noProbabilityIsADash() {
    #expect(ProbabilityText.text(logarithm: nil) == "-")
    #expect(ProbabilityText.text(logarithm: .nan) == "-")
    #expect(ProbabilityText.text(logarithm: -.infinity) == "0")
  }

  @Test func publishedGroupsStandBesideTheirNames() throws {
    func perMille(_ values: [Double]?) -> [Int]? {
      values?.map { $0.isFinite ? Int(($0 * 1000).rounded()) : -1 }
    }
    let ages = try #require(PublishedGroups.people("Age group", groups: ["young", "child", "Older"]))
    #expect(perMille(ages.one) == [542, -1, 629] && perMille(ages.three) == [912, -1, 926])
    // What divides by gender is often called otherwise, and is known by its groups.
    let genders = PublishedGroups.people("presentation", groups: ["masculine", "feminine"])
    #expect(perMille(genders?.one) == [557, 544])
    // Numbers are skin tones only where the table says so.
    #expect(perMille(PublishedGroups.people("skin tone", groups: ["1", "6"])?.three) == [910, 912])
    #expect(PublishedGroups.people("stars", groups: ["1", "6"]) == nil)
    #expect(PublishedGroups.people("age", groups: ["a", "b"]) == nil)
  }

  @Test func publishedRatingsStandBesideTheirModels() throws {
    let means = try #require(
      PublishedRatings.means(dataset: "lvis", models: ["RITM", "SAM, single output", "ours", "ground_truth"]))
    #expect(means[0] == 6.5 && means[1] == 7.7 && means[2].isNaN && means[3] == 8.5)
    #expect(PublishedRatings.means(dataset: "", models: ["sam"]) == nil)
    #expect(PublishedRatings.means(dataset: "mine", models: ["sam"]) == nil)
    #expect(PublishedRatings.means(dataset: "DRAM", models: ["a", "b"]) == nil)
  }

  @Test func disjointIntervalsAreFoundInBothWays() {
    let low = (0..<40).map { 0.2 + 0.001 * Double($0 % 5) }, high = low.map { $0 + 0.5 }
    let comparison = GroupComparison(
      "age", [("old", high), ("young", low), ("one", [0.3]), ("none", [])], seed: 100)
    #expect(comparison.disjoint.map(\.lower) == ["young"] && comparison.disjoint.map(\.higher) == ["old"])
    #expect(comparison.disjointByBootstrap.map(\.lower) == ["young"])
    #expect(comparison.groups[2].interval == nil && comparison.groups[2].mean == 0.3)
    #expect(comparison.groups[3].count == 0 && comparison.groups[3].mean.isNaN)
  }

  @Test func countriesAreAsManyAsThePapers() {
    #expect(Country.count { $0.region == .africa } == 54)
    #expect(Country.count { $0.region == .asiaAndOceania } == 70)
    // The paper's 47 and Kosovo.
    #expect(Country.count { $0.region == .europe } == 48)
    #expect(Country.count { $0.region == .latinAmerica } == 42)
    #expect(Country.count { $0.region == .northAmerica } == 4)
    #expect(Country.count { $0.income == .high } == 81 && Country.count { $0.income == .low } == 28)
    #expect(Country("deu")?.region == .europe && Country("Germany") == nil)
  }

  @Test func aRatingHistogramHasEveryRating() throws {
    let table = try CSVTable(parsing: Array("input,a,b\n1,1,10\n2,5.5,10\n3,5,9.4\n".utf8), path: "t")
    let ratings = try RatingTable(table)
    let comparison = RatingComparison(models: ratings.models, ratings: ratings.parts[0].ratings)
    #expect(comparison.models[0].histogram == [1, 0, 0, 0, 1, 1, 0, 0, 0, 0])
    #expect(comparison.models[1].histogram == [0, 0, 0, 0, 0, 0, 0, 0, 1, 2])
    #expect(comparison.pairs.count == 1 && comparison.count == 3)
  }

  @Test func cardsAreMarkdownWhateverIsInThem() {
    let card = Card(
      "A *b* <c>",
      [Card.Section("S", [Card.Entry("Q?", "a\n# b"), Card.Entry("R?")], table: [["x|y"], ["1"]])])
    #expect(card.openCount == 1)
    #expect(card.markdown.hasPrefix("# A \\*b\\* \\<c>\n\n1 question is marked **OPEN**"))
    #expect(card.markdown.contains("**Q?** a # b\n") && card.markdown.contains("| x\\|y |\n|---|\n| 1 |\n"))
  }
}
