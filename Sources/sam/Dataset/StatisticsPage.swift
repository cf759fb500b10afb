import Charts
import Evaluation
import Files
import Reports
import Statistics

/// What `sam dataset stats` tells, as text, JSON and report.
struct StatisticsPage {
  let seed: UInt64
  var datasets: [CollectionStatistics] = []
  var geography: Geography?
  /// Images with all their masks.
  var examples: [ReportPicture] = []

  private func fixed(_ value: Double, _ decimals: Int = 3) -> String {
    value.isFinite ? Decimal.fixed(value, decimals: decimals) : "-"
  }

  private func percent(_ value: Double) -> String {
    value.isFinite ? Decimal.fixed(value * 100, decimals: 1) + " %" : "-"
  }

  private func share(_ count: Int, of total: Int) -> Double {
    total == 0 ? .nan : Double(count) / Double(total)
  }

  private static let columns = [
    "dataset", "images", "masks", "empty", "masks/image", "median", "size", "small", "medium", "large",
    "covered",
    "concavity", "by size",
  ]

  private func row(_ dataset: CollectionStatistics) -> [String] {
    let stratified = dataset.stratified(seed: seed)
    return [
      dataset.name, "\(dataset.images)", "\(dataset.masks)", "\(dataset.emptyMasks)",
      fixed(dataset.meanCount, 1),
      "\(dataset.medianCount)", fixed(dataset.relativeSizes.mean),
    ] + dataset.bySize.map { percent(share($0, of: dataset.masks)) } + [
      percent(dataset.coverage / Double(dataset.images)), fixed(dataset.concavities.mean),
      fixed(stratified.concavities.mean),
    ]
  }

  // MARK: - Text

  var text: String {
    var table = Table(Self.columns.enumerated().map { ($1, $0 == 0 ? .left : .right) })
    for dataset in datasets { table.add(row(dataset)) }
    var counts = Table([("masks per image", .left)] + CollectionStatistics.countBins.map { ($0, .right) })
    for dataset in datasets { counts.add([dataset.name] + dataset.countShares.map(percent)) }
    var parts = [table.text, counts.text]
    for table in geographyTables {
      var text = Table(table.columns.enumerated().map { ($1, $0 == 0 ? .left : .right) })
      for row in table.rows { text.add(row) }
      parts.append(text.text)
    }
    return parts.joined(separator: "\n\n")
  }

  private var geographyTables: [ReportTable] {
    guard let geography else { return [] }
    let all = datasets.reduce((images: 0, masks: 0)) { ($0.images + $1.images, $0.masks + $1.masks) }
    func row(_ name: String, _ countries: Int?, _ count: Geography.Count) -> [String] {
      [
        name, countries.map(String.init) ?? "", "\(count.images)",
        percent(share(count.images, of: all.images)),
        "\(count.masks)", fixed(share(count.masks, of: count.images), 1),
      ]
    }
    func columns(_ first: String) -> [String] {
      [first, "countries", "images", "share", "masks", "masks/image"]
    }
    let unknown = geography.unknown.images > 0 ? [row("no country", nil, geography.unknown)] : []
    let unrecognized = geography.unrecognized.reduce(into: Geography.Count()) { total, name in
      total.images += geography.countries[name]?.images ?? 0
      total.masks += geography.countries[name]?.masks ?? 0
    }
    let others = geography.unrecognized.isEmpty ? [] : [row("not recognised", nil, unrecognized)]
    let regions = Country.Region.allCases.map { region in
      let found = geography.count { $0.region == region }
      return row(region.rawValue, found.countries, found.count)
    }
    let incomes = Country.Income.allCases.map { income in
      let found = geography.count { $0.income == income }
      return row(income.rawValue, found.countries, found.count)
    }
    return [
      ReportTable("By region", columns: columns("region"), rows: regions + others + unknown),
      ReportTable("By income of the country", columns: columns("income"), rows: incomes + others + unknown),
      ReportTable(
        "By country", columns: ["country", "images", "share", "masks", "masks/image"],
        rows: geography.ranked.map { name, count in
          let row = row(name, nil, count)
          return [row[0]] + row[2...]
        }),
    ]
  }

  // MARK: - JSON

