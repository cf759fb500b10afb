internal import Files
internal import Imaging

/// `metadata.csv`, which the reference's batch script writes beside the PNG files of an image's masks.
enum MaskMetadata {
  static let fileName = "metadata.csv"

  static let columns = [
    "id", "area", "bbox_x0", "bbox_y0", "bbox_w", "bbox_h", "point_input_x", "point_input_y", "predicted_iou",
    "stability_score", "crop_box_x0", "crop_box_y0", "crop_box_w", "crop_box_h",
  ]

  /// The table of annotations; mask i is the file `i.png`. Fields that an annotation does not have are empty.
  static func text(_ annotations: [Annotation]) -> String {
    func number(_ value: Double?) -> String { value.map(Decimal.exact) ?? "" }
    let rows = annotations.enumerated().map { index, annotation in
      let (box, crop, point) = (annotation.box, annotation.cropBox, annotation.points.first)
      let values: [Double?] = [
        annotation.area, box.x, box.y, box.width, box.height, point?.x, point?.y, annotation.predictedIoU,
        annotation.stabilityScore, crop?.x, crop?.y, crop?.width, crop?.height,
      ]
      return CSVTable.Row([String(index)] + values.map(number))
    }
    return CSVTable(header: columns, rows: rows).text
  }

  /// What a table says about the mask of each name, such as `0` for `0.png`.
  ///
  /// - Throws: ``DatasetError/text(path:line:problem:)``.
  static func read(_ bytes: UnsafeRawBufferPointer, path: String) throws(DatasetError) -> [String: Fields] {
    do throws(CSVError) {
      let table = try CSVTable(parsing: [UInt8](bytes), path: path)
      let id = try table.column("id")
      var rows: [String: Fields] = [:]
      for row in table.rows {
        var fields = Fields()
        for column in table.header.indices where column != id && !row.cells[column].isEmpty {
          fields.values[table.header[column]] = try table.number(row, column)
        }
        rows[row.cells[id]] = fields
      }
      return rows
    } catch {
      throw .text(path: path, line: error.line ?? 1, problem: error.problem.description)
    }
  }

  /// One row.
  struct Fields {
    fileprivate var values: [String: Double] = [:]

    /// The annotation of a mask with what the row says.
    func annotation(id: Int, mask: RunLengthMask) -> Annotation {
      func box(_ prefix: String) -> BoxXYWH? {
        guard let x = values[prefix + "_x0"], let y = values[prefix + "_y0"],
          let width = values[prefix + "_w"],
          let height = values[prefix + "_h"]
        else { return nil }
        return BoxXYWH(x: x, y: y, width: width, height: height)
      }
      var points: [Point] = []
      if let x = values["point_input_x"], let y = values["point_input_y"] { points = [Point(x: x, y: y)] }
      return Annotation(
        id: id, mask: mask, area: values["area"], box: box("bbox"), predictedIoU: values["predicted_iou"],
        stabilityScore: values["stability_score"], points: points, cropBox: box("crop_box"))
    }
  }
}
