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
}
