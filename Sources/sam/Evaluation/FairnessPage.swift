import Charts
import Evaluation
import Files
import Reports
import SegmentAnything
import Statistics

/// What `sam eval fairness` tells, as text, JSON and report.
struct FairnessPage {
  let values: GroupedValues
  /// The model that was measured; nil for values that were measured before.
  let model: SAM?
  /// Of first points.
  let seed: UInt64
  /// Of an attribute's first group's bootstrap.
  let bootstrapSeed: UInt64
  /// Masks of each attribute's groups, with what was found; none for values that were measured before.
  var examples: [(attribute: String, pictures: [ReportPicture])] = []

  private func fixed(_ value: Double?) -> String {
    value.flatMap { $0.isFinite ? Decimal.fixed($0, decimals: 3) : nil } ?? "-"
  }

  private func range(_ range: ClosedRange<Double>?) -> String {
    range.map { "\(fixed($0.lowerBound)) to \(fixed($0.upperBound))" } ?? "-"
  }

  private func comparisons(_ attribute: Int) -> [GroupComparison] {
    values.measures.indices.map { values.comparison(attribute, measure: $0, seed: bootstrapSeed) }
  }

  private func rows(_ attribute: Int) -> [[String]] {
    let comparisons = comparisons(attribute)
    return (comparisons.first?.groups ?? []).indices.map { group in
      [comparisons[0].groups[group].name, "\(comparisons[0].groups[group].count)"]
        + comparisons.flatMap { comparison -> [String] in
          let one = comparison.groups[group]
          return [fixed(one.mean), fixed(one.interval?.normalHalfWidth), range(one.bootstrap)]
        }
    }
  }

  private func columns(_ first: String) -> [String] {
    [first, "masks"] + values.measures.flatMap { [$0, "± 95 %", "bootstrap 95 %"] }
  }

  /// What the intervals say, in words.
  private func findings(_ attribute: Int) -> [String] {
    var lines: [String] = []
    for (measure, comparison) in zip(values.measures, comparisons(attribute)) {
      let pairs = comparison.disjoint.map { "\($0.lower) below \($0.higher)" }
      let resampled = comparison.disjointByBootstrap.map { "\($0.lower) below \($0.higher)" }
      lines.append(
        "\(comparison.attribute), \(measure): disjoint intervals: "
          + (pairs.isEmpty ? "none" : pairs.joined(separator: ", "))
          + (pairs == resampled
            ? "" : "; by bootstrap: " + (resampled.isEmpty ? "none" : resampled.joined(separator: ", "))))
    }
    let name = values.attributes[attribute].name
    for group in comparisons(attribute).first?.groups ?? [] where group.count < 20 {
      lines.append(
        "\(name) \(group.name): "
          + (group.count == 0
            ? "no masks"
            : group.count == 1 ? "one mask has no interval" : "intervals of \(group.count) masks are rough"))
    }
    return lines
  }

  var text: String {
    var parts: [String] = []
    for attribute in values.attributes.indices {
      var table = Table(
        columns(values.attributes[attribute].name).enumerated().map { ($1, $0 == 0 ? .left : .right) }
      )
      for row in rows(attribute) { table.add(row) }
      parts.append(table.text + "\n" + findings(attribute).joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n")
  }

  var json: JSONText {
    func list(_ range: ClosedRange<Double>?) -> JSONText {
      .optional(range) { .array([.real($0.lowerBound), .real($0.upperBound)]) }
    }
    func pairs(_ pairs: [(lower: String, higher: String)]) -> JSONText {
      .array(pairs.map { .array([.string($0.lower), .string($0.higher)]) })
    }
    let attributes = values.attributes.indices.map { attribute -> JSONText in
      let measures = zip(values.measures, comparisons(attribute)).map { name, comparison in
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
      ("seed", .string(String(seed))), ("bootstrap_seed", .string(String(bootstrapSeed))),
      ("bootstrap_samples", .integer(GroupStatistics.samples)), ("attributes", .array(attributes)),
    ])
  }

  var report: Report {
    let disjoint = values.attributes.indices.reduce(0) { count, attribute in
      count + comparisons(attribute).reduce(0) { $0 + $1.disjoint.count }
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
          ("seed of first points", "\(seed)"), ("seed of the bootstrap", "\(bootstrapSeed)"),
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
      let comparisons = comparisons(attribute)
      var bars = BarChart(
        "Mean IoU by \(values.attributes[attribute].name), 95 % by the normal distribution",
        categories: comparisons.first?.groups.map { "\($0.name) (\($0.count))" } ?? [],
        axis: ChartAxis("mean IoU", range: 0...1))
      bars.series = zip(values.measures, comparisons).map { name, comparison in
        BarChart.Series(
          name, values: comparison.groups.map(\.mean), intervals: comparison.groups.map(\.normal))
      }
      let names = comparisons.first?.groups.map(\.name) ?? []
      if let known = PublishedGroups.people(values.attributes[attribute].name, groups: names) {
        let none = [Double](repeating: .nan, count: names.count)
        bars.published = BarChart.Published(
          "published for people, SAM ViT-H",
          values: values.measures.map { $0 == "1 point" ? known.one : $0 == "3 points" ? known.three : none })
      }
      var blocks: [Report.Block] = [
        .chart(bars),
        .table(
          ReportTable(
            "Means", columns: columns(values.attributes[attribute].name),
            rows: rows(attribute))),
      ]
      blocks += findings(attribute).map { .text($0 + ".") }
      if let shown = examples.first(where: { $0.attribute == values.attributes[attribute].name }) {
        blocks.append(.pictures(shown.pictures))
      }
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
