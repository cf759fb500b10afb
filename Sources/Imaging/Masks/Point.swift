/// A position in an image's plane: pixel (i, j) covers i..<i + 1 along x and j..<j + 1 along y.
public struct Point: Sendable, Hashable {
  /// From the left edge to the right, in pixels.
  public var x: Double
  /// From the top edge down, in pixels.
  public var y: Double

  /// A position.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}
