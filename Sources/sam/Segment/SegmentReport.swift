import Files
import Imaging

/// What `sam segment` tells about one image.
struct SegmentReport {
  let task: SegmentTask
  let result: SegmentedImage
  let model: String

  /// One JSON object on one line.
  var json: String {
    let masks = result.masks.map { mask -> JSONText in
      let box = mask.mask.boundingBox ?? .empty
      var members: [(key: String, value: JSONText)] = [
        ("file", .optional(mask.file, JSONText.string)),
        ("predicted_iou", .number(Double(mask.predictedIoU), decimals: 5)),
        ("area", .integer(mask.mask.area)),
        ("bbox", .array([box.x, box.y, box.width, box.height].map(JSONText.integer))),
        ("segmentation", .segmentation(mask.mask)),
        ("prompt", .integer(mask.prompt)),
      ]
      if let name = mask.name { members.append(("name", .string(name))) }
      return .object(members)
    }
    return JSONText.object([
      ("image", .string(task.name)), ("width", .integer(result.width)), ("height", .integer(result.height)),
      ("model", .string(model)), ("masks", .array(masks)),
      ("times_ms", result.times.json),
    ]).line
  }

  /// The same for people.
  var text: String {
    let hasNames = result.masks.contains { $0.name != nil }
    var table = Table([
      "mask": .right, "predicted IoU": .right, "area": .right, "box x,y,w,h": .left, "file": .left,
      hasNames ? "name" : "": .left,
    ])
    for (index, mask) in result.masks.enumerated() {
      let box = mask.mask.boundingBox ?? .empty
      table.add(
        String(index), Decimal.fixed(Double(mask.predictedIoU), decimals: 3), String(mask.mask.area),
        "\(box.x),\(box.y),\(box.width),\(box.height)", mask.file ?? "-", mask.name ?? "")
    }
    return """
      \(task.name): \(result.width) x \(result.height), \(model)
      \(table.text)
      \(result.times.line)
      """
  }
}
