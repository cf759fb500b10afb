import ArgumentParser
import Imaging
import SegmentAnything

/// Which settings a generator starts from.
enum GeneratorPreset: String, CaseIterable, ExpressibleByArgument {
  /// What suits the model.
  case tuned
  /// The reference's defaults.
  case reference
  /// As SA-1B was made.
  case sa1b
  /// A quarter of the points.
  case fast

  func settings(for model: SAM) -> AutomaticMaskGenerator.Settings {
    switch self {
    case .tuned: .tuned(for: model)
    case .reference: .reference
    case .sa1b: .sa1b
    case .fast: .fast
    }
  }
}

/// The generator's parameters, under the names of the reference's batch script.
struct GeneratorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Where the settings begin, before the options below change them: what suits the model, the reference's "
        + "defaults, those of SA-1B, or a quarter of the points.",
      valueName: "preset"))
  var preset: GeneratorPreset = .tuned

  @Option(help: ArgumentHelp("Points along each side of the grid.", valueName: "n"))
  var pointsPerSide: Int?

  @Option(
    help: ArgumentHelp(
      "Points of your own in place of a grid: a JSON file of [x, y] in parts of the image, 0...1, or of a list "
        + "of them for each layer of crops.",
      valueName: "file"),
    completion: .file())
  var pointGrid: String?

  @Option(
    help: ArgumentHelp(
      "Lay points and crops over this part of the image, in pixels; masks may reach beyond it.",
      valueName: "x,y,w,h"),
    transform: PixelBox.parsing)
  var region: PixelBox?

  @Option(help: ArgumentHelp("Accepted for the reference's command lines; changes nothing.", valueName: "n"))
  var pointsPerBatch: Int?

  @Option(help: ArgumentHelp("Keep masks with a predicted IoU above this.", valueName: "x"))
  var predIouThresh: Float?

  @Option(help: ArgumentHelp("Keep masks with at least this stability.", valueName: "x"))
  var stabilityScoreThresh: Float?

  @Option(help: ArgumentHelp("How far the threshold is moved to measure stability.", valueName: "x"))
  var stabilityScoreOffset: Float?

  @Option(help: ArgumentHelp("IoU of boxes above which a mask is a duplicate.", valueName: "x"))
  var boxNmsThresh: Double?

  @Option(help: ArgumentHelp("Layers of crops, layer n having 4^n of them.", valueName: "n"))
  var cropNLayers: Int?

  @Option(help: ArgumentHelp("As --box-nms-thresh, between crops.", valueName: "x"))
  var cropNmsThresh: Double?

  @Option(help: ArgumentHelp("Overlap of crops, in parts of the shorter side.", valueName: "x"))
  var cropOverlapRatio: Double?

  @Option(help: ArgumentHelp("By what the points per side are divided from layer to layer.", valueName: "n"))
  var cropNPointsDownscaleFactor: Int?

  @Option(help: ArgumentHelp("Remove parts and fill holes of fewer pixels.", valueName: "n"))
  var minMaskRegionArea: Int?

  @Option(
    help: ArgumentHelp("Drop masks that cover at least this share of the image, 0...1.", valueName: "x"))
  var maxAreaShare: Double?

  @Option(
    help: ArgumentHelp(
      "Look at the image in overlapping tiles of so many pixels a side; for very large images.",
      valueName: "n"))
  var tile: Int?

  @Option(help: ArgumentHelp("Pixels that neighbouring tiles share (default: a quarter).", valueName: "n"))
  var tileOverlap: Int?

  func validate() throws {
    if pointGrid != nil, pointsPerSide != nil {
      throw ValidationError("--point-grid takes the place of --points-per-side; give one of them")
    }
  }

  /// The preset with what the options change.
  func settings(for model: SAM) throws -> AutomaticMaskGenerator.Settings {
    var settings = preset.settings(for: model)
    func set<Value>(_ value: Value?, _ path: WritableKeyPath<AutomaticMaskGenerator.Settings, Value>) {
      if let value { settings[keyPath: path] = value }
    }
    set(pointsPerSide, \.pointsPerSide)
    set(pointsPerBatch, \.pointsPerBatch)
    set(predIouThresh, \.predictedIoUThreshold)
    set(stabilityScoreThresh, \.stabilityScoreThreshold)
    set(stabilityScoreOffset, \.stabilityScoreOffset)
    set(boxNmsThresh, \.boxNMSThreshold)
    set(cropNLayers, \.cropLayers)
    set(cropNmsThresh, \.cropNMSThreshold)
    set(cropOverlapRatio, \.cropOverlapRatio)
    set(cropNPointsDownscaleFactor, \.cropPointsDownscaleFactor)
    set(minMaskRegionArea, \.minimumRegionArea)
    set(maxAreaShare, \.largestAreaFraction)
    if let pointGrid { settings.pointGrids = try PointGridFile(contentsOfFile: pointGrid).grids }
    if let region { settings.regionOfInterest = region }
    set(tile, \.tileSize)
    set(tileOverlap, \.tileOverlap)
    return settings
  }
}