  var json: JSONText {
    func list(_ values: [Double]) -> JSONText { .array(values.map(JSONText.real)) }
    func list(_ values: [Int]) -> JSONText { .array(values.map(JSONText.integer)) }
    let all = datasets.map { dataset -> (key: String, value: JSONText) in
      let stratified = dataset.stratified(seed: seed)
      return (
        dataset.name,
        .object([
          ("images", .integer(dataset.images)), ("masks", .integer(dataset.masks)),
          ("empty_masks", .integer(dataset.emptyMasks)), ("masks_per_image", .real(dataset.meanCount)),
          ("median_masks_per_image", .integer(dataset.medianCount)),
          (
            "share_of_images_by_count",
            .object(zip(CollectionStatistics.countBins, dataset.countShares).map { ($0, .real($1)) })
          ),
          ("mean_width", .real(share(dataset.widths, of: dataset.images))),
          ("mean_height", .real(share(dataset.heights, of: dataset.images))),
          ("mean_relative_size", .real(dataset.relativeSizes.mean)),
          ("relative_size_shares", list(CollectionStatistics.shares(dataset.relativeSizes, bins: 20))),
          ("small_medium_large", list(dataset.bySize)),
          ("covered", .real(dataset.coverage / Double(dataset.images))),
          ("mean_concavity", .real(dataset.concavities.mean)),
          (
            "stratified",
            .object([
              ("seed", .string(String(seed))), ("edges", list(CollectionStatistics.sizeEdges)),
              ("available", list(stratified.available)), ("per_bin", .integer(stratified.perBin)),
              ("mean_concavity", .real(stratified.concavities.mean)),
              ("concavity_shares", list(CollectionStatistics.shares(stratified.concavities, bins: 20))),
            ])
          ),
          (
            "centres",
            .object([("cells", .integer(dataset.centres.cells)), ("counts", list(dataset.centres.counts))])
          ),
        ])
      )
    }
    var members: [(key: String, value: JSONText)] = [("datasets", .object(all))]
    if let geography {
      members.append(
        (
          "countries",
          .object(
            geography.ranked.map { name, count in
              let country = Country(name)
              return (
                name,
                .object([
                  ("images", .integer(count.images)), ("masks", .integer(count.masks)),
                  ("region", .optional(country?.region.rawValue, JSONText.string)),
                  ("income", .optional(country?.income.rawValue, JSONText.string)),
                ])
              )
            })
        ))
      members.append(("images_without_country", .integer(geography.unknown.images)))
    }
    return .object(members)
  }

  // MARK: - Report

  var report: Report {
    let images = datasets.reduce(0) { $0 + $1.images }, masks = datasets.reduce(0) { $0 + $1.masks }
    var page = Report(
      "What the datasets hold",
      summary:
        "\(masks) masks of \(images) images in \(datasets.count) \(datasets.count == 1 ? "dataset" : "datasets").",
      provenance: .ofThisRun(
        settings: [("seed", "\(seed)"), ("size bins", "0, .1, .2, .4, 1")],
        notes: [
          "Size is the square root of mask area / image area.",
          "Concavity is 1 - area / area of the hull of the pixels' corners: 0 for a rectangle. By size: equally many masks drawn from each bin of size, as many as the smallest bin has. The paper gives neither bins nor numbers.",
          "A mask's centre is its centroid; the paper says no more than centre.",
          "Small, medium and large are COCO's: below 32 x 32 pixels, up to 96 x 96, and above.",
          "Empty masks count for nothing but their own column.",
        ]))
    let total = datasets.reduce([0, 0, 0]) { sums, dataset in zip(sums, dataset.bySize).map { $0 + $1 } }
    page.add(
      "Numbers",
      [
        .figures([
          KeyFigure("images", "\(images)"), KeyFigure("masks", "\(masks)"),
          KeyFigure("masks per image", fixed(share(masks, of: images), 1)),
          KeyFigure("small masks", percent(share(total[0], of: masks)), detail: "below 32 x 32 pixels"),
          KeyFigure("large masks", percent(share(total[2], of: masks)), detail: "above 96 x 96 pixels"),
        ]),
        .table(ReportTable("Datasets", columns: Self.columns, rows: datasets.map(row))),
        .published(
          ReportTable(
            "Sizes of datasets", columns: ["dataset", "images", "masks", "masks per image"],
            rows: CollectionStatistics.published.map { [$0.name, $0.images, $0.masks, $0.perImage] }),
          source: "Segment Anything (arXiv 2304.02643), figure 6."),
      ])
    page.add("Masks per image, sizes, concavity", [.chart(beside), .charts(shapes)])
    page.add(
      "Where masks are",
      [
        .text("Centroids of masks on a grid of 32 x 32 cells over the image; the stronger, the more."),
        .charts(datasets.map(heatMap)),
      ])
    let thin = datasets.filter { $0.stratified(seed: seed).perBin < 20 }
    if !thin.isEmpty {
      page.sections[1].blocks.append(
        .note(
          "Too few masks in a bin of size for concavity by size to say much: "
            + thin.map { "\($0.name) (\($0.stratified(seed: seed).perBin) per bin)" }.joined(separator: ", ")
            + "."))
    }
    if geography != nil {
      page.add(
        "Where images are from",
        [.charts(geographyCharts)] + geographyTables.map { .table($0) } + [publishedGeography])
    }
    if !examples.isEmpty { page.add("Examples", [.pictures(examples)]) }
    return page
  }

