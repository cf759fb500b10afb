import ArgumentParser
import Datasets
import Evaluation
import Files

/// `sam eval instances`: COCO's average precision.
struct EvalInstancesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instances",
    abstract: "COCO's average precision and recall of a file of results.",
    discussion: """
      Both files are in COCO's form: annotations, and a list of results with image_id, category_id, score and \
      segmentation or bbox. The twelve numbers are pycocotools', and so are the rules: ten IoU thresholds from .5 to \
      .95, 101 recalls, at most 100 results of an image and category, small up to 32x32 pixels and large from 96x96.

      Examples:
        sam eval instances instances_val2017.json results.json --score-only masks
        sam eval instances gt.json results.json --score-only boxes --by-category
        sam eval instances gt.json results.json --score-only masks --class-agnostic --json scores.json
      """)

  @Argument(help: "The truth: annotations in COCO's form.", completion: .file(extensions: ["json"]))
  var truth: String

  @Argument(help: "What was found: results in COCO's form.", completion: .file(extensions: ["json"]))
  var results: String

  @Option(
    help: ArgumentHelp("Score the results as they are, by masks or by boxes.", valueName: "masks|boxes"))
  var scoreOnly: COCOEvaluation.Kind

  @Flag(help: "Take all categories as one.")
  var classAgnostic = false

  @Flag(help: "Show AP, AP50 and AR100 of each category, too.")
  var byCategory = false

  @Option(help: ArgumentHelp("Write the numbers to this file.", valueName: "file"), completion: .file())
  var json: String?

  @Option(help: ArgumentHelp("Threads to use at most (default: all processors).", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected 1 to 1024")
    }
    if json == "-" { throw ValidationError("--json -: expected a file") }
    if classAgnostic, byCategory {
      throw ValidationError("--by-category cannot be combined with --class-agnostic")
    }
  }

  func run() throws {
    let masks = scoreOnly == .masks
    let truth = try COCOInstances(annotations: truth, masks: masks)
    let results = try truth.results(contentsOfFile: results, masks: masks)
    let scores = COCOEvaluation(
      truth: truth, results: results, kind: scoreOnly, byCategory: !classAgnostic, threads: threads
    ).scores
    for (count, what) in [(scores.ignoredTruth, "annotations"), (scores.ignoredResults, "results")]
    where count > 0 {
      Console.note("\(count) \(what) of categories that \(self.truth) does not list do not count")
    }
    try Console.print(table(scores))
    if byCategory { try Console.print("\n" + categoryTable(scores)) }
    if let json { try AtomicFile.write(Array((document(scores).line + "\n").utf8), to: json) }
  }

  private func number(_ value: Double) -> String { value < 0 ? "-" : Decimal.fixed(value, decimals: 3) }

  private func table(_ scores: COCOScores) -> String {
    var table = Table([
      "": .left, "AP": .right, "AP50": .right, "AP75": .right, "APs": .right, "APm": .right, "APl": .right,
      "AR1": .right, "AR10": .right, "AR100": .right, "ARs": .right, "ARm": .right, "ARl": .right,
    ])
    table.add([scoreOnly.rawValue] + scores.summary.map { number($0.value) })
    return table.text
  }

  private func categoryTable(_ scores: COCOScores) -> String {
    var table = Table(["category": .left, "AP": .right, "AP50": .right, "AR100": .right])
    for (place, category) in scores.categories.enumerated() {
      let own = scores.summary(ofCategory: place)
      table.add(
        category.name.isEmpty ? String(category.id) : category.name, number(own.ap), number(own.ap50),
        number(own.ar100))
    }
    return table.text
  }

  /// -1, for what there was nothing of, is null.
  private func document(_ scores: COCOScores) -> JSONText {
    func value(_ value: Double) -> JSONText { value < 0 ? .null : .real(value) }
    let categories = scores.categories.enumerated().map { place, category -> JSONText in
      let own = scores.summary(ofCategory: place)
      return .object([
        ("id", .integer(category.id)), ("name", .string(category.name)), ("AP", value(own.ap)),
        ("AP50", value(own.ap50)), ("AR100", value(own.ar100)),
      ])
    }
    return .object([
      ("kind", .string(scoreOnly.rawValue)), ("class_agnostic", .bool(classAgnostic)),
      ("stats", .object(scores.summary.map { ($0.name, value($0.value)) })),
      ("categories", .array(categories)),
      ("ignored_annotations", .integer(scores.ignoredTruth)),
      ("ignored_results", .integer(scores.ignoredResults)),
    ])
  }
}
