import Charts
import Evaluation
import Files
import Reports
import Statistics

/// What `sam eval ratings` tells, as text, JSON and report.
struct RatingsPage {
  /// Datasets by name; one without where the table divides no inputs.
  let parts: [(name: String, comparison: RatingComparison)]
  let settings: RatingComparison.Settings

  var text: String {
    parts.map { name, comparison in
      (name.isEmpty ? "" : name + "\n") + means(comparison) + "\n\n" + pairs(comparison)
    }.joined(separator: "\n\n")
  }

  private func fixed(_ value: Double?, _ decimals: Int = 3) -> String {
    value.flatMap { $0.isFinite ? Decimal.fixed($0, decimals: decimals) : nil } ?? "-"
  }

  private func range(_ range: ClosedRange<Double>?) -> String {
    range.map { "\(fixed($0.lowerBound)) to \(fixed($0.upperBound))" } ?? "-"
  }

  private var levelText: String { Decimal.shortest(settings.level * 100, decimals: 2) + " %" }

  private func means(_ comparison: RatingComparison) -> String {
    var table = Table([
      "model": .left, "inputs": .right, "mean": .right, "± 95 %": .right, "bootstrap 95 %": .right,
    ])
    for model in comparison.models {
      table.add(
        model.name, "\(comparison.count)", fixed(model.mean, 2), fixed(model.interval?.normalHalfWidth),
        range(model.bootstrap))
    }
    return table.text
  }

  private func pairRows(_ comparison: RatingComparison) -> [[String]] {
    comparison.pairs.map { pair in
      let names = comparison.models.map(\.name)
      return [
        "\(names[pair.first]) - \(names[pair.second])", fixed(pair.test.meanDifference), range(pair.interval),
        fixed(pair.test.t, 2), ProbabilityText.text(logarithm: pair.test.logTwoSided),
        ProbabilityText.text(logarithm: greaterLogarithm(pair.test)),
      ]
    }
  }

  /// The logarithm of the one-sided probability, which keeps its digits where it is small.
  private func greaterLogarithm(_ test: PairedTest) -> Double? {
    guard let t = test.t, let logarithm = test.logTwoSided else { return nil }
    return t > 0 ? logarithm - 0.6931471805599453 : test.greater.map { $0 < 1 ? -(1 - $0) : 0 }
  }

  private var pairColumns: [String] {
    ["pair", "difference", "bootstrap \(levelText)", "t", "p", "p, first better"]
  }

  private func pairs(_ comparison: RatingComparison) -> String {
    var table = Table(pairColumns.enumerated().map { ($1, $0 == 0 ? .left : .right) })
    for row in pairRows(comparison) { table.add(row) }
    return table.text
  }

  var json: JSONText {
    func list(_ range: ClosedRange<Double>) -> JSONText {
      .array([.real(range.lowerBound), .real(range.upperBound)])
    }
    return .object([
      ("samples", .integer(settings.samples)), ("level", .real(settings.level)),
      ("seed", .string(String(settings.pairSeed))),
      ("mean_seed", .string(String(settings.meanSeed))),
      (
        "datasets",
        .array(
          parts.map { name, comparison in
            .object([
              ("name", .string(name)), ("inputs", .integer(comparison.count)),
              (
                "models",
                .array(
                  comparison.models.map { model in
                    .object([
                      ("name", .string(model.name)), ("mean", .real(model.mean)),
                      ("sd", .optional(model.interval?.standardDeviation, JSONText.real)),
                      ("normal_half_width", .optional(model.interval?.normalHalfWidth, JSONText.real)),
                      ("t_half_width", .optional(model.interval?.studentHalfWidth, JSONText.real)),
                      ("bootstrap", list(model.bootstrap)),
                      ("histogram", .array(model.histogram.map(JSONText.integer))),
                    ])
                  })
              ),
              (
                "pairs",
                .array(
                  comparison.pairs.map { pair in
                    .object([
                      ("a", .string(comparison.models[pair.first].name)),
                      ("b", .string(comparison.models[pair.second].name)),
                      ("mean_difference", .real(pair.test.meanDifference)),
                      ("sd_difference", .real(pair.test.standardDeviation)),
                      ("t", .optional(pair.test.t, JSONText.real)),
                      ("df", .integer(pair.test.degreesOfFreedom)),
                      ("p_two_sided", .optional(pair.test.twoSided, JSONText.real)),
                      (
                        "log10_p_two_sided",
                        .optional(pair.test.logTwoSided) { .real($0 / 2.302585092994046) }
                      ), ("p_greater", .optional(pair.test.greater, JSONText.real)),
                      ("bootstrap", list(pair.interval)),
                    ])
                  })
              ),
            ])
          })
      ),
    ])
  }

  var report: Report {
    let count = parts.reduce(0) { $0 + $1.comparison.count }
    let models = parts.first?.comparison.models.count ?? 0
    var page = Report(
      "Ratings of masks", summary: "\(models) models, rated from 1 to 10 on the same \(count) inputs.",
      provenance: .ofThisRun(
        settings: [
          ("resampled", "\(settings.samples) times"), ("interval of differences", levelText),
          ("seed of pairs", "\(settings.pairSeed)"),
          ("seed of means", "\(settings.meanSeed)"),
        ],
        notes: [
          "Paired t-test on the differences of each input, two-sided unless said otherwise; its probability is computed as a logarithm, so that very small ones keep their digits.",
          "The bootstrap draws inputs with repetition and keeps each input's pair together.",
          "The half widths of means are those of the normal distribution, the intervals those of the bootstrap.",
          "Several pairs are tested at once; the probabilities are not corrected for that.",
        ]))
    for (name, comparison) in parts {
      let names = comparison.models.map(\.name)
      var bars = BarChart("Mean rating", categories: names, axis: ChartAxis("rating", range: 1...10))
      bars.series = [
        BarChart.Series(
          "mean, 95 %", values: comparison.models.map(\.mean), intervals: comparison.models.map(\.bootstrap))
      ]
      if let known = PublishedRatings.means(dataset: name, models: names) {
        bars.published = BarChart.Published("published, with other raters", values: [known])
      }
      var histogram = Histogram(
        "How often each rating was given", bins: (1...10).map(String.init), x: "rating",
        y: ChartAxis("inputs"))
      histogram.series = comparison.models.map {
        Histogram.Series($0.name, values: $0.histogram.map(Double.init))
      }
      page.add(
        name.isEmpty ? "Means and differences" : name,
        [
          .table(
            ReportTable(
              "Mean ratings", columns: ["model", "inputs", "mean", "± 95 %", "bootstrap 95 %"],
              rows: comparison.models.map {
                [
                  $0.name, "\(comparison.count)", fixed($0.mean, 2), fixed($0.interval?.normalHalfWidth),
                  range($0.bootstrap),
                ]
              })),
          .table(
            ReportTable("Differences on the same inputs", columns: pairColumns, rows: pairRows(comparison))),
          .charts([bars, histogram]),
        ])
    }
    page.add(
      "The paper's study",
      [
        .published(
          ReportTable(
            "Mean rating ± 95 %, one point as prompt, 1,000 masks of each dataset",
            columns: [
              "dataset", "RITM", "SAM, single output", "SAM", "ground truth", "SAM > RITM, p", "99 %",
            ],
            rows: PublishedRatings.rows.map {
              [$0.dataset] + $0.means + [$0.probability, $0.interval]
            }), source: "Segment Anything (arXiv 2304.02643), figure 18 and table 8.")
      ])
    return page
  }
}
