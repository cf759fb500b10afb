public import Imaging

/// An object of an image as COCO's files have it: what is there, or what a detector found.
public struct COCOInstance: Sendable, Equatable {
  /// Its number: the file's, or for results the position from 1.
  public var id: Int
  /// The number of its image.
  public var image: Int
  /// The number of its category.
  public var category: Int
  /// Its box in the image's pixels; that of the mask where the file has none.
  public var box: BoxXYWH
  /// Its pixels, where they were asked for.
  public var mask: RunLengthMask?
  /// By which it counts as small or large. Truth has a number of its own; a result with a box that box's area, any other the
  /// mask's.
  public var area: Double
  /// Whether it stands for a crowd, of which a result may cover any part.
  public var isCrowd: Bool
  /// How sure the detector is; 0 for truth.
  public var score: Double

  /// An object.
  public init(
    id: Int, image: Int, category: Int, box: BoxXYWH, mask: RunLengthMask? = nil, area: Double,
    isCrowd: Bool = false, score: Double = 0
  ) {
    (self.id, self.image, self.category) = (id, image, category)
    (self.box, self.mask, self.area) = (box, mask, area)
    (self.isCrowd, self.score) = (isCrowd, score)
  }
}
