import Datasets
import Evaluation
import Imaging
import Reports
import SegmentAnything

extension PointsPage {
  /// Cases that are shown of the best, the middle and the worst.
  private static let casesShown = 4

  /// A mask that is shown.
  private struct Case {
    let source: Int
    let image: ImagePointResults
    let mask: Int
    var iou: Double { image.masks[mask].result.points.first ?? 0 }
  }

  /// The best, the middle and the worst masks, with pictures.
  func cases() throws -> [(title: String, pictures: [ReportPicture])] {
    var cases: [Case] = []
    for (source, dataset) in measured.enumerated() {
      for image in dataset.images {
        cases += image.masks.indices.map { Case(source: source, image: image, mask: $0) }
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
    return try choices.map { title, places in (title, try places.compactMap { try picture(cases[$0]) }) }
  }

  /// The true mask on the left, the model's on the right; nil where the picture can no longer be read.
  private func picture(_ shown: Case) throws -> ReportPicture? {
    let source = sources[shown.source]
    let (annotation, result) = shown.image.masks[shown.mask]
    guard let sample = try? source.sample(at: shown.image.index), let image = try? sample.image(),
      sample.annotations.indices.contains(annotation), let click = result.clicks.first
    else { return nil }
    let embedding = try embeddings.embedding(of: sample, in: source.name)
    let answer = try model.predict(
      [.point(Float(click.x), Float(click.y))], in: embedding, multimask: true)[0]
    func panel(_ mask: Mask, _ color: Color) throws(ImageError) -> Image {
      var overlay = Overlay(image)
      try overlay.add(mask, color: color)
      overlay.addPoint(x: Double(click.x) + 0.5, y: Double(click.y) + 0.5, isForeground: true)
      return overlay.image
    }
    let truth = try panel(sample.annotations[annotation].mask.mask, .distinct(1))
    let found = try panel(answer.masks[answer.mostConfident], .distinct(0))
    let predicted = result.candidates.map(\.predictedIoU).max()
    return try ReportPicture(
      Image(sideBySide: [truth, found]),
      caption: "\(source.name), \(sample.name), mask \(annotation): IoU \(fixed(shown.iou, 2)), "
        + "predicted \(fixed(predicted, 2)), oracle \(fixed(result.oracle, 2))",
      description: "The true mask, and the mask that one point was answered with, over the picture")
  }
}
