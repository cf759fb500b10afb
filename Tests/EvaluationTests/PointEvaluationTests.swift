import Datasets
import Files
import Imaging
import SegmentAnything
import Statistics
import TestSupport
import Testing

@testable import Evaluation

@Suite("The measure with points")
struct PointEvaluationTests {
  private static let model = Result { try SAM.embedded() }

  /// Made scenes; one of them cannot be read.
  private struct Scenes: DatasetSource {
    let scenes = SyntheticScenes(count: 4, width: 96, height: 72, seed: 5)
    var bad: Int?
    let name = "scenes"
    var count: Int { scenes.count }

    func sample(at index: Int) throws(DatasetError) -> DatasetSample {
      if index == bad { throw .noSuchSample(name: name, index: index, count: count) }
      return try scenes.sample(at: index)
    }
  }

  private func settings(_ change: (inout PointEvaluation.Settings) -> Void = { _ in })
    -> PointEvaluation.Settings
  {
    var settings = PointEvaluation.Settings()
    settings.masksPerImage = 2
    settings.pointCount = 3
    change(&settings)
    return settings
  }

  @Test func theProcedureIsThePapers() throws {
    let model = try Self.model.get()
    let scene = SyntheticScenes(count: 1, seed: 2).scene(at: 0)
    let embedding = try model.embed(scene.image)
    let truth = BitMask(scene.masks[0])
    let task = try #require(PointEvaluator.Task(truth, in: embedding))
    let result = try PointEvaluator(model, pointCount: 3).result(task)

    // The same, step by step, through the public interface.
    let first = try #require(truth.innermostPoint)
    var points = [PointPrompt(Float(first.x), Float(first.y))]
    var answer = try model.predict([Prompt(points: points)], in: embedding, multimask: true)[0]
    var place = answer.mostConfident
    let ious = answer.bitMasks.map { truth.intersectionOverUnion(with: $0) }
    #expect(result.candidates.map(\.iou) == ious)
    #expect(result.candidates.map(\.predictedIoU) == answer.iouPredictions.map(Double.init))
    #expect(result.points[0] == ious[place] && result.oracle == ious.max())
    for count in 2...3 {
      let click = try #require(SimulatedClick.correcting(answer.bitMasks[place], towards: truth))
      points.append(
        PointPrompt(Float(click.x), Float(click.y), click.isForeground ? .foreground : .background))
      answer = try model.predict(
        [Prompt(points: points, mask: answer.maskPrompt(place))], in: embedding, multimask: false)[0]
      place = 0
      #expect(result.points[count - 1] == truth.intersectionOverUnion(with: answer.bitMasks[0]))
    }
    let box = truth.boundingBox
    let boxed = try model.predict(
      [.box(Float(box.x), Float(box.y), Float(box.x + box.width), Float(box.y + box.height))], in: embedding,
      multimask: false)[0]
    #expect(result.box == truth.intersectionOverUnion(with: boxed.bitMasks[0]))
  }

