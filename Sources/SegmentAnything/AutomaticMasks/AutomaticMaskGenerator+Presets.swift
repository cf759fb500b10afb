internal import Imaging

extension AutomaticMaskGenerator.Settings {
  /// The defaults of the reference's generator, chosen for ViT-H.
  public static let reference = Self()

  /// How SA-1B was made (paper, section 4 and appendix B): 32 x 32 points on the image and two layers of crops with 16 x 16 and
  /// 8 x 8 each, small parts and holes removed, masks of nothing but small parts and of nearly everything dropped, and
  /// masks that touch the inner edge of a crop.
  public static let sa1b: Self = {
    var settings = Self()
    settings.cropLayers = 2
    settings.cropPointsDownscaleFactor = 2
    settings.cropEdgeTolerance = 1
    settings.minimumRegionArea = 100
    settings.dropsMasksOfSmallRegions = true
    settings.largestAreaFraction = 0.95
    return settings
  }()

  /// A quarter of the points, for a first look.
  public static let fast: Self = {
    var settings = Self()
    settings.pointsPerSide = 16
    return settings
  }()

  /// Settings that suit a model: the reference's for published checkpoints; for the small model inside, whose predicted IoU
  /// and edges are less sure, thresholds at which photos get a few dozen sensible masks.
  public static func tuned(for model: SAM) -> Self {
    model.info.name == ModelInfo.embeddedName ? embedded : reference
  }

  /// For the model inside; all of its tuning is here.
  private static let embedded: Self = {
    var settings = Self()
    settings.predictedIoUThreshold = 0.54
    settings.stabilityScoreThreshold = 0.76
    settings.stabilityScoreOffset = 0.3
    settings.boxNMSThreshold = 0.55
    settings.minimumRegionArea = 100
    settings.dropsMasksOfSmallRegions = true
    settings.largestAreaFraction = 0.95
    return settings
  }()
}
