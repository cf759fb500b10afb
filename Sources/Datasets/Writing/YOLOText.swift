internal import Files
internal import Imaging

/// A file of YOLO's segmentation labels: for each object a line with its class, from 0 on, and one ring of points in parts of the
/// image's width and height.
enum YOLOText {
  /// Enough digits for the corners of pixels in the largest images.
  private static let decimals = 8

  static func text(_ image: AnnotatedImage) -> String {
    image.annotations.compactMap { annotation -> String? in
      guard let ring = MaskPolygons(annotation.mask).singleRing else { return nil }
      let numbers = ring.flatMap { [$0.x / Double(image.width), $0.y / Double(image.height)] }
      return
        ([String(max(0, (annotation.category ?? 1) - 1))]
        + numbers.map { Decimal.shortest($0, decimals: decimals) }).joined(separator: " ") + "\n"
    }.joined()
  }

  /// Reads a file; classes count from 1 in the annotations.
  ///
  /// A line of four numbers after the class is a box, by its centre and size, and stands for all pixels in it.
  static func annotations(
    _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, labels: [String], path: String
  ) throws(DatasetError) -> [Annotation] {
    var annotations: [Annotation] = []
    for (index, line) in String(decoding: bytes, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard let first = words.first else { continue }
      guard let number = Int(first), number >= 0 else {
        throw .text(path: path, line: index + 1, problem: "'\(first)' is no class")
      }
      var values: [Double] = []
      for word in words.dropFirst() {
        guard let value = Double(word), value.isFinite, abs(value) <= 16 else {
          throw .text(path: path, line: index + 1, problem: "'\(word)' is no part of an image's side")
        }
        values.append(value)
      }
      if values.count == 4 {
        let (x, y, width, height) = (values[0], values[1], values[2] / 2, values[3] / 2)
        values = [x - width, y - height, x + width, y - height, x + width, y + height, x - width, y + height]
      }
      guard values.count >= 6, values.count % 2 == 0 else {
        throw .text(
          path: path, line: index + 1, problem: "\(values.count) numbers are neither a box nor a ring")
      }
      let ring = stride(from: 0, to: values.count, by: 2).map {
        Point(x: values[$0] * Double(width), y: values[$0 + 1] * Double(height))
      }
      do throws(PolygonError) {
        let polygons = try MaskPolygons(width: width, height: height, polygons: [Polygon(outer: ring)])
        annotations.append(
          Annotation(
            id: annotations.count + 1, mask: RunLengthMask(polygons.mask), category: number + 1,
            label: number < labels.count ? labels[number] : nil))
      } catch {
        throw .record(path: path, annotation: annotations.count, .polygon(error))
      }
    }
    return annotations
  }
}
