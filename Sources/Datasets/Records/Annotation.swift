public import Imaging

/// One mask of an image, with what dataset files say about it.
///
/// Fields that a format does not have are nil or empty; what follows from the mask is taken from it.
public struct Annotation: Sendable, Equatable {
  /// Its number, unique in its dataset.
  public var id: Int
  /// The pixels, at the image's size.
  public var mask: RunLengthMask
  /// The area that the file states, in pixels. COCO's ground truth has the area of polygons here, which differs a little
  /// from the number of the mask's pixels.
  public var area: Double
  /// The box that the file states, in the image's pixels.
  public var box: BoxXYWH
  /// The model's own estimate of the mask's intersection over union with what is meant.
  public var predictedIoU: Double?
  /// How little the mask changes with the threshold.
  public var stabilityScore: Double?
  /// The prompt's points, XY in the image's pixels.
  public var points: [Point]
  /// The part of the image that the mask was predicted from.
  public var cropBox: BoxXYWH?
  /// The number of its category, where the dataset has categories.
  public var category: Int?
  /// The name of its category.
  public var label: String?
  /// Whether it stands for a crowd of objects.
  public var isCrowd: Bool
  /// The rings that the mask was drawn from, as lists of x and y, where the file has such.
  public var rings: [[Double]]?

  /// An annotation; the area and the box are those of the mask where none are given.
  ///
  /// The mask's own box covers its pixels: its width is one more than the difference of the outermost pixels' columns, as in
  /// COCO's tools.
  public init(
    id: Int, mask: RunLengthMask, area: Double? = nil, box: BoxXYWH? = nil, predictedIoU: Double? = nil,
    stabilityScore: Double? = nil, points: [Point] = [], cropBox: BoxXYWH? = nil, category: Int? = nil,
    label: String? = nil, isCrowd: Bool = false, rings: [[Double]]? = nil
  ) {
    self.id = id
    self.mask = mask
    self.area = area ?? Double(mask.area)
    self.box = box ?? BoxXYWH(mask.boundingBox)
    self.predictedIoU = predictedIoU
    self.stabilityScore = stabilityScore
    self.points = points
    self.cropBox = cropBox
    self.category = category
    self.label = label
    self.isCrowd = isCrowd
    self.rings = rings
  }
}
