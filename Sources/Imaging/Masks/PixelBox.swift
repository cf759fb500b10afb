/// A box of whole pixels: it covers the columns x..<x + width and the rows y..<y + height.
public struct PixelBox: Sendable, Hashable {
  /// The leftmost column.
  public var x: Int
  /// The topmost row.
  public var y: Int
  /// Columns covered.
  public var width: Int
  /// Rows covered.
  public var height: Int

  /// A box from its corner and size.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The box without pixels, which COCO writes for an empty mask.
  public static let empty = PixelBox(x: 0, y: 0, width: 0, height: 0)
}
