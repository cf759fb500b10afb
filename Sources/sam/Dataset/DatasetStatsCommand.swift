import ArgumentParser
import Datasets
import Evaluation
import Files
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

      A sample that cannot be read is told and left out; the exit code is 1 then.
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

  @OptionGroup var resultOptions: ResultOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit \(limit): expected 1 or more") }
  }

  func run() throws {
    let sources = try folders.map { try openDataset($0, needsPictures: false) }
    for (index, source) in sources.enumerated() {
      if let first = sources[..<index].firstIndex(where: { $0.name == source.name }) {
        throw CommandError.sameName(first: folders[first], second: folders[index], name: source.name)
      }
    }
    let table = try countries.map { try CountryTable(CSVTable(contentsOfFile: $0)) }
    let chosen = sources.map { ImageSelection.drawn(limit, of: $0.count, seed: seed) }
    let total = chosen.reduce(0) { $0 + $1.count }
    var (done, failed) = (0, 0)
    var named: [(dataset: String, image: String)] = []
    var progress = ProgressLine("dataset stats", unit: .images)
    var page = StatisticsPage(seed: seed, geography: table == nil ? nil : Geography())
    for (source, images) in zip(sources, chosen) {
      var statistics = CollectionStatistics(source.name)
      for index in images {
        do {
          let sample = try source.sample(at: index)
          let before = statistics.masks
          statistics.add(sample)
          if let table {
            named.append((source.name, sample.name))
            page.geography?.add(
              country: table.country(ofImage: sample.name, in: source.name), masks: statistics.masks - before)
          }
        } catch {
          failed += 1
          progress.clear()
          Console.note("sam: \(error)")
        }
        done += 1
        progress.update(done, of: total)
      }
      page.datasets.append(statistics)
    }
    progress.clear()
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
      page.report
    }
    if failed > 0 { throw CommandError.someFailed(failed: failed, of: total) }
  }
}
