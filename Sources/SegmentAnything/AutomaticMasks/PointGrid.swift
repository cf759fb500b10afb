public import Imaging

/// Grids of points in parts of a box, 0...1.
public enum PointGrid {
  /// A grid of evenly spaced points, each in the middle of its cell, row by row.
  public static func square(_ pointsPerSide: Int) -> [Point] {
    guard pointsPerSide > 0 else { return [] }
    let margin = 1 / (2 * Double(pointsPerSide))
    // NumPy's `linspace`, whose last place counts in comparisons with the reference.
    let step = (1 - margin - margin) / Double(max(1, pointsPerSide - 1))
    var along = (0..<pointsPerSide).map { Double($0) * step + margin }
    if pointsPerSide > 1 { along[pointsPerSide - 1] = 1 - margin }
    return along.flatMap { y in along.map { x in Point(x: x, y: y) } }
  }

  /// The points of a layer of crops; none where a grid of that layer is missing or shrunk to nothing.
  package static func points(layer: Int, _ settings: AutomaticMaskGenerator.Settings) -> [Point] {
    if let grids = settings.pointGrids { return layer < grids.count ? grids[layer] : [] }
    var count = settings.pointsPerSide
    for _ in 0..<layer { count /= settings.cropPointsDownscaleFactor }
    return square(count)
  }
}
