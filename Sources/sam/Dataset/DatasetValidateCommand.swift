import ArgumentParser
import Datasets
import Evaluation
import Files
import Imaging
import Reports

/// `sam dataset validate`: everything that is wrong with datasets.
struct DatasetValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Find everything that is wrong with datasets, with file and reason.",
    discussion: """
      Reads every record, decodes every picture, and compares what records say with their masks: sizes, areas, boxes, points, \
      numbers that occur twice, masks that occur twice, categories that are not listed. One line for each problem; warnings are \
      what is odd but can be used.

      Examples:
        sam dataset validate data/val/*
        sam dataset validate instances.json --images val2017 --json problems.json

      With --out, Ctrl-C and the same command again go on where it was.

      Exit codes: 0 nothing is wrong (there may be warnings), 1 something is.
      """)

  @Argument(help: "Datasets, in any form of docs/formats.md.", completion: .directory)
  var folders: [String]

  @Option(
    help: ArgumentHelp("The pictures' folder, where they do not lie beside the masks.", valueName: "folder"),
    completion: .directory)
  var images: String?

  @OptionGroup var keeping: KeepingOptions
  @OptionGroup var drawing: DrawingOptions
  @OptionGroup var resultOptions: ResultOptions

  func run() throws {
    let sources = try folders.map { try openDataset($0, images: images, needsPictures: false) }
    if keeping.out != nil { try requireDifferentNames(sources, folders) }
    let chosen = sources.map { ImageSelection.drawn(drawing.limit, of: $0.count, seed: drawing.seed) }
    let total = chosen.reduce(0) { $0 + $1.count }
    let run = try ImageRun(
      "dataset validate", out: keeping.out, settings: [], total: total, title: "dataset validate")
    var (seen, masks) = (0, 0)
    var problems: [CollectionProblem] = []
    var pictures: [ReportPicture] = []
    for (place, (folder, source)) in zip(folders, sources).enumerated() {
      var checking = CollectionChecking(source)
      try run.begin(source)
      for index in chosen[place] {
        try run.checkStop()
        // By their places: what cannot be read has no name.
        let kept: SampleFindings? = run.kept(source.name, "\(index)")
        let found = kept ?? SampleFindings(source, at: index)
        if kept == nil { try run.keep(source.name, "\(index)", found) }
        checking.add(found)
        // A user who waits sees problems when they are found.
        let new = checking.problems.dropFirst(seen)
        for problem in new {
          run.clear()
          try Console.print(Self.line(problem))
        }
        if resultOptions.report != nil, pictures.count < Self.picturesShown {
          pictures += Self.picture(of: new, at: index, in: source)
        }
        seen = checking.problems.count
        run.advance(wasKept: kept != nil)
      }
      if images == nil, drawing.limit == nil { checking.checkUnused(in: folder) }
      run.clear()
      for problem in checking.problems.dropFirst(seen) { try Console.print(Self.line(problem)) }
      seen = 0
      problems += checking.problems
      masks += checking.masks
    }
    run.clear()
    let errors = problems.count { $0.severity == .error }
    let warnings = problems.count - errors
    let verdict =
      "\(count(total, "image")), \(count(masks, "mask")): \(count(errors, "error")), \(count(warnings, "warning"))"
    try Console.print(verdict)
    try resultOptions.write {
      document(problems, images: total, masks: masks).line + "\n"
    } report: {
      page(problems, verdict: verdict, pictures)
    }
    if errors > 0 { throw ExitCode.failure }
  }

  private func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

  private static func line(_ problem: CollectionProblem) -> String {
    (problem.severity == .warning ? "warning: " : "") + "\(problem.path): "
      + (problem.annotation.map { "annotation \($0): " } ?? "") + problem.reason
  }

  private func document(_ problems: [CollectionProblem], images: Int, masks: Int) -> JSONText {
    .object([
      ("images", .integer(images)), ("masks", .integer(masks)),
      ("errors", .integer(problems.count { $0.severity == .error })),
      ("warnings", .integer(problems.count { $0.severity == .warning })),
      (
        "problems",
        .array(
          problems.map {
            .object([
              ("severity", .string($0.severity.rawValue)), ("dataset", .string($0.dataset)),
              ("path", .string($0.path)), ("annotation", .optional($0.annotation, JSONText.integer)),
              ("reason", .string($0.reason)),
            ])
          })
      ),
    ])
  }

  /// Images with problems that a report shows.
  private static let picturesShown = 6

  /// The first mask of an image with which something is wrong, over the picture; none where either cannot be read.
  private static func picture(
    of problems: ArraySlice<CollectionProblem>, at index: Int, in source: any DatasetSource
  ) -> [ReportPicture] {
    guard let problem = problems.first(where: { $0.annotation != nil }),
      let sample = try? source.sample(at: index), let image = try? sample.image(),
      let annotation = sample.annotations.first(where: { $0.id == problem.annotation })
    else { return [] }
    var overlay = Overlay(image)
    guard (try? overlay.add(annotation.mask.mask)) != nil,
      let picture = try? ReportPicture(
        overlay.image, caption: line(problem), description: "The picture with the mask in question")
    else { return [] }
    return [picture]
  }

  private func page(
    _ problems: [CollectionProblem], verdict: String, _ pictures: [ReportPicture]
  ) -> Report {
    var page = Report(
      "Soundness of datasets", summary: verdict + ".",
      provenance: .ofThisRun(
        settings: [
          ("images", drawing.limit.map { "\($0) of each dataset at most, seed \(drawing.seed)" } ?? "all")
        ]))
    guard !problems.isEmpty else {
      page.add("Problems", [.text("Nothing was found.")])
      return page
    }
    page.add(
      "Problems",
      [
        .table(
          ReportTable(
            "What was found, in the order of samples",
            columns: ["severity", "dataset", "file", "annotation", "reason"],
            rows: problems.map {
              [$0.severity.rawValue, $0.dataset, $0.path, $0.annotation.map(String.init) ?? "", $0.reason]
            }, wordColumns: [1, 2, 4]))
      ])
    if !pictures.isEmpty { page.add("Examples", [.pictures(pictures)]) }
    return page
  }
}
