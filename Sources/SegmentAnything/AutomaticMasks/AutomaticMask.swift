public import Imaging

/// One mask of everything mode: a record of the reference's generator.
public struct AutomaticMask: Sendable, Equatable {
  /// The mask, of the whole image's size. ``Imaging/RunLengthMask/compressed`` is the text in SA-1B's files,
  /// ``Imaging/RunLengthMask/mask`` has a value for each pixel.
  public var segmentation: RunLengthMask
  /// Pixels in the mask.
  public var area: Int
  /// The box around the mask as the reference has it: width and height are the differences of the outermost pixels' positions, one less
  /// than the columns and rows covered. ``Imaging/RunLengthMask/boundingBox`` is the box that covers the mask.
  public var box: BoxXYWH
  /// The IoU that the model expects the mask to have with the object.
  public var predictedIoU: Float
  /// IoU of the masks at a raised and a lowered threshold.
  public var stabilityScore: Float
  /// The point that was asked, in XY pixels of the whole image.
  public var point: Point
  /// The part of the image that the model saw.
  public var cropBox: BoxXYWH

  /// A record.
  public init(
    segmentation: RunLengthMask, area: Int, box: BoxXYWH, predictedIoU: Float, stabilityScore: Float,
    point: Point, cropBox: BoxXYWH
  ) {
    self.segmentation = segmentation
    self.area = area
    self.box = box
    self.predictedIoU = predictedIoU
    self.stabilityScore = stabilityScore
    self.point = point
    self.cropBox = cropBox
  }
}
