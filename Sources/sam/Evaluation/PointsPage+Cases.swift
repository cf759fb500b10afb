import Evaluation
import Reports

extension PointsPage {
  /// Cases that are shown of the best, the middle and the worst.
  private static let casesShown = 4

  /// The best, the middle and the worst masks, with pictures.
  func cases() throws -> [(title: String, pictures: [ReportPicture])] {
    var cases: [PointCase] = []
    for (source, dataset) in zip(sources, measured) {
      for image in dataset.images {
        cases += image.masks.map { mask in
          PointCase(source: source, index: image.index, annotation: mask.annotation, result: mask.result)
        }
      }
    }
    // Equal ones keep the order in which they were measured.
    let order = cases.indices.sorted { (cases[$0].iou, $0) < (cases[$1].iou, $1) }
    let shown = min(Self.casesShown, order.count)
    let middle = (order.count - shown) / 2
    let choices = [
      ("Best with one point", order.suffix(shown).reversed()),
      ("In the middle", Array(order[middle..<middle + shown])),
      ("Worst with one point", Array(order.prefix(shown))),
    ]
    return try choices.map { title, places in
      (title, try places.compactMap { try cases[$0].picture(by: model, embeddings) })
    }
  }
}
