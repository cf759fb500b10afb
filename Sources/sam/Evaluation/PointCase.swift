import Datasets
import Evaluation
import Files
import Imaging
import Reports
import SegmentAnything

/// A mask that was asked for by points, to be shown in a report.
struct PointCase {
  let source: any DatasetSource
  /// The image's position in the dataset, and the mask's in the image.
  let index: Int, annotation: Int
  let result: PointResult

  /// With one point.
  var iou: Double { result.points.first ?? 0 }

  /// The true mask on the left, the model's on the right; nil where the picture can no longer be read.
  ///
  /// - Parameter title: stands before the image's name.
  func picture(by model: SAM, _ embeddings: KeptEmbeddings, title: String = "") throws -> ReportPicture? {
    guard let sample = try? source.sample(at: index), let image = try? sample.image(),
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
    func fixed(_ value: Double?) -> String { value.map { Decimal.fixed($0, decimals: 2) } ?? "-" }
    return try ReportPicture(
      Image(sideBySide: [truth, found]),
      caption: title + "\(source.name), \(sample.name), mask \(annotation): IoU \(fixed(iou)), "
        + "predicted \(fixed(result.candidates.map(\.predictedIoU).max())), oracle \(fixed(result.oracle))",
      description: "The true mask, and the mask that one point was answered with, over the picture")
  }
}
