import ArgumentParser
import Datasets
import Evaluation
import Files
import Imaging
import SegmentAnything

/// `sam eval instances`: average precision of masks from a detector's boxes, or of any file of results.
struct EvalInstancesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instances",
    abstract: "Average precision of masks from a detector's boxes, or of a file of results.",
    discussion: """
      Both files are in COCO's form: annotations, and a list of results with image_id, category_id, score and \
      segmentation or bbox. With --images, each result's box becomes a mask by the paper's procedure: three masks of \
      the box, then one more of the most confident one's logits and the same box; category and score stay the \
      detector's. With --score-only, results are scored as they are, in place of pycocotools and lvis.

      COCO's twelve numbers follow pycocotools: ten IoU thresholds from .5 to .95, 101 recalls, at most 100 results of \
      an image and category, small up to 32x32 pixels and large from 96x96. Where the truth's categories have \
      frequencies, or with --rules lvis, LVIS's rules hold: 300 results of an image, and only categories count that an \
      image has been searched for.

      Examples:
        sam eval instances instances_val2017.json results.json --score-only masks
        sam eval instances gt.json results.json --score-only boxes --by-category
        sam eval instances gt.json results.json --score-only masks --class-agnostic --json scores.json
        sam eval instances lvis_v1_val.json results.json --score-only masks --fixed-ap
        sam eval instances instances_val2017.json boxes.json --images val2017 --checkpoint vit_h -o runs/coco --results masks.json
      """)

  @Argument(help: "The truth: annotations in COCO's or LVIS's form.", completion: .file(extensions: ["json"]))
  var truth: String

  @Argument(help: "What was found: results in COCO's form.", completion: .file(extensions: ["json"]))
  var results: String

  @Option(
    help: ArgumentHelp("Score the results as they are, by masks or by boxes.", valueName: "masks|boxes"))
  var scoreOnly: COCOEvaluation.Kind?

  @Option(
    help: ArgumentHelp(
      "Make masks of the results' boxes; the pictures are in this folder. With --score-only masks, pictures for the report.",
      valueName: "folder"),
    completion: .directory)
  var images: String?

  @Option(
    help: ArgumentHelp(
      "Whose rules hold (default: LVIS's where categories have frequencies).", valueName: "coco|lvis"))
  var rules: DetectionRules?

  @Flag(help: "LVIS's fixed AP: 10,000 results of each category instead of 300 of each image.")
  var fixedAp = false

  @Flag(help: "Take all categories as one.")
  var classAgnostic = false

  @Flag(help: "Show AP, AP50 and AR100 of each category, too.")
  var byCategory = false

  @Flag(
    help:
      "Count results as small or large by their masks, not by the boxes they carry as pycocotools and lvis do."
  )
  var areaOfMasks = false

  @Option(
    help: ArgumentHelp(
      "Make masks of so many boxes of an image at most, the best (default: 100, by LVIS's rules 300).",
      valueName: "n"))
  var boxesPerImage: Int?

  @Option(
    help: ArgumentHelp("How often a mask is given back with its box.", valueName: "n"))
  var refinements = 1

  @Option(
    name: .customLong("results"),
    help: ArgumentHelp("Write the masks that were made to this file, in COCO's form.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var runOptions: EvaluationOptions
  @OptionGroup var resultOptions: ResultOptions

  func validate() throws {
    if classAgnostic, byCategory {
      throw ValidationError("--by-category cannot be combined with --class-agnostic")
    }
    if rules == .lvis, classAgnostic {
      throw ValidationError("--class-agnostic: LVIS's rules need categories; see eval proposals")
    }
    if rules == .coco, fixedAp { throw ValidationError("--fixed-ap: is of LVIS's rules") }
    if let boxesPerImage, boxesPerImage < 1 {
      throw ValidationError("--boxes-per-image \(boxesPerImage): expected 1 or more")
    }
    guard (0...10).contains(refinements) else {
      throw ValidationError("--refinements \(refinements): expected 0 to 10")
    }
    try ResultOptions.requireWritable(output, "--results")
    guard scoreOnly != nil || images != nil else {
      throw ValidationError("expected --images, to make masks of the boxes, or --score-only masks|boxes")
    }
    guard scoreOnly != nil else { return }
    if scoreOnly == .boxes, images != nil {
      throw ValidationError("--images cannot be combined with --score-only boxes: reports show masks")
    }
    for (name, isGiven) in [
      ("--out", runOptions.out != nil), ("--embeddings", runOptions.embeddings != nil),
      ("--checkpoint", modelOptions.checkpoint != nil), ("--results", output != nil),
    ] where isGiven {
      throw ValidationError("\(name) cannot be combined with --score-only")
    }
  }

  func run() throws {
    guard scoreOnly == nil, let images else { return try scoreResults() }
    let truth = try COCOInstances(annotations: truth, masks: true)
    let boxes = try truth.results(contentsOfFile: results, masks: false)
    let rules = rules(for: truth)
    let model = try modelOptions.load()
    let making = try InstanceMasks(
      command: self, images: images, boxes: boxes, limit: boxesPerImage ?? (rules == .lvis ? 300 : 100))
    let run = try ImageRun(
      "instances", runOptions, model: model, settings: making.journalSettings, total: making.chosen.count)
    let found = try making.run(run, model: model)
    run.clear()
    if let output { try COCOResultsWriter.write(found, to: output) }
    try tell(
      scores(making.measured(of: truth), found, .masks, rules), model: model, left: making.left,
      pictures: resultOptions.report == nil ? [] : making.pictures(truth, found))
    try run.finish()
  }

  private func scoreResults() throws {
    let kind = scoreOnly ?? .masks
    var scored = try ScoredResults(
      truth: truth, results: results, masks: kind == .masks, runOptions.drawing)
    if kind == .masks {
      let found = scored.results
      let differing = found.indices.filter { found[$0].mask.map { Double($0.area) } != found[$0].area }
      if areaOfMasks {
        for index in differing { scored.results[index].area = found[index].mask.map { Double($0.area) } ?? 0 }
      } else if !differing.isEmpty {
        Console.note(
          "\(self.results): carries boxes, by whose areas pycocotools and lvis count results as small or large; "
            + "--area-of-masks counts masks")
      }
    }
    let shown = resultOptions.report == nil ? [] : images.map { scored.pictures(in: $0) } ?? []
    try tell(
      scores(scored.truth, scored.results, kind, rules(for: scored.truth)), model: nil, left: scored.left,
      pictures: shown.map { .init(name: $0.name, image: $0.image, found: $0.found, truth: $0.truth) })
  }

  private func rules(for truth: COCOInstances) -> DetectionRules {
    if let rules { return rules }
    let isLVIS = truth.categories.contains { $0.frequency != nil }
    return isLVIS && !classAgnostic ? .lvis : .coco
  }

  private func scores(
    _ truth: COCOInstances, _ results: [COCOInstance], _ kind: COCOEvaluation.Kind, _ rules: DetectionRules
  ) -> InstanceScores {
    switch rules {
    case .coco:
      .coco(
        COCOEvaluation(
          truth: truth, results: results, kind: kind, byCategory: !classAgnostic,
          threads: modelOptions.threads
        ).scores)
    case .lvis:
      .lvis(
        LVISEvaluation(
          truth: truth, results: results, kind: kind, limit: fixedAp ? .fixed : .standard,
          threads: modelOptions.threads
        ).scores)
    }
  }

  private func tell(
    _ scores: InstanceScores, model: SAM?, left: Int, pictures: [InstancesPage.Picture]
  ) throws {
    let name = truth
    for note in scores.notes(truth: name) { Console.note(note) }
    try Console.print(scores.table(named: (scoreOnly ?? .masks).rawValue))
    if byCategory { try Console.print("\n" + scores.categoryTable) }
    try resultOptions.write {
      scores.document(kind: scoreOnly ?? .masks, isClassAgnostic: classAgnostic).line + "\n"
    } report: {
      try InstancesPage(command: self, model: model, scores: scores, left: left, pictures: pictures).page
    }
  }
}

/// Whose rules decide which results count.
enum DetectionRules: String, CaseIterable, ExpressibleByArgument {
  case coco, lvis
}
