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

  @Option(
    help: ArgumentHelp(
      "Images that a model's card is measured on, of each dataset (default: all).", valueName: "n"))
  var limit: Int?

  @Flag(help: "Overwrite a file that is there; answers in it are lost.")
  var overwrite = false

  @OptionGroup var modelOptions: ModelOptions

  func validate() throws {
    if folders.isEmpty, kind != .model { throw ValidationError("--kind \(kind.rawValue): name a dataset") }
    if corrected != nil, kind != .annotation || folders.count != 1 {
      throw ValidationError("--corrected: for the annotation card of one dataset")
    }
    if let limit, limit < 1 { throw ValidationError("--limit \(limit): expected 1 or more") }
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
      settings.imageLimit = limit
      let evaluation = PointEvaluation(model, settings: settings)
      var progress = ProgressLine("measuring", unit: .images)
      defer { progress.clear() }
      let datasets = try sources.map { source in
        PointReport.Dataset(
          source.name,
          try evaluation.run(
            source, progress: { progress.update($0.images, of: $0.total, note: source.name) },
            skipped: { error in
              progress.clear()
              Console.note("sam: \(error)")
            }))
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
      for index in 0..<source.count {
        if check != nil { checking.check(index) }
        do {
          statistics.add(try source.sample(at: index))
        } catch {
          progress.clear()
          Console.note("sam: \(error)")
        }
        progress.update(index + 1, of: source.count, note: source.name)
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
