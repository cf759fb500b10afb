public import Files
internal import Imaging

/// Writes a file of annotations in COCO's form, one image after the other.
///
/// ```swift
/// try AtomicFile.write(to: "instances.json") { (sink) throws(FileError) in
///   var coco = try COCOWriter(sink)
///   try coco.add(annotations, ofImage: 1, width: 640, height: 480, fileName: "photo.jpg")
///   try coco.finish()
/// }
/// ```
///
/// Annotations go to the file at once; only a line for each image is kept until the end. Equal input gives equal bytes.
public struct COCOWriter {
  /// How masks are written.
  public enum Segmentation: String, Sendable, CaseIterable {
    /// Compressed run lengths.
    case rle
    /// Outlines where COCO's tools draw the same mask from them, else run lengths.
    case polygon
  }

  private let sink: AtomicFile.Sink
  private var images: [[UInt8]] = []
  private var hasAnnotations = false

  /// A writer to a file being written.
  public init(_ sink: AtomicFile.Sink) throws(FileError) {
    self.sink = sink
    try sink.write(
      Array(#"{"info": {"description": "Segment Anything"}, "licenses": [], "annotations": ["#.utf8))
  }

  /// Adds an image and its annotations, which keep their numbers. Annotations without a category get number 1.
  public mutating func add(
    _ annotations: [Annotation], ofImage id: Int, width: Int, height: Int, fileName: String,
    as segmentation: Segmentation = .rle
  ) throws(FileError) {
    let image = JSONText.object([
      ("id", .integer(id)), ("width", .integer(width)), ("height", .integer(height)),
      ("file_name", .string(fileName)),
    ])
    add(imageLine: Array(image.line.utf8))
    for annotation in annotations {
      try add(annotationLine: Array(annotation.cocoText(image: id, as: segmentation).line.utf8))
    }
  }

  mutating func add(imageLine: [UInt8]) { images.append(imageLine) }

  mutating func add(annotationLine: [UInt8]) throws(FileError) {
    try sink.write(Array((hasAnnotations ? ",\n" : "\n").utf8) + annotationLine)
    hasAnnotations = true
  }

  /// Writes the lists of images and categories, and ends the file.
  ///
  /// - Parameter categories: names by number; by default the one category `object`, number 1.
  public func finish(categories: [Int: String] = [1: "object"]) throws(FileError) {
    let lines = categories.sorted { $0.key < $1.key }.map { id, name in
      JSONText.object([("id", .integer(id)), ("name", .string(name))])
    }
    try finish(categories: Array(JSONText.array(lines).line.utf8))
  }

  /// - Parameter categories: the list of categories as JSON.
  func finish(categories: [UInt8]) throws(FileError) {
    try sink.write(Array("],\n\"images\": [".utf8))
    for (index, image) in images.enumerated() {
      try sink.write(Array((index == 0 ? "\n" : ",\n").utf8) + image)
    }
    try sink.write(Array("],\n\"categories\": ".utf8) + categories + Array("}\n".utf8))
  }
}

extension Annotation {
  fileprivate func cocoText(image: Int, as segmentation: COCOWriter.Segmentation) -> JSONText {
    var fields: [(key: String, value: JSONText)] = [
      ("id", .integer(id)), ("image_id", .integer(image)), ("category_id", .integer(category ?? 1)),
      ("segmentation", cocoSegmentation(segmentation)), ("area", .real(area)), ("bbox", .box(box)),
      ("iscrowd", .integer(isCrowd ? 1 : 0)),
    ]
    // What COCO does not know but its tools keep.
    if let predictedIoU { fields.append(("predicted_iou", .real(predictedIoU))) }
    if let stabilityScore { fields.append(("stability_score", .real(stabilityScore))) }
    if !points.isEmpty {
      fields.append(("point_coords", .array(points.map { .array([.real($0.x), .real($0.y)]) })))
    }
    if let cropBox { fields.append(("crop_box", .box(cropBox))) }
    return .object(fields)
  }

  private func cocoSegmentation(_ segmentation: COCOWriter.Segmentation) -> JSONText {
    guard segmentation == .polygon, !isCrowd, !mask.isEmpty else { return .runs(mask) }
    // Rings that the mask came from are kept; outlines are traced otherwise.
    let candidates = [rings, MaskPolygons(mask).withoutHoles.flatOuterRings].compactMap(\.self)
    let same = candidates.first { candidate in
      (try? StoredSegmentation.mask(of: candidate, width: mask.width, height: mask.height)) == mask
    }
    return same.map { .array($0.map { .array($0.map(JSONText.real)) }) } ?? .runs(mask)
  }
}
