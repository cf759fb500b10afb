import Datasets
import Evaluation
import Reports

extension PointsPage {
  /// Cases that are shown of the best, the middle and the worst.
  private static let casesShown = 4

  /// The best, the middle and the worst masks, of different pictures as far as there are so many, with pictures.
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
    // A picture of which many masks are equally bad would be all that is seen: one mask of each comes first.
    func first(_ order: some Sequence<Int>) -> [Int] {
      var (seen, ones, others) = (Set<String>(), [Int](), [Int]())
      for place in order {
        guard ones.count < shown else { break }
        if seen.insert("\(cases[place].source.name)/\(cases[place].index)").inserted {
          ones.append(place)
        } else {
          others.append(place)
        }
      }
      return Array((ones + others).prefix(shown))
    }
    let choices = [
      ("Best with one point", first(order.reversed())),
      ("In the middle", first(order[middle...])),
      ("Worst with one point", first(order)),
    ]
    return try choices.map { title, places in
      (title, try places.compactMap { try cases[$0].picture(by: model, embeddings) })
    }
  }
}
