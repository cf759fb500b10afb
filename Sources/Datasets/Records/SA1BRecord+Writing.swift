internal import Files
internal import Imaging

extension SA1BRecord {
  /// The record as SA-1B's JSON on one line, run lengths compressed. Equal records give equal bytes.
  public var json: [UInt8] {
    let image = JSONText.object([
      ("image_id", .optional(imageID, JSONText.integer)), ("width", .integer(width)),
      ("height", .integer(height)), ("file_name", .optional(fileName, JSONText.string)),
    ])
    let document = JSONText.object([("image", image), ("annotations", .array(annotations.map(\.sa1bText)))])
    return Array((document.line + "\n").utf8)
  }

  /// The list of annotations alone, as the reference's batch script writes it.
  public var annotationsJSON: [UInt8] {
    Array((JSONText.array(annotations.map { .object($0.recordFields) }).line + "\n").utf8)
  }
}

extension Annotation {
  /// The annotation as in SA-1B's files.
  fileprivate var sa1bText: JSONText { .object([("id", .integer(id))] + recordFields) }

  /// The fields of the reference's automatic mask generator, under its keys and in its order.
  fileprivate var recordFields: [(key: String, value: JSONText)] {
    [
      ("segmentation", .runs(mask)), ("area", .real(area)), ("bbox", .box(box)),
      ("predicted_iou", .optional(predictedIoU, JSONText.real)),
      ("point_coords", .array(points.map { .array([.real($0.x), .real($0.y)]) })),
      ("stability_score", .optional(stabilityScore, JSONText.real)),
      ("crop_box", .optional(cropBox, JSONText.box)),
    ]
  }
}

extension JSONText {
  /// COCO's compressed run lengths.
  static func runs(_ mask: RunLengthMask) -> JSONText {
    .object([
      ("size", .array([.integer(mask.height), .integer(mask.width)])), ("counts", .string(mask.compressed)),
    ])
  }

  /// `[x, y, width, height]`.
  static func box(_ box: BoxXYWH) -> JSONText {
    .array([.real(box.x), .real(box.y), .real(box.width), .real(box.height)])
  }
}
