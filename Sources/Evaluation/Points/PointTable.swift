package import Files

/// The results of every mask, as a table: a row for each, in the order they were measured.
package enum PointTable {
  /// - Parameter datasets: names and results.
  package static func table(_ datasets: [(name: String, images: [ImagePointResults])]) -> CSVTable {
    let all = datasets.flatMap { $0.images.flatMap { $0.masks.map(\.result) } }
    let points = all.map(\.points.count).max() ?? 0
    let boundaries = all.map(\.boundaries.count).max() ?? 0
    let boxPoints = all.map(\.boxPoints.count).max() ?? 0
    let hasBoxBoundary = all.contains { $0.boxBoundary != nil }
    func names(_ prefix: String, _ count: Int) -> [String] { (0..<count).map { "\(prefix)\($0 + 1)" } }
    var header = ["dataset", "image", "annotation", "area", "first_x", "first_y"]
    header += names("iou_", points) + ["oracle", "predicted_iou", "box"] + names("box_", boxPoints)
    header += names("boundary_", boundaries) + (hasBoxBoundary ? ["boundary_box"] : [])
    header += PointMeasures.thresholds.map { "clicks_\(Int(($0 * 100).rounded()))" }
    var table = CSVTable(header: header)
    func list(_ values: [Double], _ count: Int) -> [String] {
      (0..<count).map { values.indices.contains($0) ? Decimal.exact(values[$0]) : "" }
    }
    for (name, images) in datasets {
      for image in images {
        for (annotation, result) in image.masks {
          var row = [name, image.name, "\(annotation)", "\(result.area)"]
          row += result.clicks.first.map { ["\($0.x)", "\($0.y)"] } ?? ["", ""]
          let predicted = result.candidates.map(\.predictedIoU).max()
          row += list(result.points, points)
          row += [
            Decimal.exact(result.oracle), predicted.map(Decimal.exact) ?? "", Decimal.exact(result.box),
          ]
          row += list(result.boxPoints, boxPoints) + list(result.boundaries, boundaries)
          if hasBoxBoundary { row.append(result.boxBoundary.map(Decimal.exact) ?? "") }
          row += PointMeasures.thresholds.map { result.clicksNeeded(for: $0).map(String.init) ?? "" }
          table.rows.append(CSVTable.Row(row))
        }
      }
    }
    return table
  }
}
