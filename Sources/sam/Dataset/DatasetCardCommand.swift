import ArgumentParser
import Datasets
import Evaluation
import Files
import SegmentAnything

/// `sam dataset card`: cards of datasets, annotations and models, with the numbers filled in.
struct DatasetCardCommand: ParsableCommand {
  /// What the card is of.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case dataset, annotation, model
  }

  static let configuration = CommandConfiguration(
    commandName: "card",
    abstract:
      "Write a dataset, annotation or model card, with the numbers filled in and open questions marked.",
    discussion: """
      The card is Markdown. What can be counted is answered; questions that only people can answer are marked **OPEN**. A model's card \
      has the mean IoU of its masks on the datasets, if there are any.

      Examples:
        sam dataset card data/val/balloons -o CARD.md
        sam dataset card data/val/balloons --kind annotation --corrected balloons-corrected -o ANNOTATION.md
        sam dataset card data/val/balloons --kind model --checkpoint vit_b --limit 8 -o MODEL.md
      """)

  @Argument(
    help: "Datasets, in any form of docs/formats.md; a model's card needs none.", completion: .directory)
  var folders: [String] = []

  @Option(help: ArgumentHelp("dataset, annotation or model.", valueName: "kind"))
  var kind: Kind = .dataset

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"), completion: .file())
  var output = "-"

  @Option(
    help: ArgumentHelp("The dataset's masks after correction, for an annotation card.", valueName: "folder"),
    completion: .directory)
  var corrected: String?

  @OptionGroup var drawing: DrawingOptions

  @Option(
    help: ArgumentHelp(
      "Keep each image's result of a model in this folder, or take it from there: the folder of sam eval points -o.",
      valueName: "folder"), completion: .directory)
  var results: String?

  @Option(
    help: ArgumentHelp(
      "Take embeddings of images from this folder, as sam eval points does.", valueName: "folder"),
    completion: .directory)
  var embeddings: String?

  @Flag(help: "Overwrite a file that is there; answers in it are lost.")
  var overwrite = false

  @OptionGroup var modelOptions: ModelOptions

  func validate() throws {
    if folders.isEmpty, kind != .model { throw ValidationError("--kind \(kind.rawValue): name a dataset") }
    if corrected != nil, kind != .annotation || folders.count != 1 {
      throw ValidationError("--corrected: for the annotation card of one dataset")
    }
    if kind != .model,
      let option = [("--results", results), ("--embeddings", embeddings)].first(where: { $0.1 != nil })
    {
      throw ValidationError("\(option.0): for a model's card")
    }
    if output != "-" { try ResultOptions.requireWritable(output, "--output") }
  }

  func run() throws {
    // People write their answers into it.
    guard output == "-" || overwrite || FolderListing.kind(of: output) == nil else {
      throw CommandError.cardExists(output)
    }
    let card = try card()
    if output == "-" {
      try Console.write(Array(card.markdown.utf8))
    } else {
      try AtomicFile.write(Array(card.markdown.utf8), to: output)
      Console.note("\(output): \(card.openCount) open questions")
    }
  }

  private func card() throws -> Card {
    switch kind {
    case .dataset:
      var errors = 0
      let statistics = try statistics { checking in
        errors += checking.problems.count { $0.severity == .error }
      }
      return .dataset(statistics, problems: errors)
    case .annotation:
      return .annotation(try statistics(), quality: try corrected.map(quality))
    case .model:
      let sources = try openDatasets(folders)
      let model = try modelOptions.load()
      var settings = PointEvaluation.Settings()
      settings.measuresBoundaries = true
      let evaluation = PointEvaluation(model, settings: settings)
      let chosen = sources.map {
        ImageSelection.drawn(drawing.limit, of: $0.count, seed: drawing.seed)
      }
      let run = try ImageRun(
        "points", out: results, settings: ImageRun.settings(of: model) + ImageRun.settings(of: settings),
        total: chosen.reduce(0) { $0 + $1.count }, title: "measuring")
      defer { run.clear() }
      let kept = KeptEmbeddings(model, folder: embeddings)
      let datasets = try zip(sources, chosen).map { source, images in
        PointReport.Dataset(source.name, try run.points(of: source, images: images, evaluation, kept))
      }
      return .model(model, results: datasets.isEmpty ? nil : PointReport(datasets))
    }
  }

  private func statistics(_ check: ((CollectionChecking) -> Void)? = nil) throws -> [CollectionStatistics] {
    var progress = ProgressLine("counting", unit: .images)
    defer { progress.clear() }
    return try folders.map { folder in
      let source = try openDataset(folder, needsPictures: false)
      var statistics = CollectionStatistics(source.name)
      var checking = CollectionChecking(source)
      let chosen = ImageSelection.drawn(drawing.limit, of: source.count, seed: drawing.seed)
      for (done, index) in chosen.enumerated() {
        if check != nil { checking.check(index) }
        do {
          statistics.add(try source.sample(at: index))
        } catch {
          progress.clear()
          Console.note("sam: \(error)")
        }
        progress.update(done + 1, of: chosen.count, note: source.name)
      }
      check?(checking)
      return statistics
    }
  }

  private func quality(_ corrected: String) throws -> QualitySummary {
    let before = try openDataset(folders[0], needsPictures: false)
    let after = try openDataset(corrected, needsPictures: false)
    var places: [String: Int] = [:]
    for index in 0..<after.count { places[try after.sample(at: index).name] = index }
    var pairings: [MaskPairing] = []
    for index in 0..<before.count {
      let sample = try before.sample(at: index)
      guard let place = places[sample.name] else {
        Console.note("sam: \(folders[0]): '\(sample.name)' is not in \(corrected)")
        continue
      }
      pairings.append(try MaskPairing(sample, after.sample(at: place), by: .id))
    }
    return QualitySummary(pairings)
  }
}
