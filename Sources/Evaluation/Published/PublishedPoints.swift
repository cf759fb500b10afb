/// Published results with points ("Segment Anything", arXiv 2304.02643, figure 9 and table 7; "SAM 2", arXiv 2408.00714, table 6).
public enum PublishedPoints {
  /// One of the paper's 23 datasets.
  public struct Dataset: Sendable, Equatable {
    /// The paper's name.
    public let name: String
    /// What is in the pictures.
    public let kind: String
    /// How many images and masks were measured.
    public let images: Int, masks: Int
    /// By how many points of mIoU SAM ViT-H is above RITM, with one centre point.
    public let aboveRITM: Double
  }

  /// The 23 datasets, in the order of the figure.
  public static let datasets: [Dataset] = [
    Dataset(name: "PPDLS", kind: "leaves", images: 182, masks: 2347, aboveRITM: 46.9),
    Dataset(name: "BBBC038v1", kind: "nuclei", images: 227, masks: 10506, aboveRITM: 44.7),
    Dataset(name: "DOORS", kind: "boulders", images: 10000, masks: 10000, aboveRITM: 41.1),
    Dataset(name: "TimberSeg", kind: "logs", images: 220, masks: 2487, aboveRITM: 28.9),
    Dataset(name: "NDD20", kind: "dolphins", images: 4402, masks: 6100, aboveRITM: 21.1),
    Dataset(name: "LVIS", kind: "scenes", images: 945, masks: 9642, aboveRITM: 18.5),
    Dataset(name: "STREETS", kind: "traffic cameras", images: 819, masks: 9854, aboveRITM: 17.3),
    Dataset(name: "ZeroWaste-f", kind: "recycling", images: 2947, masks: 6155, aboveRITM: 9.1),
    Dataset(name: "iShape", kind: "irregular shapes", images: 754, masks: 9742, aboveRITM: 8.8),
    Dataset(name: "ADE20K", kind: "scenes", images: 302, masks: 10128, aboveRITM: 7.8),
    Dataset(name: "OVIS", kind: "occluded objects", images: 2044, masks: 10011, aboveRITM: 7.0),
    Dataset(name: "Hypersim", kind: "simulated rooms", images: 338, masks: 9445, aboveRITM: 6.1),
    Dataset(name: "NDISPark", kind: "parking lots", images: 111, masks: 2577, aboveRITM: 2.7),
    Dataset(name: "VISOR", kind: "kitchens", images: 1864, masks: 10141, aboveRITM: 1.8),
    Dataset(name: "Plittersdorf", kind: "wildlife", images: 187, masks: 546, aboveRITM: 1.5),
    Dataset(name: "EgoHOS", kind: "hands and objects", images: 2940, masks: 9961, aboveRITM: 0.8),
    Dataset(name: "IBD", kind: "roofs", images: 467, masks: 11953, aboveRITM: -0.3),
    Dataset(name: "WoodScape", kind: "fisheye driving", images: 107, masks: 10266, aboveRITM: -0.6),
    Dataset(name: "Cityscapes", kind: "driving", images: 293, masks: 9973, aboveRITM: -2.0),
    Dataset(name: "PIDRay", kind: "X-ray baggage", images: 3733, masks: 8892, aboveRITM: -5.8),
    Dataset(name: "DRAM", kind: "paintings", images: 718, masks: 1179, aboveRITM: -6.5),
    Dataset(name: "TrashCan", kind: "underwater trash", images: 5936, masks: 9540, aboveRITM: -15.0),
    Dataset(name: "GTEA", kind: "hands", images: 652, masks: 1208, aboveRITM: -21.4),
  ]

  /// A model's mean over the 23 datasets.
  public struct Mean: Sendable, Equatable {
    /// The model.
    public let model: String
    /// mIoU in per cent with one centre point, and with five.
    public let onePoint: Double, fivePoints: Double
  }

  /// Means over the 23 datasets as later papers printed them.
  public static let means: [Mean] = [
    Mean(model: "SAM ViT-H", onePoint: 58.1, fivePoints: 81.3),
    Mean(model: "SAM ViT-B", onePoint: 55.9, fivePoints: 80.9),
    Mean(model: "HQ-SAM ViT-H", onePoint: 59.1, fivePoints: 79.8),
    Mean(model: "SAM 2 (SA-1B)", onePoint: 58.9, fivePoints: 81.7),
  ]

  /// The paper's dataset of a name, however it is spelt: `ade20k_val` is ADE20K.
  public static func dataset(named name: String) -> Dataset? {
    func plain(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
    let wanted = plain(name)
    return datasets.first { wanted.hasPrefix(plain($0.name)) }
  }
}
