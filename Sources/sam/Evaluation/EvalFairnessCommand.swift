import ArgumentParser
import Datasets
import Evaluation
import Files
import Imaging
import Reports
import SegmentAnything

/// `sam eval fairness`: whether a model finds masks of some groups better than those of others.
struct EvalFairnessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fairness",
    abstract: "Mean IoU by groups of images or masks, with 95 % intervals.",
    discussion: """
      The table says which masks belong to which group: columns image or mask (or both), attribute and value. Each mask is \
      segmented from random points, the first uniform in the mask, and mean IoU with one and with three points is told by group, \
      with intervals by the normal distribution and by bootstrap, and pairs of groups whose intervals are disjoint.

      Without datasets, the table has to hold IoU that was measured before: columns attribute, value, and one or more that begin \
      with iou.

      Examples:
        sam eval fairness groups.csv data/val/people --report fairness.html
        sam eval fairness groups.csv data/val/* -o runs/fairness --checkpoint vit_b
        sam eval fairness measured.csv

      Rows that name no mask of the datasets are told, and the exit code is 1.
      """)

  @Argument(help: "A table in CSV form; see docs/evaluation.md.", completion: .file(extensions: ["csv"]))
  var table: String

  @Argument(help: "Datasets that the table's images and masks are in.", completion: .directory)
  var folders: [String] = []

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var runOptions: EvaluationOptions
  @OptionGroup var resultOptions: ResultOptions

  @Option(
    help: ArgumentHelp(
      "The seed of an attribute's first group's bootstrap; the next group has the next.", valueName: "n"))
  var bootstrapSeed: UInt64 = 100

  /// The numbers of points that are told, as in the paper.
  private static let counts = [1, 3]

  func run() throws {
    let table = try CSVTable(contentsOfFile: table)
    guard !folders.isEmpty else {
      let values = try GroupedValues(measured: table)
      try finish(values, model: nil, examples: [])
      return
    }
    let groups = try GroupTable(table)
    let sources = try openDatasets(folders)
    let model = try modelOptions.load()
    let embeddings = KeptEmbeddings(model, folder: runOptions.embeddings)
    let (values, cases, run, unmatched) = try measure(groups, sources, model, embeddings)
    run.clear()
    try finish(
      values, model: model,
      examples: resultOptions.report == nil ? [] : cases.pictures(by: model, embeddings))
    if !unmatched.isEmpty {
      let first = groups.entries[unmatched[0]]
      let what = [first.image, first.mask.map { "mask \($0)" }].compactMap { $0 }.joined(separator: " ")
      throw CSVError(
        path: self.table, line: first.line,
        problem: .content(
          "'\(what)' is in none of the datasets"
            + (unmatched.count == 1
              ? ""
              : unmatched.count == 2
                ? ", nor is what another row names" : ", nor is what \(unmatched.count - 1) other rows name"))
      )
    }
    try run.finish()
  }

  private func measure(
    _ groups: GroupTable, _ sources: [any DatasetSource], _ model: SAM, _ embeddings: KeptEmbeddings
  ) throws -> (GroupedValues, GroupCases, ImageRun, unmatched: [Int]) {
    var cases = GroupCases()
    var values = GroupedValues(
      measures: Self.counts.map { $0 == 1 ? "1 point" : "\($0) points" }, groups: groups.groups)
    var unmatched = Set(groups.entries.indices)
    // What the table names, and of that as much as --limit allows.
    var chosen: [[Int]] = []
    var emptyMasks = 0
    var progress = ProgressLine("looking for the table's masks", unit: .images)
    for source in sources {
      var named: [Int] = []
      for index in 0..<source.count {
        progress.update(index + 1, of: source.count)
        // A sample that cannot be read is told of when it is measured.
        guard let sample = try? source.sample(at: index) else {
          named.append(index)
          continue
        }
        var rows: [Int] = []
        for annotation in sample.annotations {
          let own = groups.rows(dataset: source.name, image: sample.name, mask: annotation.id)
          if !own.isEmpty, annotation.mask.isEmpty { emptyMasks += 1 }
          rows += own
        }
        unmatched.subtract(rows)
        if !rows.isEmpty { named.append(index) }
      }
      chosen.append(
        ImageSelection.drawn(runOptions.limit, of: named.count, seed: runOptions.seed).map { named[$0] })
    }
    progress.clear()
    if emptyMasks > 0 { Console.note("\(emptyMasks) empty masks are in groups; they cannot be prompted for") }
    try checkAmbiguity(groups, sources)
    let run = try ImageRun(
      "fairness", runOptions, model: model,
      settings: [
        ("seed", .string(String(runOptions.seed))), ("points", .integer(Self.counts.max() ?? 1)),
        ("table", .string(try digest())),
      ], total: chosen.reduce(0) { $0 + $1.count })
    let evaluator = PointEvaluator(model, pointCount: Self.counts.max() ?? 1)
    for (source, images) in zip(sources, chosen) {
      let results = try run.results(of: source, images: images) { sample, index in
        try masks(
          of: sample, index, groups, source.name, evaluator, embeddings, isCancelled: { run.isStopped })
      }
      for (name, result) in results {
        let ids = try source.sample(at: result.index).annotations.map(\.id)
        for (annotation, points) in result.masks {
          for row in groups.rows(dataset: source.name, image: name, mask: ids[annotation]) {
            let entry = groups.entries[row]
            values.add(
              Self.counts.map { points.points[$0 - 1] }, attribute: entry.attribute, group: entry.value)
            cases.add(
              PointCase(source: source, index: result.index, annotation: annotation, result: points),
              attribute: entry.attribute, group: entry.value)
          }
        }
      }
    }
    return (values, cases, run, unmatched.sorted())
  }

  /// The table's content, which a kept result depends on.
  private func digest() throws -> String {
    var digest = SHA256()
    try MappedFile(path: table).withBytes { digest.update($0) }
    return digest.hexadecimal
  }

  /// A mask's number alone must mean one mask.
  private func checkAmbiguity(_ groups: GroupTable, _ sources: [any DatasetSource]) throws {
    let wanted = Dictionary(
      groups.entries.filter { $0.image == nil }.map { ($0.mask ?? 0, $0) },
      uniquingKeysWith: { first, _ in first })
    guard !wanted.isEmpty else { return }
    var found: [Int: String] = [:]
    for source in sources {
      for index in 0..<source.count {
        guard let sample = try? source.sample(at: index) else { continue }
        for annotation in sample.annotations {
          guard let entry = wanted[annotation.id] else { continue }
          if let dataset = entry.dataset, dataset != source.name { continue }
          let place = "\(source.name)/\(sample.name)"
          if let before = found.updateValue(place, forKey: annotation.id) {
            throw CSVError(
              path: table, line: entry.line,
              problem: .content(
                "mask \(annotation.id) is in \(before) and in \(place); add a column image, or dataset"))
          }
        }
      }
    }
  }

  private func masks(
    of sample: DatasetSample, _ index: Int, _ groups: GroupTable, _ dataset: String,
    _ evaluator: PointEvaluator, _ embeddings: KeptEmbeddings, isCancelled: () -> Bool
  ) throws -> ImagePointResults {
    let wanted = sample.annotations.indices.filter { annotation in
      !sample.annotations[annotation].mask.isEmpty
        && !groups.rows(dataset: dataset, image: sample.name, mask: sample.annotations[annotation].id).isEmpty
    }
    let embedding = try embeddings.embedding(of: sample, in: dataset, isCancelled: isCancelled)
    let tasks = wanted.compactMap { annotation -> PointEvaluator.Task? in
      let mask = BitMask(sample.annotations[annotation].mask)
      return PointEvaluator.Task(
        mask, in: embedding,
        first: .random(in: mask, seed: runOptions.seed, image: index, annotation: annotation))
    }
    return ImagePointResults(
      name: sample.name, index: index, masks: Array(zip(wanted, try evaluator.results(tasks))))
  }

  private func finish(
    _ values: GroupedValues, model: SAM?, examples: [(attribute: String, pictures: [ReportPicture])]
  ) throws {
    let page = FairnessPage(
      values: values, model: model, seed: runOptions.seed, bootstrapSeed: bootstrapSeed,
      examples: examples)
    try Console.print(page.text)
    try resultOptions.write {
      page.json.line + "\n"
    } report: {
      page.report
    }
  }
}
