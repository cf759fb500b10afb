/// What a model made of one mask: intersection over union with it, prompt by prompt.
public struct PointResult: Sendable, Equatable {
  /// One of the masks that a single point is answered with.
  public struct Candidate: Sendable, Equatable {
    /// The IoU that the model expected.
    public let predictedIoU: Double
    /// The IoU it has.
    public let iou: Double
  }

  /// With 1, 2, … points. For one point that of the candidate of the highest predicted IoU.
  public var points: [Double]
  /// All candidates of the first point.
  public var candidates: [Candidate]
  /// With the mask's box and nothing else.
  public var box: Double
  /// The clicks that were made; fewer than ``points`` where a mask was right before the last.
  public var clicks: [SimulatedClick]
  /// Pixels of the true mask.
  public var area = 0
  /// With the box and 1, 2, … points; empty where that was not measured.
  public var boxPoints: [Double] = []
  /// Boundary IoU with 1, 2, … points, of the same masks as ``points``; empty where that was not measured.
  public var boundaries: [Double] = []
  /// Boundary IoU with the box alone.
  public var boxBoundary: Double?

  /// With one point, the best of the candidates.
  public var oracle: Double { candidates.map(\.iou).max() ?? 0 }

  /// How many points it takes to reach an IoU; nil where all that were given do not.
  public func clicksNeeded(for iou: Double) -> Int? { points.firstIndex { $0 >= iou }.map { $0 + 1 } }
}

/// The results of one image's masks.
public struct ImagePointResults: Sendable, Equatable {
  /// The image's name.
  public let name: String
  /// Its position in the dataset.
  public let index: Int
  /// Its masks' results, with their positions among the image's annotations.
  public var masks: [(annotation: Int, result: PointResult)]

  /// The results of an image.
  public init(name: String, index: Int = 0, masks: [(annotation: Int, result: PointResult)]) {
    (self.name, self.index, self.masks) = (name, index, masks)
  }

  /// Whether both say the same.
  public static func == (left: ImagePointResults, right: ImagePointResults) -> Bool {
    left.name == right.name && left.index == right.index
      && left.masks.elementsEqual(right.masks) { $0.annotation == $1.annotation && $0.result == $1.result }
  }
}