  /// Masks per image beside published datasets.
  private var beside: BarChart {
    let others = CollectionStatistics.published
    var chart = BarChart(
      "Masks per image, beside published datasets",
      categories: datasets.map(\.name) + others.map { "\($0.name), published" },
      axis: ChartAxis("masks per image"))
    // "about 100" is a number in words.
    let published = others.map { $0.perImage.split(separator: " ").last.flatMap { Double($0) } ?? .nan }
    chart.series = [BarChart.Series("masks per image", values: datasets.map(\.meanCount) + published)]
    return chart
  }

  /// Shares of images by region and by income, beside those of published datasets.
  private var geographyCharts: [BarChart] {
    guard let geography else { return [] }
    let images = datasets.reduce(0) { $0 + $1.images }
    func chart(_ title: String, _ groups: [(name: String, count: Int)]) -> BarChart {
      var chart = BarChart(
        title, categories: groups.map(\.name), axis: ChartAxis("share of images", range: 0...1))
      chart.series = [BarChart.Series("here", values: groups.map { share($0.count, of: images) })]
      for (place, name) in ["SA-1B", "COCO", "Open Images"].enumerated() {
        chart.series.append(
          BarChart.Series(
            "\(name), published",
            values: groups.map { group in
              Geography.published.first { $0.group == group.name }.flatMap { Double($0.shares[place]) }
                .map { $0 / 100 } ?? .nan
            }))
      }
      return chart
    }
    return [
      chart(
        "Images by region",
        Country.Region.allCases.map { region in
          (region.rawValue, geography.count { $0.region == region }.count.images)
        }),
      chart(
        "Images by income of the country",
        Country.Income.allCases.map { income in
          (income.rawValue, geography.count { $0.income == income }.count.images)
        }),
    ]
  }

  private var shapes: [any Chart] {
    var counts = Histogram(
      "Images by number of masks", bins: CollectionStatistics.countBins, x: "masks of an image",
      y: ChartAxis("share of images"))
    counts.series = shown.map { Histogram.Series($0.name, values: $0.countShares) }
    func lines(
      _ title: String, _ axis: String, _ values: (CollectionStatistics) -> [Double]
    ) -> LineChart {
      var chart = LineChart(title, x: ChartAxis(axis, range: 0...1), y: ChartAxis("share of masks"))
      chart.series = shown.map { dataset in
        let shares = CollectionStatistics.shares(values(dataset), bins: 20)
        return LineChart.Series(
          dataset.name, points: shares.enumerated().map { ((Double($0) + 0.5) / 20, $1) }, marksPoints: true)
      }
      return chart
    }
    return [
      counts, lines("Sizes", "√(mask area / image area)") { $0.relativeSizes },
      lines("Concavity, all masks", "concavity") { $0.concavities },
      lines("Concavity, equally many of each size", "concavity") { $0.stratified(seed: seed).concavities },
    ]
  }

  /// As many datasets as there are colours to tell apart, the largest; all are in the table.
  private var shown: [CollectionStatistics] {
    let largest = datasets.indices.sorted { (datasets[$1].masks, $0) < (datasets[$0].masks, $1) }.prefix(6)
    return largest.sorted().map { datasets[$0] }
  }

  private func heatMap(_ dataset: CollectionStatistics) -> any Chart {
    HeatMapChart(
      dataset.name, columns: dataset.centres.cells, values: dataset.centres.counts.map(Double.init),
      unit: "masks")
  }

  private var publishedGeography: Report.Block {
    .published(
      ReportTable(
        "Images of SA-1B, and shares of images in per cent",
        columns: ["group", "countries", "images", "masks", "SA-1B", "COCO", "Open Images"],
        rows: Geography.published.map { [$0.group, "\($0.countries)", $0.images, $0.masks] + $0.shares }),
      source: "Segment Anything (arXiv 2304.02643), table 1.")
  }
}
