public import Datasets
internal import Statistics

/// What a dataset holds: how many masks, how large, where, how bent (figures 5 and 6 of the paper).
public struct CollectionStatistics: Sendable, Equatable {
  /// The dataset.
  public let name: String
  /// Images that could be read.
  public private(set) var images = 0
  /// Masks with at least one pixel.
  public private(set) var masks = 0
  /// Masks without a pixel; they count for nothing else.
  public private(set) var emptyMasks = 0
  /// Masks of each image, in order.
  public private(set) var masksPerImage: [Int] = []
  /// √(mask area / image area) of each mask.
  public private(set) var relativeSizes: [Double] = []
  /// 1 - area / area of the convex hull, of each mask.
  public private(set) var concavities: [Double] = []
  /// Masks of fewer than 32², of 32² to 96², and of more pixels: COCO's small, medium and large.
  public private(set) var bySize = [0, 0, 0]
  /// Where the masks' centroids are.
  public private(set) var centres = HeatMap(cells: ImageStatistics.cells)
  /// Sums of the images' widths and heights, and the share of pixels that any mask covers, summed.
  public private(set) var widths = 0, heights = 0, coverage = 0.0

  /// Nothing yet.
  public init(_ name: String) { self.name = name }

  /// Counts an image and its masks.
  public mutating func add(_ sample: DatasetSample) { add(ImageStatistics(sample)) }

  /// Counts an image that was looked at.
  package mutating func add(_ image: ImageStatistics) {
    images += 1
    widths += image.width
    heights += image.height
    masks += image.masks.count
    emptyMasks += image.emptyMasks
    masksPerImage.append(image.masks.count)
    for mask in image.masks {
      relativeSizes.append(MaskShape.relativeSize(area: mask.area, pixels: image.width * image.height))
      concavities.append(MaskShape.concavity(area: mask.area, doubledHullArea: mask.doubledHullArea))
      bySize[mask.area < 32 * 32 ? 0 : mask.area < 96 * 96 ? 1 : 2] += 1
      centres.add(cell: mask.cell)
    }
    coverage += Double(image.covered) / Double(max(1, image.width * image.height))
  }

  /// The bins of figure 6. The paper's labels leave 10 itself out; it is put in the first.
  public static let countBins = ["up to 10", "11-50", "51-100", "101-200", "over 200"]

  /// The share of images in each of ``countBins``.
  public var countShares: [Double] {
    var counts = [0, 0, 0, 0, 0]
    for count in masksPerImage {
      counts[count <= 10 ? 0 : count <= 50 ? 1 : count <= 100 ? 2 : count <= 200 ? 3 : 4] += 1
    }
    return counts.map { images == 0 ? .nan : Double($0) / Double(images) }
  }

  /// Masks of an image on average.
  public var meanCount: Double { images == 0 ? .nan : Double(masks) / Double(images) }

  /// Masks of the image in the middle.
  public var medianCount: Int { masksPerImage.sorted().dropFirst(masksPerImage.count / 2).first ?? 0 }

  /// The share of masks in bins of equal width from 0 to 1.
  public static func shares(_ values: [Double], bins: Int) -> [Double] {
    var counts = [Int](repeating: 0, count: bins)
    for value in values { counts[min(bins - 1, max(0, Int(value * Double(bins))))] += 1 }
    return counts.map { values.isEmpty ? .nan : Double($0) / Double(values.count) }
  }

  /// Masks by relative size, an equal number drawn from each bin, so that sets of different sizes can be compared.
  public struct Stratified: Sendable, Equatable {
    /// Masks in each bin.
    public let available: [Int]
    /// How many were drawn from each: as many as the smallest bin has.
    public let perBin: Int
    /// The concavities of those drawn.
    public let concavities: [Double]
  }

  /// The bins of relative size; the paper gives none.
  public static let sizeEdges = [0, 0.1, 0.2, 0.4, 1]

  /// Draws masks by size.
  public func stratified(edges: [Double] = sizeEdges, seed: UInt64 = 77) -> Stratified {
    let picked = Stratification.sample(relativeSizes, edges: edges, seed: seed)
    return Stratified(
      available: Stratification.bins(relativeSizes, edges: edges).map(\.count),
      perBin: picked.first?.count ?? 0, concavities: picked.flatMap { $0.map { concavities[$0] } })
  }

  /// Published sizes of datasets (the paper's figure 6): images and masks in thousands.
  public static let published: [(name: String, images: String, masks: String, perImage: String)] = [
    ("SA-1B", "11M", "1129M", "about 100"), ("Open Images", "1M", "2.7M", "2.7"),
    ("LVIS v1", ".120M", "1.5M", "12.5"), ("COCO", ".123M", ".9M", "7.3"), ("ADE20K", ".028M", ".7M", "25"),
  ]
}
