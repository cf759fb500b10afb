import Evaluation
import Reports
import SegmentAnything

/// The masks of groups, of which a report shows some.
struct GroupCases {
  private var attributes: [(name: String, groups: [(name: String, cases: [PointCase])])] = []

  /// Adds a mask to a group.
  mutating func add(_ shown: PointCase, attribute: String, group: String) {
    let place = attributes.firstIndex { $0.name == attribute } ?? attributes.count
    if place == attributes.count { attributes.append((attribute, [])) }
    let member = attributes[place].groups.firstIndex { $0.name == group } ?? attributes[place].groups.count
    if member == attributes[place].groups.count { attributes[place].groups.append((group, [])) }
    attributes[place].groups[member].cases.append(shown)
  }

  /// Of each group the mask in the middle, by its IoU with one point, and the worst.
  func pictures(
    by model: SAM, _ embeddings: KeptEmbeddings
  ) throws -> [(attribute: String, pictures: [ReportPicture])] {
    try attributes.map { attribute, groups in
      let pictures = try groups.flatMap { group, cases -> [ReportPicture] in
        let order = cases.indices.sorted { (cases[$0].iou, $0) < (cases[$1].iou, $1) }
        var chosen = [("in the middle", order[order.count / 2])]
        if order.count > 1 { chosen.append(("worst", order[0])) }
        return try chosen.compactMap { title, place in
          try cases[place].picture(by: model, embeddings, title: "\(group), \(title): ")
        }
      }
      return (attribute, pictures)
    }
  }
}
