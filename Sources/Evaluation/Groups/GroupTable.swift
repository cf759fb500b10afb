package import Files

/// Which masks belong to which groups: a table with a row for each mask, or each image, and attribute.
///
/// | column | content |
/// |---|---|
/// | `image` | the image's name in its dataset; not needed where `mask` tells enough |
/// | `mask` | the annotation's number; where there is none, the row means all masks of the image |
/// | `attribute` | what divides, such as `age` |
/// | `value` | the group, such as `older` |
/// | `dataset` | optional: the dataset's name |
package struct GroupTable: Sendable {
  /// One row.
  package struct Entry: Sendable, Equatable {
    package let dataset: String?
    package let image: String?
    package let mask: Int?
    package let attribute: String
    package let value: String
    /// Where it is in the file.
    package let line: Int
  }

  /// The rows.
  package let entries: [Entry]
  /// The file.
  package let path: String
  private let byImage: [String: [Int]]
  private let byMask: [Int: [Int]]

  /// Reads what a table says.
  package init(_ table: CSVTable) throws(CSVError) {
    path = table.path
    let attribute = try table.column("attribute"), value = try table.column("value")
    let image = table.header.firstIndex(of: "image"), mask = table.header.firstIndex(of: "mask")
    let dataset = table.header.firstIndex(of: "dataset")
    guard image != nil || mask != nil else {
      throw CSVError(path: table.path, line: nil, problem: .noColumn("image", there: table.header))
    }
    var entries: [Entry] = []
    var seen: [String: (value: String, line: Int)] = [:]
    for row in table.rows {
      let number = try mask.flatMap { (column) throws(CSVError) -> Int? in
        guard !row.cells[column].isEmpty else { return nil }
        guard let number = Int(row.cells[column]) else {
          throw CSVError(
            path: table.path, line: row.line, problem: .content("'\(row.cells[column])' is no mask's number"))
        }
        return number
      }
      let name = image.map { row.cells[$0] }.flatMap { $0.isEmpty ? nil : $0 }
      guard name != nil || number != nil else {
        throw CSVError(
          path: table.path, line: row.line, problem: .content("names neither an image nor a mask"))
      }
      let entry = Entry(
        dataset: dataset.map { row.cells[$0] }.flatMap { $0.isEmpty ? nil : $0 }, image: name, mask: number,
        attribute: try table.text(row, attribute), value: try table.text(row, value), line: row.line)
      let key = [entry.dataset ?? "", name ?? "", number.map(String.init) ?? "", entry.attribute]
        .joined(separator: "\u{1}")
      if let before = seen.updateValue((entry.value, row.line), forKey: key) {
        throw CSVError(
          path: table.path, line: row.line,
          problem: .content(
            before.value == entry.value
              ? "says the same as line \(before.line)"
              : "\(entry.attribute) is '\(entry.value)' here and '\(before.value)' in line \(before.line)"))
      }
      entries.append(entry)
    }
    guard !entries.isEmpty else {
      throw CSVError(path: table.path, line: nil, problem: .content("no rows below the header"))
    }
    self.entries = entries
    byImage = Dictionary(
      grouping: entries.indices.filter { entries[$0].image != nil }, by: { entries[$0].image ?? "" })
    byMask = Dictionary(
      grouping: entries.indices.filter { entries[$0].image == nil }, by: { entries[$0].mask ?? 0 })
  }

  /// The rows that mean a mask.
  package func rows(dataset: String, image: String, mask: Int) -> [Int] {
    let named = (byImage[image] ?? []).filter { entries[$0].mask == nil || entries[$0].mask == mask }
    return (named + (byMask[mask] ?? [])).filter {
      entries[$0].dataset == nil || entries[$0].dataset == dataset
    }
    .sorted()
  }

  /// Attributes and their values, in the order in which they first occur.
  package var groups: [(attribute: String, values: [String])] {
    var groups: [(attribute: String, values: [String])] = []
    var places: [String: Int] = [:]
    var known: Set<[String]> = []
    for entry in entries {
      let place = places[entry.attribute] ?? groups.count
      if place == groups.count {
        groups.append((entry.attribute, []))
        places[entry.attribute] = place
      }
      if known.insert([entry.attribute, entry.value]).inserted { groups[place].values.append(entry.value) }
    }
    return groups
  }
}

/// Measured values by attribute and group.
package struct GroupedValues: Sendable, Equatable {
  /// The names of the measures, such as `1 point`.
  package let measures: [String]
  /// Attributes, each with its groups, each with a list of values for each measure.
  package private(set) var attributes: [(name: String, groups: [(name: String, values: [[Double]])])] = []

  /// No values yet; groups can be named before, so that those that stay empty are told, too.
  package init(measures: [String], groups: [(attribute: String, values: [String])] = []) {
    self.measures = measures
    attributes = groups.map { attribute, values in
      (attribute, values.map { ($0, [[Double]](repeating: [], count: measures.count)) })
    }
  }

  /// Adds what was measured of one mask to a group.
  package mutating func add(_ values: [Double], attribute: String, group: String) {
    if !attributes.contains(where: { $0.name == attribute }) { attributes.append((attribute, [])) }
    guard let place = attributes.firstIndex(where: { $0.name == attribute }) else { return }
    if !attributes[place].groups.contains(where: { $0.name == group }) {
      attributes[place].groups.append((group, [[Double]](repeating: [], count: measures.count)))
    }
    guard let member = attributes[place].groups.firstIndex(where: { $0.name == group }) else { return }
    for (measure, value) in values.enumerated() {
      attributes[place].groups[member].values[measure].append(value)
    }
  }

  /// The comparison of an attribute's groups by a measure.
  package func comparison(_ attribute: Int, measure: Int, seed: UInt64) -> GroupComparison {
    GroupComparison(
      attributes[attribute].name, attributes[attribute].groups.map { ($0.name, $0.values[measure]) },
      seed: seed)
  }

  package static func == (left: GroupedValues, right: GroupedValues) -> Bool {
    left.measures == right.measures
      && left.attributes.elementsEqual(right.attributes) { one, other in
        one.name == other.name
          && one.groups.elementsEqual(other.groups) { $0.name == $1.name && $0.values == $1.values }
      }
  }

  /// Reads values that were measured before: columns `attribute`, `value`, and one or more that begin with `iou`.
  package init(measured table: CSVTable) throws(CSVError) {
    let attribute = try table.column("attribute"), value = try table.column("value")
    let columns = table.header.indices.filter { table.header[$0].hasPrefix("iou") }
    guard !columns.isEmpty else {
      throw CSVError(path: table.path, line: nil, problem: .noColumn("iou", there: table.header))
    }
    self.init(
      measures: columns.map { column in
        let name = table.header[column]
        guard name.hasPrefix("iou_"), let count = Int(name.dropFirst(4)) else { return name }
        return count == 1 ? "1 point" : "\(count) points"
      })
    for row in table.rows {
      var values: [Double] = []
      for column in columns {
        let value = try table.number(row, column)
        guard (0...1).contains(value) else {
          throw CSVError(
            path: table.path, line: row.line,
            problem: .content("an IoU of \(Decimal.exact(value)); expected 0 to 1"))
        }
        values.append(value)
      }
      add(values, attribute: try table.text(row, attribute), group: try table.text(row, value))
    }
    guard !attributes.isEmpty else {
      throw CSVError(path: table.path, line: nil, problem: .content("no rows below the header"))
    }
  }
}
