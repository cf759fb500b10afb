import Datasets
import Imaging
import Testing

@testable import Evaluation

/// LVIS's rules and recall of proposals on small cases; `sam verify` compares with the packages' numbers.
@Suite("LVIS and proposals")
struct LVISTests {
  private let box = BoxXYWH(x: 10, y: 10, width: 40, height: 40)
  private let other = BoxXYWH(x: 100, y: 100, width: 40, height: 40)

  private func truth(
    _ objects: [(box: BoxXYWH, category: Int)], absent: [Int] = [], partial: [Int] = []
  ) -> COCOInstances {
    var picture = COCOInstances.Picture(id: 1, width: 300, height: 300)
    picture.absentCategories = absent
    picture.partialCategories = partial
    return COCOInstances(
      pictures: [picture],
      categories: [
        .init(id: 1, name: "a", frequency: .frequent), .init(id: 2, name: "b", frequency: .rare),
        .init(id: 3, name: "c", frequency: .common),
      ],
      instances: objects.enumerated().map {
        COCOInstance(
          id: $0 + 1, image: 1, category: $1.category, box: $1.box, area: $1.box.area)
      })
  }

  private func result(_ box: BoxXYWH, _ category: Int, _ score: Double) -> COCOInstance {
    COCOInstance(id: 1, image: 1, category: category, box: box, area: box.area, score: score)
  }

  private func scores(
    _ truth: COCOInstances, _ results: [COCOInstance], limit: LVISEvaluation.Limit = .standard
  ) -> LVISScores {
    LVISEvaluation(truth: truth, results: results, kind: .boxes, limit: limit).scores
  }

  private func value(_ scores: LVISScores, _ name: String) -> Double? {
    scores.summary.first { $0.name == name }?.value
  }

  @Test func resultsOfUnsearchedCategoriesAreNoErrors() {
    let found = [result(other, 2, 0.9), result(box, 1, 0.5)]
    let scored = scores(truth([(box, 1)]), found)
    #expect(value(scored, "AP").map { ($0 - 1).magnitude < 1e-12 } == true)
    #expect(scored.unjudged == 1)
    #expect(value(scored, "APr") == nil, "nothing rare was to be found")
  }

  @Test func aResultOfAnAbsentCategoryIsWrongWhereThatCategoryIsElsewhere() {
    var first = COCOInstances.Picture(id: 1, width: 300, height: 300)
    first.absentCategories = [1]
    let second = COCOInstances.Picture(id: 2, width: 300, height: 300)
    let truth = COCOInstances(
      pictures: [first, second], categories: [.init(id: 1, name: "a")],
      instances: [COCOInstance(id: 1, image: 2, category: 1, box: box, area: box.area)])
    var right = result(box, 1, 0.5)
    right.image = 2
    let scored = scores(truth, [result(box, 1, 0.9), right])
    #expect(value(scored, "AP50").map { ($0 - 0.5).magnitude < 1e-12 } == true)
  }

  @Test func whereNotAllIsMarkedAnExtraResultIsNoError() {
    let found = [result(other, 1, 0.9), result(box, 1, 0.5)]
    #expect(value(scores(truth([(box, 1)]), found), "AP50").map { ($0 - 0.5).magnitude < 1e-12 } == true)
    let partial = scores(truth([(box, 1)], partial: [1]), found)
    #expect(value(partial, "AP50").map { ($0 - 1).magnitude < 1e-12 } == true)
  }

  @Test func limitsAreOfImagesOrOfCategories() {
    let objects = truth([(box, 1), (other, 2)])
    let found = [result(box, 1, 0.9), result(box, 1, 0.8), result(other, 2, 0.7)]
    let byImage = scores(objects, found, limit: .perImage(2))
    #expect(byImage.overLimit == 1 && value(byImage, "APr") == 0)
    let byCategory = scores(objects, found, limit: .perCategory(1))
    #expect(byCategory.overLimit == 1)
    #expect(value(byCategory, "AP").map { ($0 - 1).magnitude < 1e-12 } == true)
  }

  @Test func nothingFoundIsZeroAndNothingToFindIsNoNumber() {
    #expect(value(scores(truth([(box, 1)]), []), "AP") == 0)
    #expect(value(scores(truth([]), [result(box, 1, 1)]), "AP") == nil)
    let unlisted = scores(truth([(box, 1)]), [result(box, 9, 1)])
    #expect(unlisted.ignoredResults == 1 && unlisted.unjudged == 0)
  }

  // MARK: - Proposals

  @Test func oneProposalForTwoObjectsTellsTheMatchingsApart() {
    // The best proposal fits both objects; taken by the wrong one first, the other finds nothing.
    let near = BoxXYWH(x: 16, y: 10, width: 40, height: 40)
    let between = BoxXYWH(x: 12, y: 10, width: 40, height: 40)
    let objects = truth([(near, 1), (box, 1)])
    let found = [result(between, 1, 0.9), result(box, 1, 0.8)]
    func recall(_ matching: ProposalRecall.Matching, _ limit: Int) -> ProposalRecall {
      ProposalRecall(truth: objects, proposals: found, kind: .boxes, limit: limit, matching: matching)
    }
    #expect(recall(.scoreOrder, 1).bySize[0].recalls?[0] == 0.5)
    #expect(recall(.bestIoU, 2).bySize[0].recalls?[0] == 1)
    #expect((recall(.bestIoU, 2).bySize[0].average ?? 0) > (recall(.scoreOrder, 2).bySize[0].average ?? 1))
  }

  @Test func recallOfNothingIsNoNumber() {
    let none = ProposalRecall(truth: truth([]), proposals: [result(box, 1, 1)], kind: .boxes, limit: 10)
    #expect(none.bySize.allSatisfy { $0.recalls == nil && $0.objects == 0 })
    let rare = ProposalRecall(
      truth: truth([(box, 1)]), proposals: [], kind: .boxes, limit: 10, frequency: .rare)
    #expect(rare.bySize[0].average == nil)
    let missed = ProposalRecall(truth: truth([(box, 1)]), proposals: [], kind: .boxes, limit: 10)
    #expect(missed.bySize[0].average == 0 && missed.bySize[1].average == nil)
  }

  @Test func theTableHasFrequenciesWhereTheTruthHas() {
    let table = ProposalRecall.table(
      truth: truth([(box, 1)]), proposals: [result(box, 1, 1)], kind: .boxes, limits: [1, 10])
    #expect(table.count == 2 * 4 * 2)
    #expect(table.allSatisfy { $0.frequency != .frequent || $0.recall.bySize[0].average == 1 })
  }
}
