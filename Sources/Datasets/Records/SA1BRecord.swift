/// What an SA-1B file says about one image: its size and its masks.
///
/// ```swift
/// let record = try SA1BRecord(contentsOfFile: "sa_223750.json")
/// for annotation in record.annotations { print(annotation.mask.area, annotation.predictedIoU ?? 0) }
/// ```
///
/// The form is that of "Segment Anything" (arXiv 2304.02643), section 5.
public struct SA1BRecord: Sendable, Equatable {
  /// The image's number; nil where the file has none.
  public var imageID: Int?
  /// Pixels in a row of the image.
  public var width: Int
  /// Rows of the image.
  public var height: Int
  /// The image's file name, without folders; nil where the file has none.
  public var fileName: String?
  /// The masks, all of the image's size.
  public var annotations: [Annotation]

  /// A record of given parts.
  public init(
    imageID: Int? = nil, width: Int, height: Int, fileName: String? = nil, annotations: [Annotation]
  ) {
    self.imageID = imageID
    self.width = width
    self.height = height
    self.fileName = fileName
    self.annotations = annotations
  }
}
