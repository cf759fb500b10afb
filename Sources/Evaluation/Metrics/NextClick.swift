public import Imaging

/// A click of a simulated user.
public struct SimulatedClick: Sendable, Equatable {
  /// Column of the pixel clicked on.
  public let x: Int
  /// Row of the pixel clicked on.
  public let y: Int
  /// Whether the click says that the pixel belongs to the object.
  public let isForeground: Bool

  /// A click.
  public init(x: Int, y: Int, isForeground: Bool) {
    (self.x, self.y, self.isForeground) = (x, y, isForeground)
  }

  /// The first click on an object: its innermost pixel, the image's border counting as edge; of several the first in
  /// row order. Nil for an empty mask.
  public static func first(on truth: BitMask) -> SimulatedClick? {
    truth.innermostPoint.map { SimulatedClick(x: $0.x, y: $0.y, isForeground: true) }
  }

  /// The click that corrects a mask: the innermost pixel of what is missing or of what is too much, whichever is
  /// deeper; of two equally deep ones that of what is too much. Nil where nothing is wrong.
  ///
  /// - Parameters:
  ///   - prediction: the mask to correct.
  ///   - truth: what it should be; of the same size.
  public static func correcting(_ prediction: BitMask, towards truth: BitMask) -> SimulatedClick? {
    let missing = truth.subtracting(prediction).innermostPoint
    let excess = prediction.subtracting(truth)
    let box = excess.boundingBox
    // Nothing in a box is deeper than half its shorter side.
    let half = (min(box.width, box.height) + 1) / 2
    let depth = missing?.squaredDistance ?? 0
    guard half * half >= depth, let point = excess.innermostPoint, point.squaredDistance >= depth else {
      return missing.map { SimulatedClick(x: $0.x, y: $0.y, isForeground: true) }
    }
    return SimulatedClick(x: point.x, y: point.y, isForeground: false)
  }
}
