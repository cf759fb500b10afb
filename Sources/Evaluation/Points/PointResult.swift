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

  /// With one point, the best of the candidates.
  public var oracle: Double { candidates.map(\.iou).max() ?? 0 }
}

/// The results of one image's masks.
public struct ImagePointResults: Sendable, Equatable {
  /// The image's name.
  public let name: String
  /// Its masks' results, with their positions among the image's annotations.
  public var masks: [(annotation: Int, result: PointResult)]

  /// Whether both say the same.
  public static func == (left: ImagePointResults, right: ImagePointResults) -> Bool {
    left.name == right.name
      && left.masks.elementsEqual(right.masks) { $0.annotation == $1.annotation && $0.result == $1.result }
  }
}
