public import Imaging
internal import Statistics

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

  /// A first click that is uniform in the object. What is drawn for one mask does not depend on the others. Nil for an empty mask.
  ///
  /// - Parameters:
  ///   - image: the image's position in its dataset.
  ///   - annotation: the mask's position among the image's.
  public static func random(
    in truth: BitMask, seed: UInt64, image: Int, annotation: Int
  ) -> SimulatedClick? {
    let area = truth.area
    guard area > 0 else { return nil }
    var random = SplitMix64(seed: seed, stream: UInt64(image) << 32 | UInt64(annotation))
    return truth.pixel(numbered: random.index(below: area)).map {
      SimulatedClick(x: $0.x, y: $0.y, isForeground: true)
    }
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
