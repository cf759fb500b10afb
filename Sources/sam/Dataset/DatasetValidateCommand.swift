import ArgumentParser
import Datasets
import Evaluation
import Files
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

      Exit codes: 0 nothing is wrong (there may be warnings), 1 something is.
      """)

  @Argument(help: "Datasets, in any form of docs/formats.md.", completion: .directory)
  var folders: [String]

  @Option(
    help: ArgumentHelp("The pictures' folder, where they do not lie beside the masks.", valueName: "folder"),
    completion: .directory)
  var images: String?

  @OptionGroup var resultOptions: ResultOptions

  func run() throws {
    let sources = try folders.map { try openDataset($0, images: images, needsPictures: false) }
    let total = sources.reduce(0) { $0 + $1.count }
    var progress = ProgressLine("dataset validate", unit: .images)
    var (done, seen, masks) = (0, 0, 0)
    var problems: [CollectionProblem] = []
    for (folder, source) in zip(folders, sources) {
      var checking = CollectionChecking(source)
      for index in 0..<source.count {
        checking.check(index)
        done += 1
        // A user who waits sees problems when they are found.
        for problem in checking.problems.dropFirst(seen) {
          progress.clear()
          try Console.print(Self.line(problem))
        }
        seen = checking.problems.count
        progress.update(done, of: total)
      }
      if images == nil { checking.checkUnused(in: folder) }
      progress.clear()
      for problem in checking.problems.dropFirst(seen) { try Console.print(Self.line(problem)) }
      seen = 0
      problems += checking.problems
      masks += checking.masks
    }
    progress.clear()
    let errors = problems.count { $0.severity == .error }
    let warnings = problems.count - errors
    let verdict =
      "\(count(total, "image")), \(count(masks, "mask")): \(count(errors, "error")), \(count(warnings, "warning"))"
    try Console.print(verdict)
    try resultOptions.write {
      document(problems, images: total, masks: masks).line + "\n"
    } report: {
      page(problems, verdict: verdict)
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

  private func page(_ problems: [CollectionProblem], verdict: String) -> Report {
    var page = Report("Soundness of datasets", summary: verdict + ".", provenance: .ofThisRun())
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
    return page
  }
}
