import ArgumentParser
import Datasets
import Evaluation
import Files
import Imaging
import SegmentAnything

/// `sam eval proposals`: average recall of masks without prompts.
struct EvalProposalsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proposals",
    abstract: "Average recall of everything mode's masks as object proposals.",
    discussion: """
      The paper's procedure: 64x64 points, no filters but box NMS at .9, of each image the 1,000 best masks by the mean \
      of predicted IoU and stability. Recall is over all objects of the set, whatever their categories, at IoU .5 to \
      .95; by size, and by frequency where the truth is LVIS's. Two ways to pair proposals with objects are in use, and \
      the paper does not say which it means: by score, as COCO's tools do, and by the best IoU, as Detectron2 does. Both \
      are reported.

      Examples:
        sam eval proposals data/val/balloons --report proposals.html
        sam eval proposals lvis_v1_val.json --images coco --checkpoint vit_h -o runs/lvis --results masks.json
        sam eval proposals lvis_v1_val.json --score-only masks.json

      A sample that cannot be read is reported and left out; the exit code is 1 then. With --out, Ctrl-C and the same \
      command again go on where it was.
      """)

  @Argument(
    help: "Datasets with masks, as for eval points; COCO's and LVIS's files among them.",
    completion: .directory)
  var datasets: [String]

  @Option(
    help: ArgumentHelp("The folder of the pictures, for a single file of annotations.", valueName: "folder"),
    completion: .directory)
  var images: String?

  @Option(
    help: ArgumentHelp("Score the masks of this file, a list of results in COCO's form.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var scoreOnly: String?

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var runOptions: EvaluationOptions
  @OptionGroup var resultOptions: ResultOptions

  @Option(help: ArgumentHelp("Points along each side of the grid.", valueName: "n"))
  var pointsPerSide = 64

  @Option(
    help: ArgumentHelp(
      "Of masks whose boxes have an IoU above this, the most confident stays.", valueName: "0...1"))
  var boxNms = 0.9

  @Option(
    help: ArgumentHelp("Write the proposals to this file, in COCO's form.", valueName: "file"),
    completion: .file())
  var results: String?

  func validate() throws {
    guard (1...256).contains(pointsPerSide) else {
      throw ValidationError("--points-per-side \(pointsPerSide): expected 1 to 256")
    }
    guard (0...1).contains(boxNms) else { throw ValidationError("--box-nms \(boxNms): expected 0 to 1") }
    if datasets.count > 1 {
      for (name, isGiven) in [
        ("--images", images != nil), ("--score-only", scoreOnly != nil), ("--results", results != nil),
      ] where isGiven {
        throw ValidationError("\(name): needs a single dataset")
      }
    }
    try ResultOptions.requireWritable(results, "--results")
    guard scoreOnly != nil else { return }
    for (name, isGiven) in [
      ("--out", runOptions.out != nil), ("--embeddings", runOptions.embeddings != nil),
      ("--checkpoint", modelOptions.checkpoint != nil), ("--results", results != nil),
    ] where isGiven {
      throw ValidationError("\(name) cannot be combined with --score-only")
    }
  }

  func run() throws {
    if let scoreOnly { return try score(scoreOnly) }
    let sources =
      try datasets.count == 1
      ? [openDataset(datasets[0], images: images)] : openDatasets(datasets)
    let chosen = sources.map {
      ImageSelection.drawn(runOptions.limit, of: $0.count, seed: runOptions.seed)
    }
    let model = try modelOptions.load()
    let generator = try AutomaticMaskGenerator(model, settings: settings)
    let run = try ImageRun(
      "proposals", runOptions, model: model,
      settings: [("points_per_side", .integer(pointsPerSide)), ("box_nms", .real(boxNms))],
      total: chosen.reduce(0) { $0 + $1.count })
    let embeddings = KeptEmbeddings(model, folder: runOptions.embeddings)
    let stop = run.stop
    var report: [ProposalReport.Dataset] = []
    var pictures: [ProposalsPage.Picture] = []
    for (place, (source, images)) in zip(sources, chosen).enumerated() {
      let measured = try run.results(of: source, images: images) { sample, index -> ImageProposals in
        let embedding = try embeddings.embedding(of: sample, in: source.name) { run.isStopped }
        var masks: [AutomaticMask] = []
        try generator.generate(in: embedding, isCancelled: { stop.isRaised }, emit: { masks.append($0) })
        return ImageProposals(
          masks, limit: ProposalReport.limits.max() ?? 0, index: index, width: sample.width,
          height: sample.height)
      }
      let truth = try ProposalTruth(source, path: datasets[place], images: measured.map(\.value))
      let found = truth.proposals(measured.map(\.value))
      if let results { try COCOResultsWriter.write(found, to: results) }
      report.append(
        ProposalReport.Dataset(
          name: source.name, images: measured.count,
          meanProposals: measured.isEmpty
            ? nil : Double(measured.reduce(0) { $0 + $1.value.total }) / Double(measured.count),
          entries: ProposalRecall.table(
            truth: truth.instances, proposals: found, limits: ProposalReport.limits,
            threads: modelOptions.threads)))
      if resultOptions.report != nil {
        pictures += measured.prefix(max(1, 4 / sources.count)).compactMap { name, proposals in
          guard let sample = try? source.sample(at: proposals.index), let image = try? sample.image() else {
            return nil
          }
          return .init(
            name: name, image: image, proposals: proposals.results(image: 0).compactMap(\.mask),
            truth: sample.annotations.map(\.mask))
        }
      }
    }
    run.clear()
    try tell(ProposalReport(report), model: model, pictures: pictures)
    try run.finish()
  }

  private func score(_ results: String) throws {
    let scored = try ScoredResults(
      truth: datasets[0], results: results, masks: true, runOptions.drawing)
    let withObjects = Set(scored.truth.instances.map(\.image))
    let name = datasets[0].split(separator: "/").last.map(String.init) ?? datasets[0]
    let dataset = ProposalReport.Dataset(
      name: name, images: withObjects.count, meanProposals: nil,
      entries: ProposalRecall.table(
        truth: scored.truth, proposals: scored.results, limits: ProposalReport.limits,
        threads: modelOptions.threads))
    let shown = resultOptions.report == nil ? [] : images.map { scored.pictures(in: $0) } ?? []
    try tell(
      ProposalReport([dataset]), model: nil,
      pictures: shown.map { .init(name: $0.name, image: $0.image, proposals: $0.found, truth: $0.truth) })
  }

  private var settings: AutomaticMaskGenerator.Settings {
    var settings = ImageProposals.settings
    settings.pointsPerSide = pointsPerSide
    settings.boxNMSThreshold = boxNms
    return settings
  }

  private func tell(_ report: ProposalReport, model: SAM?, pictures: [ProposalsPage.Picture]) throws {
    try Console.print(table(report))
    try resultOptions.write {
      report.json
    } report: {
      try ProposalsPage(command: self, model: model, report: report, pictures: pictures).page
    }
  }

  private func table(_ report: ProposalReport) -> String {
    let hasFrequencies = report.datasets.contains(where: \.hasFrequencies)
    var columns: [(heading: String, alignment: Table.Alignment)] = [("dataset", .left), ("pairs", .left)]
    columns +=
      (["images", "objects", "best", "AR", "ARs", "ARm", "ARl"]
      + (hasFrequencies ? ["ARf", "ARc", "ARr"] : [])).map { ($0, .right) }
    var table = Table(columns)
    for matching in ProposalRecall.Matching.allCases {
      for dataset in report.datasets {
        for limit in ProposalReport.limits {
          let averages = dataset.averages(matching, limit: limit).prefix(hasFrequencies ? 7 : 4)
          let objects = dataset.recall(matching, limit: limit)?.bySize[0].objects ?? 0
          table.add(
            [dataset.name, matching.rawValue, String(dataset.images), String(objects), String(limit)]
              + averages.map { $0.map { Decimal.fixed($0, decimals: 3) } ?? "-" })
        }
      }
    }
    return table.text
  }
}
