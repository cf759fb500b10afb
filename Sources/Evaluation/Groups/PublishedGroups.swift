/// Published results by groups of people ("Segment Anything", arXiv 2304.02643, tables 2 and 6).
public struct PublishedGroups: Sendable, Equatable {
  /// What was segmented, and by what the groups differ.
  public let subject: String, attribute: String
  /// The groups: mIoU in per cent and half its 95 % interval, with one and with three random points.
  public let groups: [(name: String, one: Double, oneHalf: Double, three: Double, threeHalf: Double)]

  /// Whether both say the same.
  public static func == (left: PublishedGroups, right: PublishedGroups) -> Bool {
    left.subject == right.subject && left.attribute == right.attribute
      && left.groups.elementsEqual(right.groups, by: ==)
  }

  /// All tables.
  public static let all: [PublishedGroups] = [
    PublishedGroups(
      subject: "people", attribute: "gender",
      groups: [("feminine", 54.4, 1.7, 90.4, 0.6), ("masculine", 55.7, 1.7, 90.1, 0.6)]),
    PublishedGroups(
      subject: "people", attribute: "age",
      groups: [
        ("older", 62.9, 6.7, 92.6, 1.3), ("middle", 54.5, 1.3, 90.2, 0.5), ("young", 54.2, 2.2, 91.2, 0.7),
      ]),
    PublishedGroups(
      subject: "people", attribute: "skin tone",
      groups: [
        ("1", 52.9, 2.2, 91.0, 0.9), ("2", 51.5, 1.4, 91.1, 0.5), ("3", 52.2, 1.9, 91.4, 0.7),
        ("4", 51.5, 2.7, 91.7, 1.0), ("5", 52.4, 4.2, 92.5, 1.4), ("6", 56.7, 6.3, 91.2, 2.4),
      ]),
    PublishedGroups(
      subject: "clothing", attribute: "gender",
      groups: [("feminine", 76.3, 1.1, 90.7, 0.5), ("masculine", 81.0, 1.2, 92.3, 0.4)]),
    PublishedGroups(
      subject: "clothing", attribute: "age",
      groups: [
        ("older", 81.9, 3.8, 92.8, 1.6), ("middle", 78.2, 0.8, 91.3, 0.3), ("young", 77.3, 2.7, 91.5, 0.9),
      ]),
  ]

  /// What the paper has of people, with one and with three points, in the order of groups; not a number for a group that it does not
  /// have.
  ///
  /// - Parameters:
  ///   - attribute: however it is spelt; what divides people by gender is often called otherwise, so groups are asked, too.
  ///   - groups: such as `older`.
  public static func people(_ attribute: String, groups: [String]) -> (one: [Double], three: [Double])? {
    let wanted = Set(groups.map { $0.lowercased() })
    let isNamed = { (table: PublishedGroups) in attribute.lowercased().contains(table.attribute) }
    let candidates = all.filter { $0.subject == "people" }
    // Numbers mean skin tones only where the table says so.
    guard
      let table = candidates.first(where: isNamed)
        ?? candidates.first(where: { table in
          wanted.count > 1 && table.attribute != "skin tone"
            && wanted.isSubset(of: table.groups.map(\.name))
        })
    else { return nil }
    let found = groups.map { name in table.groups.first { $0.name == name.lowercased() } }
    guard found.contains(where: { $0 != nil }) else { return nil }
    return (
      found.map { $0.map { $0.one / 100 } ?? .nan }, found.map { $0.map { $0.three / 100 } ?? .nan }
    )
  }
}
