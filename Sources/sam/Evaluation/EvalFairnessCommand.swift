import ArgumentParser
import Charts
import Datasets
import Evaluation
import Files
import Imaging
import Reports
import SegmentAnything
import Statistics

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
      try finish(values, model: nil)
      return
    }
    let groups = try GroupTable(table)
    let sources = try openDatasets(folders)
    let model = try modelOptions.load()
    let (values, run, unmatched) = try measure(groups, sources, model)
    run.clear()
    try finish(values, model: model)
    if !unmatched.isEmpty {
      let first = groups.entries[unmatched[0]]
      let what = [first.image, first.mask.map { "mask \($0)" }].compactMap { $0 }.joined(separator: " ")
      throw CSVError(
        path: self.table, line: first.line,
        problem: .content(
          "'\(what)' is in none of the datasets, nor is what \(unmatched.count - 1) other rows name"))
    }
    try run.finish()
  }

  private func measure(
    _ groups: GroupTable, _ sources: [any DatasetSource], _ model: SAM
  ) throws -> (GroupedValues, ImageRun, unmatched: [Int]) {
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
    let embeddings = KeptEmbeddings(model, folder: runOptions.embeddings)
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
          }
        }
      }
    }
    return (values, run, unmatched.sorted())
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

  // MARK: - Results

  private func finish(_ values: GroupedValues, model: SAM?) throws {
    try Console.print(text(values))
    try resultOptions.write {
      document(values).line + "\n"
    } report: {
      page(values, model)
    }
  }

  private func fixed(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? Decimal.fixed($0, decimals: 3) : nil } ?? "-"
  }

  private func range(_ range: ClosedRange<Double>?) -> String {
    range.map { "\(fixed($0.lowerBound)) to \(fixed($0.upperBound))" } ?? "-"
  }

  private func comparisons(_ values: GroupedValues, _ attribute: Int) -> [GroupComparison] {
    values.measures.indices.map { values.comparison(attribute, measure: $0, seed: bootstrapSeed) }
  }

  private func rows(_ values: GroupedValues, _ attribute: Int) -> [[String]] {
    let comparisons = comparisons(values, attribute)
    return (comparisons.first?.groups ?? []).indices.map { group in
      [comparisons[0].groups[group].name, "\(comparisons[0].groups[group].count)"]
        + comparisons.flatMap { comparison -> [String] in
          let one = comparison.groups[group]
          return [fixed(one.mean), fixed(one.interval?.normalHalfWidth), range(one.bootstrap)]
        }
    }
  }

  private func columns(_ values: GroupedValues, _ first: String) -> [String] {
    [first, "masks"] + values.measures.flatMap { [$0, "± 95 %", "bootstrap 95 %"] }
  }

  /// What the intervals say, in words.
  private func findings(_ values: GroupedValues, _ attribute: Int) -> [String] {
    var lines: [String] = []
    for (measure, comparison) in zip(values.measures, comparisons(values, attribute)) {
      let pairs = comparison.disjoint.map { "\($0.lower) below \($0.higher)" }
      let resampled = comparison.disjointByBootstrap.map { "\($0.lower) below \($0.higher)" }
      lines.append(
        "\(comparison.attribute), \(measure): disjoint intervals: "
          + (pairs.isEmpty ? "none" : pairs.joined(separator: ", "))
          + (pairs == resampled
            ? "" : "; by bootstrap: " + (resampled.isEmpty ? "none" : resampled.joined(separator: ", "))))
    }
    let name = values.attributes[attribute].name
    for group in comparisons(values, attribute).first?.groups ?? [] where group.count < 20 {
      lines.append(
        "\(name) \(group.name): "
          + (group.count == 0
            ? "no masks"
            : group.count == 1 ? "one mask has no interval" : "intervals of \(group.count) masks are rough"))
    }
    return lines
  }

  private func text(_ values: GroupedValues) -> String {
    var parts: [String] = []
    for attribute in values.attributes.indices {
      var table = Table(
        columns(values, values.attributes[attribute].name).enumerated().map { ($1, $0 == 0 ? .left : .right) }
      )
      for row in rows(values, attribute) { table.add(row) }
      parts.append(table.text + "\n" + findings(values, attribute).joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  private func document(_ values: GroupedValues) -> JSONText {
    func list(_ range: ClosedRange<Double>?) -> JSONText {
      .optional(range) { .array([.real($0.lowerBound), .real($0.upperBound)]) }
    }
    func pairs(_ pairs: [(lower: String, higher: String)]) -> JSONText {
      .array(pairs.map { .array([.string($0.lower), .string($0.higher)]) })
    }
    let attributes = values.attributes.indices.map { attribute -> JSONText in
      let measures = zip(values.measures, comparisons(values, attribute)).map { name, comparison in
        JSONText.object([
          ("measure", .string(name)),
          (
            "groups",
            .array(
              comparison.groups.map { group in
                .object([
                  ("value", .string(group.name)), ("masks", .integer(group.count)),
                  ("mean", .real(group.mean)),
                  ("sd", .optional(group.interval?.standardDeviation, JSONText.real)),
                  ("normal_half_width", .optional(group.interval?.normalHalfWidth, JSONText.real)),
                  ("t_half_width", .optional(group.interval?.studentHalfWidth, JSONText.real)),
                  ("bootstrap", list(group.bootstrap)),
                ])
              })
          ), ("disjoint", pairs(comparison.disjoint)),
          ("disjoint_by_bootstrap", pairs(comparison.disjointByBootstrap)),
        ])
      }
      return .object([
        ("attribute", .string(values.attributes[attribute].name)), ("measures", .array(measures)),
      ])
    }
    return .object([
      ("seed", .string(String(runOptions.seed))), ("bootstrap_seed", .string(String(bootstrapSeed))),
      ("bootstrap_samples", .integer(GroupStatistics.samples)), ("attributes", .array(attributes)),
    ])
  }

  private func page(_ values: GroupedValues, _ model: SAM?) -> Report {
    let disjoint = values.attributes.indices.reduce(0) { count, attribute in
      count + comparisons(values, attribute).reduce(0) { $0 + $1.disjoint.count }
    }
    var page = Report(
      "Masks by groups",
      summary: "Mean IoU by \(values.attributes.map(\.name).joined(separator: ", ")): "
        + (disjoint == 0
          ? "no two groups have disjoint 95 % intervals."
          : "\(disjoint) pairs of groups have disjoint 95 % intervals."),
      provenance: .ofThisRun(
        model: model,
        settings: [
          ("seed of first points", "\(runOptions.seed)"), ("seed of the bootstrap", "\(bootstrapSeed)"),
          ("resampled", "\(GroupStatistics.samples) times"),
        ],
        notes: (model == nil
          ? ["The values were measured before; they are the table's."]
          : [
            "The first point is uniform in the mask, the next are the innermost pixels of the larger error; the mask with one point is the most confident of three."
          ]) + [
            "The paper prints symmetric 95 % intervals and does not say how they were computed. Here ± is half the width by the normal distribution; the bootstrap draws masks with repetition.",
            "Disjoint intervals are a strict sign of a difference, overlapping ones are none of equality. Several pairs are compared at once, without correction.",
          ]))
    for attribute in values.attributes.indices {
      let comparisons = comparisons(values, attribute)
      var bars = BarChart(
        "Mean IoU by \(values.attributes[attribute].name), 95 % by the normal distribution",
        categories: comparisons.first?.groups.map { "\($0.name) (\($0.count))" } ?? [],
        axis: ChartAxis("mean IoU", range: 0...1))
      bars.series = zip(values.measures, comparisons).map { name, comparison in
        BarChart.Series(
          name, values: comparison.groups.map(\.mean), intervals: comparison.groups.map(\.normal))
      }
      var blocks: [Report.Block] = [
        .chart(bars),
        .table(
          ReportTable(
            "Means", columns: columns(values, values.attributes[attribute].name),
            rows: rows(values, attribute))),
      ]
      blocks += findings(values, attribute).map { .text($0 + ".") }
      page.add(values.attributes[attribute].name, blocks)
    }
    page.add("The paper's groups", PublishedGroups.all.map(published))
    return page
  }

  private func published(_ groups: PublishedGroups) -> Report.Block {
    func short(_ value: Double) -> String { Decimal.fixed(value, decimals: 1) }
    return .published(
      ReportTable(
        "\(groups.subject), by \(groups.attribute): mIoU in per cent ± 95 %",
        columns: [groups.attribute, "1 point", "±", "3 points", "±"],
        rows: groups.groups.map {
          [$0.name, short($0.one), short($0.oneHalf), short($0.three), short($0.threeHalf)]
        }),
      source: "Segment Anything (arXiv 2304.02643), SAM ViT-H.")
  }
}
