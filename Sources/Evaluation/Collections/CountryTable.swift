package import Files

/// In which country each image was taken: a table with columns `image` and `country`, and optionally `dataset`.
package struct CountryTable: Sendable {
  private struct Key: Hashable {
    let dataset: String?, image: String
  }
  private var countries: [Key: String] = [:]
  private var lines: [Key: Int] = [:]

  /// Reads what a table says.
  package init(_ table: CSVTable) throws(CSVError) {
    let image = try table.column("image"), country = try table.column("country")
    let dataset = table.header.firstIndex(of: "dataset")
    for row in table.rows {
      let key = Key(
        dataset: dataset.map { row.cells[$0] }.flatMap { $0.isEmpty ? nil : $0 },
        image: try table.text(row, image))
      lines[key] = row.line
      if countries.updateValue(row.cells[country], forKey: key) != nil {
        throw CSVError(path: table.path, line: row.line, problem: .content("'\(key.image)' occurs twice"))
      }
    }
  }

  /// The country of an image as the table has it; nil for an image that it does not name, empty where it says none.
  package func country(ofImage image: String, in dataset: String) -> String? {
    countries[Key(dataset: dataset, image: image)] ?? countries[Key(dataset: nil, image: image)]
  }

  /// The first row, and how many, that name none of some images; nil where all of them do.
  ///
  /// - Parameter images: datasets and names.
  package func unused(_ images: [(dataset: String, image: String)]) -> (image: String, line: Int, count: Int)?
  {
    var rest = Set(countries.keys)
    for (dataset, image) in images {
      rest.remove(Key(dataset: dataset, image: image))
      rest.remove(Key(dataset: nil, image: image))
    }
    guard let first = rest.min(by: { lines[$0] ?? 0 < lines[$1] ?? 0 }) else { return nil }
    return (first.image, lines[first] ?? 0, rest.count)
  }
}

/// How many images and masks there are from each country, region and income.
package struct Geography: Sendable, Equatable {
  /// Images and masks of a group.
  package struct Count: Sendable, Equatable {
    package var images = 0
    package var masks = 0

    package init() {}
  }

  /// By what the table says, known to ``Country`` or not.
  package private(set) var countries: [String: Count] = [:]
  /// Images without a country.
  package private(set) var unknown = Count()

  package init() {}

  /// Counts an image.
  package mutating func add(country: String?, masks: Int) {
    guard let country, !country.isEmpty else {
      unknown.images += 1
      unknown.masks += masks
      return
    }
    let name = Country(country)?.code ?? country
    countries[name, default: Count()].images += 1
    countries[name, default: Count()].masks += masks
  }

  /// Countries from the most images to the fewest; equal ones by name.
  package var ranked: [(name: String, count: Count)] {
    countries.map { ($0.key, $0.value) }.sorted { ($1.1.images, $0.0) < ($0.1.images, $1.0) }
  }

  /// Names that are no country's three letters.
  package var unrecognized: [String] { countries.keys.filter { Country($0) == nil }.sorted() }

  /// Images and masks of the countries for which `key` gives the group.
  package func count(_ isWanted: (Country) -> Bool) -> (countries: Int, count: Count) {
    var total = Count()
    var number = 0
    for (name, count) in countries {
      guard let country = Country(name), isWanted(country) else { continue }
      number += 1
      total.images += count.images
      total.masks += count.masks
    }
    return (number, total)
  }

  /// The paper's table 1: images and masks of SA-1B, and shares of images of SA-1B, COCO and Open Images in per cent.
  package static let published:
    [(group: String, countries: Int, images: String, masks: String, shares: [String])] =
      [
        ("Africa", 54, "300k", "28M", ["2.8", "3.0", "1.7"]),
        ("Asia & Oceania", 70, "3.9M", "423M", ["36.2", "11.4", "14.3"]),
        ("Europe", 47, "5.4M", "540M", ["49.8", "34.2", "36.2"]),
        ("Latin America & Caribbean", 42, "380k", "36M", ["3.5", "3.1", "5.0"]),
        ("North America", 4, "830k", "80M", ["7.7", "48.3", "42.8"]),
        ("high income", 81, "5.8M", "598M", ["54.0", "89.1", "87.5"]),
        ("middle income", 108, "4.9M", "499M", ["45.0", "10.5", "12.0"]),
        ("low income", 28, "100k", "9.4M", ["0.9", "0.4", "0.5"]),
      ]
}
