/// A box as COCO's files write it: the upper left corner and the size, in pixels, not necessarily whole ones.
public struct BoxXYWH: Sendable, Hashable {
  /// The left edge.
  public var x: Double
  /// The upper edge.
  public var y: Double
  /// From the left edge to the right one.
  public var width: Double
  /// From the upper edge to the lower one.
  public var height: Double

  /// A box from its corner and size.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// A box of whole pixels.
  public init(_ box: PixelBox) {
    self.init(x: Double(box.x), y: Double(box.y), width: Double(box.width), height: Double(box.height))
  }

  /// Width times height.
  public var area: Double { width * height }

  /// Intersection over union, as COCO's evaluation computes it; with `isCrowd`, intersection over this box's
  /// own area.
  public func intersectionOverUnion(with groundTruth: BoxXYWH, isCrowd: Bool = false) -> Double {
    let sharedWidth = min(x + width, groundTruth.x + groundTruth.width) - max(x, groundTruth.x)
    let sharedHeight = min(y + height, groundTruth.y + groundTruth.height) - max(y, groundTruth.y)
    guard sharedWidth > 0, sharedHeight > 0 else { return 0 }
    let shared = sharedWidth * sharedHeight
    return shared / (isCrowd ? area : area + groundTruth.area - shared)
  }
}
