import Datasets
import Evaluation
import Imaging
import Testing

@Suite("COCO's scores")
struct COCOEvaluationTests {
  /// One image, objects in a row of boxes.
  private func truth(_ boxes: [BoxXYWH], categories: [Int] = [], crowds: Set<Int> = []) -> COCOInstances {
    let categories = categories.isEmpty ? boxes.map { _ in 1 } : categories
    return COCOInstances(
      pictures: [.init(id: 1, width: 300, height: 300)],
      categories: Set(categories).map { .init(id: $0, name: "c\($0)") },
      instances: boxes.enumerated().map { index, box in
        COCOInstance(
          id: index + 1, image: 1, category: categories[index], box: box, area: box.area,
          isCrowd: crowds.contains(index))
      })
  }

  private func result(_ box: BoxXYWH, _ score: Double, category: Int = 1, image: Int = 1) -> COCOInstance {
    COCOInstance(id: 1, image: image, category: category, box: box, area: box.area, score: score)
  }

  private func scores(
    _ truth: COCOInstances, _ results: [COCOInstance], byCategory: Bool = true
  ) -> [String: Double] {
    let scores = COCOEvaluation(truth: truth, results: results, kind: .boxes, byCategory: byCategory).scores
    return Dictionary(uniqueKeysWithValues: scores.summary.map { ($0.name, $0.value) })
  }

  private let first = BoxXYWH(x: 0, y: 0, width: 50, height: 50)
  private let second = BoxXYWH(x: 100, y: 0, width: 50, height: 50)

  @Test func findingEverythingExactlyIsOne() {
    let found = scores(truth([first, second]), [result(first, 0.9), result(second, 0.8)])
    #expect(found["AP"].map { ($0 - 1).magnitude < 1e-12 } == true)
    #expect(found["AR100"] == 1 && found["AR1"] == 0.5)
    #expect(found["APm"].map { ($0 - 1).magnitude < 1e-12 } == true)
    // There is neither a small nor a large object.
    #expect(found["APs"] == -1 && found["ARl"] == -1)
  }

  @Test func findingNothingIsZeroAndNothingToFindIsNoNumber() {
    #expect(scores(truth([first]), [])["AP"] == 0)
    #expect(scores(truth([]), [])["AP"] == -1)
    #expect(scores(truth([first], crowds: [0]), [result(first, 1)])["AP"] == -1)
  }

  @Test func anObjectIsFoundOnce() {
    // The second result of the same object is wrong; before the other object it costs precision.
    let found = scores(
      truth([first, second]), [result(first, 0.9), result(first, 0.8), result(second, 0.7)])
    // 51 recalls at precision 1, 50 at 2/3.
    #expect(found["AP50"].map { ($0 - (51 + 50 * 2.0 / 3) / 101).magnitude < 1e-12 } == true)
  }

  @Test func resultsInACrowdDoNotCount() {
    let crowd = BoxXYWH(x: 100, y: 100, width: 200, height: 200)
    let inside = BoxXYWH(x: 120, y: 120, width: 20, height: 20)
    let found = scores(
      truth([first, crowd], crowds: [1]), [result(inside, 0.9), result(inside, 0.8), result(first, 0.7)])
    #expect(found["AP"].map { ($0 - 1).magnitude < 1e-12 } == true)
  }

  @Test func ofEqualScoresTheFirstCounts() {
    let off = BoxXYWH(x: 200, y: 200, width: 20, height: 20)
    #expect(scores(truth([first]), [result(first, 0.5), result(off, 0.5)])["AP50"].map { $0 > 0.99 } == true)
    #expect(scores(truth([first]), [result(off, 0.5), result(first, 0.5)])["AP50"].map { $0 < 0.51 } == true)
  }

  @Test func categoriesCountAlikeAndMayBeOne() {
    let truth = truth([first, second], categories: [1, 2])
    let results = [result(first, 0.9, category: 2), result(second, 0.8, category: 2)]
    #expect(scores(truth, results)["AP"].map { ($0 - 0.25).magnitude < 1e-12 } == true)
    #expect(scores(truth, results, byCategory: false)["AP"].map { ($0 - 1).magnitude < 1e-12 } == true)
    let odd = COCOEvaluation(
      truth: truth, results: [result(first, 1, category: 9)], kind: .boxes
    ).scores
    #expect(odd.ignoredResults == 1)
  }

  @Test func aHundredResultsOfAnImageCountAtMost() {
    let off = BoxXYWH(x: 200, y: 200, width: 20, height: 20)
    let many = (0..<100).map { _ in result(off, 0.9) } + [result(first, 0.1)]
    #expect(scores(truth([first]), many)["AR100"] == 0)
    #expect(scores(truth([first]), Array(many.dropFirst()))["AR100"] == 1)
  }

  @Test func theNumberOfThreadsDoesNotMatter() {
    let boxes = (0..<40).map { BoxXYWH(x: Double($0 * 7), y: Double($0 % 5 * 40), width: 30, height: 25) }
    let truth = truth(boxes, categories: boxes.indices.map { $0 % 3 + 1 })
    let results = boxes.indices.map { index in
      var box = boxes[index]
      box.x += Double(index % 11)
      return result(box, Double(index * 37 % 40) / 40, category: index % 3 + 1)
    }
    let one = COCOEvaluation(truth: truth, results: results, kind: .boxes, threads: 1).scores
    #expect(one == COCOEvaluation(truth: truth, results: results, kind: .boxes, threads: 4).scores)
  }
}
