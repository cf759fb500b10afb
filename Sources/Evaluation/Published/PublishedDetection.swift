/// Published results of proposals and instances ("Segment Anything", arXiv 2304.02643, tables 4 and 5), in per cent.
public enum PublishedDetection {
  /// Average recall of 1,000 proposals on LVIS v1 val.
  public struct Proposals: Sendable, Equatable {
    /// The model.
    public let name: String
    /// All objects, by size, and by frequency.
    public let all: Double, small: Double, medium: Double, large: Double
    /// See ``all``.
    public let frequent: Double, common: Double, rare: Double
  }

  /// Table 4.
  public static let proposals = [
    Proposals(
      name: "ViTDet-H", all: 63.0, small: 51.7, medium: 80.8, large: 87.0, frequent: 63.1, common: 63.3,
      rare: 58.3),
    Proposals(
      name: "SAM ViT-H, single output", all: 54.9, small: 42.8, medium: 76.7, large: 74.4, frequent: 54.7,
      common: 59.8, rare: 62.0),
    Proposals(
      name: "SAM ViT-H", all: 59.3, small: 45.5, medium: 81.6, large: 86.9, frequent: 59.1, common: 63.9,
      rare: 65.8),
  ]

  /// Mask AP from the boxes of ViTDet-H.
  public struct Instances: Sendable, Equatable {
    /// The model.
    public let name: String
    /// The dataset.
    public let dataset: String
    /// All objects, and by size.
    public let all: Double, small: Double, medium: Double, large: Double
  }

  /// Table 5.
  public static let instances = [
    Instances(name: "ViTDet-H", dataset: "COCO", all: 51.0, small: 32.0, medium: 54.3, large: 68.9),
    Instances(name: "SAM ViT-H", dataset: "COCO", all: 46.5, small: 30.8, medium: 51.0, large: 61.7),
    Instances(name: "ViTDet-H", dataset: "LVIS v1", all: 46.6, small: 35.0, medium: 58.0, large: 66.3),
    Instances(name: "SAM ViT-H", dataset: "LVIS v1", all: 44.7, small: 32.5, medium: 57.6, large: 65.5),
  ]
}
