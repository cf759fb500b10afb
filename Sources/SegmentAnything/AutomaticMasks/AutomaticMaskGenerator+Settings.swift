public import Imaging

extension AutomaticMaskGenerator {
  /// What decides which masks come out, and in what order. The defaults are the reference's.
  public struct Settings: Sendable, Equatable {
    // MARK: Points

    /// Points along each side of the grid laid over the image; ``pointGrids`` takes precedence.
    public var pointsPerSide = 32
    /// The reference's batch size. Points are decoded one by one on each thread here, so it changes neither masks nor
    /// memory; it is kept so that a reference's settings can be written down in full.
    public var pointsPerBatch = 64
    /// Grids of one's own, one for each crop layer (the whole image first), in parts of the image's width and height, 0...1.
    public var pointGrids: [[Point]]?
    /// Grids and crops are laid over this box, in pixels, instead of the whole image. The first layer's model input is the whole
    /// image all the same, so an embedding at hand can be used, and masks may reach beyond the box.
    public var regionOfInterest: PixelBox?

    // MARK: Filters

    /// Masks need a predicted IoU above this; 0 or less turns the filter off.
    public var predictedIoUThreshold: Float = 0.88
    /// Masks need at least this stability; 0 or less turns the filter off.
    public var stabilityScoreThreshold: Float = 0.95
    /// How far the threshold on logits is raised and lowered for the stability score.
    public var stabilityScoreOffset: Float = 1
    /// Of two masks of one crop whose boxes have an IoU above this, that of the higher predicted IoU stays.
    public var boxNMSThreshold = 0.7
    /// Masks that cover at least this share of the image are dropped (the paper's rule is 0.95); nil keeps them.
    public var largestAreaFraction: Double?

    // MARK: Crops

    /// Layers of crops, each encoded by itself: layer n has 2^n x 2^n of them.
    public var cropLayers = 0
    /// As ``boxNMSThreshold``, between crops: the mask of the smaller crop stays.
    public var cropNMSThreshold = 0.7
    /// Overlap of the first layer's crops, in parts of the image's shorter side; it halves from layer to layer.
    public var cropOverlapRatio = 512.0 / 1500
    /// Layer n has ``pointsPerSide`` divided by this to the power of n points a side.
    public var cropPointsDownscaleFactor = 1
    /// A mask whose box comes within so many pixels of an edge of its crop that is no edge of the image is dropped. 1
    /// means touching.
    public var cropEdgeTolerance = 20.0

    // MARK: Clean-up

    /// Connected parts and holes of fewer pixels are removed, and NMS repeated; 0 leaves masks as they are.
    public var minimumRegionArea = 0
    /// What happens to a mask all of whose parts are smaller than ``minimumRegionArea``: it is dropped, as in the paper, or
    /// keeps its largest part, as in the reference.
    public var dropsMasksOfSmallRegions = false

    // MARK: Tiles

    /// For images far larger than the model's input: they are cut into overlapping tiles of so many pixels a side, each encoded by
    /// itself, and masks are put together across seams (``AutomaticMaskGenerator/masks(inFile:isCancelled:)``). Nil sees the image as
    /// a whole. There are no crop layers with tiles.
    public var tileSize: Int?
    /// How many pixels neighbouring tiles have in common; nil is a quarter of a tile.
    public var tileOverlap: Int?

    /// The reference's defaults.
    public init() {}
  }
}
