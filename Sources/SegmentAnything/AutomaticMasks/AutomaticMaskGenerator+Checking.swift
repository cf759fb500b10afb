internal import Imaging

/// Why everything mode cannot run with some settings.
public enum GeneratorError: Error, Sendable, Equatable {
  /// A number outside what makes sense; `allowed` says what does.
  case setting(name: String, value: String, allowed: String)
  /// A grid of points is missing for a layer of crops, or empty.
  case noPoints(layer: Int)
  /// The region of interest is not inside the image.
  case region(PixelBox, width: Int, height: Int)
  /// An embedding of another size than the image.
  case embeddingSize(width: Int, height: Int, imageWidth: Int, imageHeight: Int)
  /// Crops or tiles were asked for where there is but an embedding.
  case needsImage
}

extension GeneratorError: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .setting(let name, let value, let allowed):
      "\(name) cannot be \(value): \(allowed)"
    case .noPoints(let layer):
      layer == 0 ? "there are no points to ask" : "there are no points for crop layer \(layer)"
    case .region(let box, let width, let height):
      "the region of interest (\(box.width)x\(box.height) at \(box.x),\(box.y)) is not inside the image of "
        + "\(width)x\(height) pixels"
    case .embeddingSize(let width, let height, let imageWidth, let imageHeight):
      "the embedding is of an image of \(width)x\(height) pixels, not of \(imageWidth)x\(imageHeight)"
    case .needsImage:
      "crops and tiles need the image, not only its embedding"
    }
  }
}

extension AutomaticMaskGenerator.Settings {
  /// - Throws: ``GeneratorError`` for what no image could be segmented with.
  func check() throws(GeneratorError) {
    func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(GeneratorError) {
      guard range.contains(value) else {
        throw .setting(
          name: name, value: "\(value)", allowed: "\(range.lowerBound) to \(range.upperBound)")
      }
    }
    func check(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws(GeneratorError) {
      guard range.contains(value) else {
        throw .setting(
          name: name, value: "\(value)", allowed: "\(range.lowerBound) to \(range.upperBound)")
      }
    }
    try check("the number of crop layers", cropLayers, 0...8)
    try check("the number of points a side", pointsPerSide, 1...1024)
    try check("the number of points in a batch", pointsPerBatch, 1...(1 << 20))
    try check("the downscale factor of points", cropPointsDownscaleFactor, 1...1024)
    try check("the predicted IoU threshold", Double(predictedIoUThreshold), -1e9...1e9)
    try check("the stability score threshold", Double(stabilityScoreThreshold), -1e9...1e9)
    try check("the stability score offset", Double(stabilityScoreOffset), 0...1e9)
    try check("the box NMS threshold", boxNMSThreshold, 0...1e9)
    try check("the crop NMS threshold", cropNMSThreshold, 0...1e9)
    try check("the crop overlap", cropOverlapRatio, 0...0.99)
    try check("the crop edge tolerance", cropEdgeTolerance, 0...1e9)
    try check("the smallest region's area", minimumRegionArea, 0...Int(UInt32.max))
    if let largestAreaFraction { try check("the largest share of the image", largestAreaFraction, 0...1e9) }
    if let tileSize {
      try check("the size of tiles", tileSize, 64...16384)
      try check("the overlap of tiles", overlapOfTiles(tileSize), 0...tileSize / 2)
      guard cropLayers == 0 else {
        throw .setting(name: "the number of crop layers", value: "\(cropLayers)", allowed: "0 with tiles")
      }
    }
    for layer in 0...cropLayers {
      let grid = PointGrid.points(layer: layer, self)
      guard !grid.isEmpty else { throw .noPoints(layer: layer) }
      for point in grid where !((0...1).contains(point.x) && (0...1).contains(point.y)) {
        throw .setting(name: "a point of a grid", value: "\(point.x),\(point.y)", allowed: "0 to 1")
      }
    }
  }

  /// Pixels that tiles of a size have in common.
  func overlapOfTiles(_ tileSize: Int) -> Int { tileOverlap ?? tileSize / 4 }

  /// The part of an image that grids and crops are laid over.
  func region(width: Int, height: Int) throws(GeneratorError) -> PixelBox {
    guard let box = regionOfInterest else { return PixelBox(x: 0, y: 0, width: width, height: height) }
    guard box.x >= 0, box.y >= 0, box.width > 0, box.height > 0, box.width <= width - box.x,
      box.height <= height - box.y
    else { throw .region(box, width: width, height: height) }
    return box
  }
}
