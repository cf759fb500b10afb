public import Imaging

/// An image's masks on their way into files.
public struct AnnotatedImage: Sendable {
  /// Where its files go: a path without extension, relative to the output folder, such as `2019/cat`.
  public var name: String
  /// The picture's file name without folders, for formats that state it.
  public var fileName: String
  /// Its number.
  public var imageID: Int
  /// Pixels in a row.
  public var width: Int
  /// Rows.
  public var height: Int
  /// The masks.
  public var annotations: [Annotation]
  /// The picture, for ``OutputFormat/overlay``.
  public var image: Image?

  /// Masks of given parts.
  public init(
    name: String, fileName: String, imageID: Int, width: Int, height: Int, annotations: [Annotation],
    image: Image? = nil
  ) {
    self.name = name
    self.fileName = fileName
    self.imageID = imageID
    self.width = width
    self.height = height
    self.annotations = annotations
    self.image = image
  }

  /// Positions of the masks, large ones first: the order in which they are painted, so that parts lie on what they are
  /// parts of. Equal areas keep their order.
  var paintingOrder: [Int] {
    let areas = annotations.map(\.mask.area)
    return annotations.indices.sorted { (-areas[$0], $0) < (-areas[$1], $1) }
  }
}