  @Test func boxesWithPointsAndBoundariesFollowTheSameProcedure() throws {
    let model = try Self.model.get()
    let scene = SyntheticScenes(count: 1, seed: 4).scene(at: 0)
    let embedding = try model.embed(scene.image)
    let truth = BitMask(scene.masks[1])
    let task = try #require(PointEvaluator.Task(truth, in: embedding))
    let result = try PointEvaluator(model, pointCount: 2, boxPointCount: 3, measuresBoundaries: true).result(
      task)
    let plain = try PointEvaluator(model, pointCount: 2).result(task)
    #expect(result.points == plain.points && result.box == plain.box && result.area == truth.area)
    #expect(plain.boxPoints.isEmpty && plain.boundaries.isEmpty && plain.boxBoundary == nil)

    let bounds = truth.boundingBox
    let box = Box(
      Float(bounds.x), Float(bounds.y), Float(bounds.x + bounds.width), Float(bounds.y + bounds.height))
    var points: [PointPrompt] = []
    var answer = try model.predict([Prompt(box: box)], in: embedding, multimask: false)[0]
    #expect(result.boxBoundary == BoundaryIoU(answer.bitMasks[0], truth: truth).value)
    for count in 0..<3 {
      let click = try #require(SimulatedClick.correcting(answer.bitMasks[0], towards: truth))
      points.append(
        PointPrompt(Float(click.x), Float(click.y), click.isForeground ? .foreground : .background))
      answer = try model.predict(
        [Prompt(points: points, box: box, mask: answer.maskPrompt(0))], in: embedding, multimask: false)[0]
      #expect(result.boxPoints[count] == truth.intersectionOverUnion(with: answer.bitMasks[0]))
    }
    let first = try model.predict(
      [.point(Float(task.first.x), Float(task.first.y))], in: embedding, multimask: true)[0]
    #expect(result.boundaries.count == 2)
    #expect(
      result.boundaries[0] == BoundaryIoU(first.bitMasks[first.mostConfident], truth: truth).value)
  }

  @Test func theNumberOfThreadsDoesNotMatter() throws {
    let one = try SAM.embedded(compute: Compute(threads: 1))
    let four = try SAM.embedded(compute: Compute(threads: 4))
    let first = try PointEvaluation(one, settings: settings()).run(Scenes())
    #expect(try PointEvaluation(four, settings: settings()).run(Scenes()) == first)
    #expect(first.count == 4 && first.allSatisfy { $0.masks.count == 2 })
  }

  @Test func whatIsDrawnFollowsFromTheSeed() throws {
    let model = try Self.model.get()
    func run(_ change: (inout PointEvaluation.Settings) -> Void) throws -> [ImagePointResults] {
      try PointEvaluation(model, settings: settings(change)).run(Scenes())
    }
    let some = try run { $0.imageLimit = 2 }
    #expect(some.count == 2)
    #expect(try run { $0.imageLimit = 2 } == some)
    // What is drawn from an image does not depend on which images are drawn.
    let all = try run { _ in }
    #expect(some.allSatisfy { all.contains($0) })
    let random = try run { $0.randomFirstPoint = 3 }
    #expect(random != all)
    #expect(try run { $0.randomFirstPoint = 3 } == random)
    let firsts = random.flatMap { $0.masks.map(\.result.clicks[0]) }
    #expect(firsts != all.flatMap { $0.masks.map(\.result.clicks[0]) })
  }

  @Test func nestedAmbiguityIsMeasuredOnPartsOfWholes() throws {
    let scenes = SyntheticScenes(count: 30, width: 128, height: 128, seed: 1, arrangement: .nested)
    let result = try NestedAmbiguity(Self.model.get(), scenes: scenes, count: 5)
    #expect(result.outcomes.count == 5)
    for outcome in result.outcomes {
      let scene = scenes.scene(at: outcome.scene)
      #expect(scene.wholes[outcome.part] == outcome.whole)
      let share = Double(scene.masks[outcome.part].area) / Double(scene.masks[outcome.whole].area)
      #expect((0.1...0.6).contains(share))
      // The boxes are those of the two masks.
      let embedding = try Self.model.get().embed(scene.image)
      let box = scene.masks[outcome.part].boundingBox
      let answer = try Self.model.get().predict(
        [
          .box(
            Float(box.x), Float(box.y), Float(box.x + box.width), Float(box.y + box.height))
        ], in: embedding, multimask: false)[0]
      let iou = try RunLengthMask(answer.masks[0]).intersectionOverUnion(with: scene.masks[outcome.part])
      #expect(abs(outcome.partBoxIoU - Double(iou)) < 1e-6 && (0...1).contains(outcome.wholeBoxIoU))
    }
    #expect((0...1).contains(result.share()) && result.share(threshold: 0) == 1)
    #expect(try NestedAmbiguity(Self.model.get(), scenes: scenes, count: 0).share().isNaN)
  }

  @Test func aBadSampleIsReportedAndLeftOut() throws {
    let model = try Self.model.get()
    var skipped: [DatasetError] = []
    var progress: [PointEvaluation.Progress] = []
    let results = try PointEvaluation(model, settings: settings()).run(Scenes(bad: 1)) {
      progress.append($0)
    } skipped: {
      skipped.append($0)
    }
    #expect(skipped == [.noSuchSample(name: "scenes", index: 1, count: 4)])
    #expect(results.count == 3)
    #expect(progress.last?.images == 4 && progress.last?.total == 4 && progress.last?.masks == 6)
  }
}

@Suite("Reports of the measure with points")
struct PointReportTests {
  /// One result whose IoUs are all `iou`.
  private func result(_ iou: Double, predicted: Double = 0.5) -> PointResult {
    PointResult(
      points: [Double](repeating: iou, count: 9),
      candidates: [
        .init(predictedIoU: predicted, iou: iou), .init(predictedIoU: predicted / 2, iou: iou / 2),
      ],
      box: iou, clicks: [])
  }

  private func image(_ results: PointResult...) -> ImagePointResults {
    ImagePointResults(name: "", masks: results.map { (0, $0) })
  }

