import ArgumentParser
import Datasets
import Evaluation
import Files
import Imaging
import Reports
import Statistics

/// `sam dataset stats`: masks per image, sizes, centres, concavity, geography.
struct DatasetStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Masks per image, their sizes, centres and concavity; several datasets side by side.",
    discussion: """
      The measures of figures 5 and 6 of the paper. Size is the square root of a mask's share of the image, concavity 1 - area / area \
      of the convex hull, the centre a mask's centroid. Concavity depends on size, so it is also told after equally many masks were \
      drawn from each of the size bins 0, .1, .2, .4, 1.

      With a table that has the columns image and country (ISO 3166, three letters), images and masks are told by country, region and \
      income, as in the paper's table 1.

      Examples:
        sam dataset stats data/val/*
        sam dataset stats mine coco.json --json stats.json --report stats.html
        sam dataset stats mine --countries countries.csv

      A sample that cannot be read is told and left out; the exit code is 1 then. With --out, Ctrl-C and the same command again go on \
      where it was.
      """)

  @Argument(help: "Datasets, in any form of docs/formats.md.", completion: .directory)
  var folders: [String]

  @Option(
    help: ArgumentHelp(
      "A table with columns image and country, and dataset where needed.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var countries: String?

  @Option(help: ArgumentHelp("Images drawn from each dataset at most (default: all).", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("The seed of what is drawn: images, and masks by size.", valueName: "n"))
  var seed: UInt64 = 77

  @OptionGroup var keeping: KeepingOptions
  @OptionGroup var resultOptions: ResultOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit \(limit): expected 1 or more") }
  }

  func run() throws {
    let sources = try openDatasets(folders, needsPictures: false)
    let table = try countries.map { try CountryTable(CSVTable(contentsOfFile: $0)) }
    let chosen = sources.map { ImageSelection.drawn(limit, of: $0.count, seed: seed) }
    let total = chosen.reduce(0) { $0 + $1.count }
    let run = try ImageRun(
      "dataset stats", out: keeping.out, settings: [], total: total, title: "dataset stats")
    var named: [(dataset: String, image: String)] = []
    var page = StatisticsPage(seed: seed, geography: table == nil ? nil : Geography())
    for (source, images) in zip(sources, chosen) {
      var statistics = CollectionStatistics(source.name)
      let counted = try run.results(of: source, images: images) { sample, _ in ImageStatistics(sample) }
      for (name, image) in counted {
        statistics.add(image)
        guard let table else { continue }
        named.append((source.name, name))
        page.geography?.add(
          country: table.country(ofImage: name, in: source.name), masks: image.maskCount)
      }
      page.datasets.append(statistics)
    }
    run.clear()
    try Console.print(page.text)
    for name in page.geography?.unrecognized ?? [] {
      Console.note("\(countries ?? ""): '\(name)' is no country's three letters; it is in no region")
    }
    if limit == nil, let unused = table?.unused(named) {
      Console.note(
        "\(countries ?? ""): line \(unused.line): '\(unused.image)' is in none of the datasets"
          + (unused.count > 1 ? ", nor is what \(unused.count - 1) other rows name" : ""))
    }
    try resultOptions.write {
      page.json.line + "\n"
    } report: {
      page.examples = zip(sources, chosen).flatMap { Self.examples(of: $0, $1) }
      return page.report
    }
    try run.finish()
  }

  /// Images from the beginning, the middle and the end of those that were counted, with all their masks; none where there are no
  /// pictures.
  private static func examples(of source: any DatasetSource, _ images: [Int]) -> [ReportPicture] {
    guard let first = images.first, let last = images.last else { return [] }
    return Set([first, images[images.count / 2], last]).sorted().compactMap { index in
      guard let sample = try? source.sample(at: index), let image = try? sample.image() else { return nil }
      var overlay = Overlay(image)
      for annotation in sample.annotations {
        guard (try? overlay.add(annotation.mask.mask)) != nil else { return nil }
      }
      return try? ReportPicture(
        overlay.image,
        caption: "\(source.name), \(sample.name): \(sample.annotations.count) masks",
        description: "The picture with all its masks")
    }
  }
}