  @Test func meansGoOverMasksThenImagesThenDatasets() {
    // Four masks of one image count as much as one of another.
    let summary = PointSummary([
      image(result(0), result(0), result(0), result(0)), image(result(0.5)), image(),
    ])
    #expect(summary.images == 2 && summary.masks == 5)
    #expect(summary.points(1) == 0.25 && summary.oracle == 0.25 && summary.box == 0.25)
    #expect(summary.points(10) == nil && summary.points(0) == nil)
    let mean = PointSummary(meanOf: [summary, PointSummary([image(result(0.75))]), PointSummary([])])
    #expect(mean.points(9) == 0.5 && mean.masks == 6 && mean.images == 3)
  }

  @Test func correlationsOfSeveralDatasetsAreThoseOfAllMasksTogether() {
    let results = [[(0.9, 0.2), (0.3, 0.25), (0.5, 0.4)], [(0.8, 0.9), (0.85, 0.7)], []].map {
      $0.map { result($0, predicted: $1) }
    }
    let summary = PointSummary(meanOf: results.map { PointSummary($0.map { image($0) }) })
    let all = results.flatMap { $0.flatMap { $0.candidates.map { ($0.predictedIoU, $0.iou) } } }
    #expect(abs(summary.iouCorrelation - pearsonCorrelation(all)) < 1e-12)
    #expect(PointSummary(meanOf: []).iouCorrelation.isNaN)
  }

  @Test func theFileHasTheNumbersOfTheFigures() {
    let report = PointReport([
      PointReport.Dataset("a \"b\"", [image(result(0.5, predicted: 1))]), PointReport.Dataset("none", []),
    ])
    let points = """
      {"1": {"confident": 0.5, "oracle": 0.5}, "2": {"confident": 0.5}, "3": {"confident": 0.5}, \
      "5": {"confident": 0.5}, "9": {"confident": 0.5}}
      """
    let overMasks = (1...9).map { "\"\($0)\": 0.5" }.joined(separator: ", ")
    let more = """
      "over_masks": {\(overMasks), "oracle": 0.5, "box": 0.5}, \
      "clicks": {"85": {"mean": 9, "failures": 1}, "90": {"mean": 9, "failures": 1}, "limit": 9}
      """
    #expect(
      report.json == """
        {
          "datasets": {
            "a \\"b\\"": {"images": 1, "masks": 1, "points": \(points), "box": 0.5, "iou_correlation": 1, \(more)},
            "none": {"images": 0, "masks": 0, "points": {}, "box": null, "iou_correlation": null, \
        "over_masks": {"oracle": null, "box": null}, \
        "clicks": {"85": {"mean": null, "failures": 0}, "90": {"mean": null, "failures": 0}, "limit": 0}}
          },
          "mean": {"images": 1, "masks": 1, "points": \(points), "box": 0.5, "iou_correlation": 1, \(more)}
        }

        """)
  }

  @Test func clicksAreCountedAsRITMDoes() throws {
    var quick = result(0.5)
    quick.points = [0.2, 0.86, 0.4, 0.95, 0.9, 0.9, 0.9, 0.9, 0.9]
    let measures = PointMeasures([image(quick, result(0.5))])
    let means = measures.clicks.map(\.mean)
    #expect(means == [5.5, 6.5])
    #expect(measures.clicks.map(\.failures) == [1, 1])
    #expect(measures.clickLimit == 9)
    // Four masks of one image count four times here.
    let uneven = PointMeasures([image(result(0), result(0), result(0), result(0)), image(result(0.5))])
    #expect(uneven.points[0] == 0.1 && uneven.box == 0.1)
    #expect(uneven.boundaries.isEmpty && uneven.boxBoundary == nil && uneven.boxPoints.isEmpty)
  }

  @Test func whatIsKeptIsTheSameWhenReadBack() throws {
    var full = result(1.0 / 3)
    full.boxPoints = [0.1, 0.7]
    full.boundaries = [0.123_456_789_012_345_67, 1]
    full.boxBoundary = 5e-324
    full.clicks = [
      SimulatedClick(x: 3, y: 4, isForeground: true), SimulatedClick(x: 0, y: 9, isForeground: false),
    ]
    full.area = 77
    for results in [image(full, result(0.1 + 0.2)), image()] {
      let text = results.journal.line
      #expect(ImagePointResults(journal: try JSONValue(parsing: text)) == results)
    }
    #expect(ImagePointResults(journal: .object(["name": .string("a")])) == nil)
  }
}
