public import Imaging

/// How well the outlines of two masks agree (Cheng et al., "Boundary IoU", CVPR 2021).
public struct BoundaryIoU: Sendable, Equatable {
  /// How many pixels from the edge belong to a boundary.
  public let distance: Int
  /// Pixels of the true mask's boundary.
  public let truthArea: Int
  /// Pixels of the predicted mask's boundary.
  public let predictionArea: Int
  /// Pixels in both.
  public let intersection: Int

  /// Pixels in either.
  public var union: Int { truthArea + predictionArea - intersection }

  /// Intersection over union; nil where both masks are empty.
  public var value: Double? { union == 0 ? nil : Double(intersection) / Double(union) }

  /// Compares two masks of one size.
  ///
  /// - Parameter share: a boundary's width as a share of the image's diagonal; at least one pixel.
  public init(_ prediction: BitMask, truth: BitMask, share: Double = 0.02) {
    let diagonal = Double(truth.width * truth.width + truth.height * truth.height).squareRoot()
    distance = max(1, Int((share * diagonal).rounded(.toNearestOrEven)))
    // Outside a mask's box there is none of it, which is as good as outside the image.
    let box = truth.boundingBox.union(prediction.boundingBox)
    guard box.width > 0, box.height > 0 else {
      (truthArea, predictionArea, intersection) = (0, 0, 0)
      return
    }
    let edge = BitMask(truth.mask(in: box)).boundary(of: distance)
    let other = BitMask(prediction.mask(in: box)).boundary(of: distance)
    truthArea = edge.area
    predictionArea = other.area
    intersection = edge.intersectionArea(with: other)
  }
}

extension BitMask {
  /// The pixels whose chessboard distance to what is outside the mask, or outside the image, is at most `distance`.
  public func boundary(of distance: Int) -> BitMask {
    subtracting(eroded(by: distance))
  }

  /// The pixels all of whose neighbours up to `distance` rows and columns away are in the mask, and in the image.
  public func eroded(by distance: Int) -> BitMask {
    guard distance > 0 else { return self }
    // A square is a row of columns: first along the rows, then along the columns.
    return narrowed(by: distance, along: (count: width, step: 1), across: (count: height, step: width))
  }

  private func narrowed(
    by distance: Int, along: (count: Int, step: Int), across: (count: Int, step: Int)
  ) -> BitMask {
    var bits = mask.bits
    func shrink(_ line: Int, _ count: Int, _ step: Int) {
      // How many pixels of the mask end here; a pixel stays where as many as needed end `distance` further on.
      var run = 0
      for position in 0..<count + distance {
        let isInside = position < count && bits[line + position * step] & 1 != 0
        run = isInside ? run + 1 : 0
        let centre = position - distance
        if centre >= 0, run > 2 * distance { bits[line + centre * step] |= 2 }
      }
    }
    for y in 0..<across.count { shrink(y * across.step, along.count, along.step) }
    for index in bits.indices { bits[index] >>= 1 }
    for x in 0..<along.count { shrink(x * along.step, across.count, across.step) }
    for index in bits.indices { bits[index] >>= 1 }
    return BitMask(Mask(trusted: bits, width: width, height: height))
  }
}

extension PixelBox {
  /// The smallest box around both; boxes of nothing do not count.
  fileprivate func union(_ other: PixelBox) -> PixelBox {
    guard width > 0, height > 0 else { return other }
    guard other.width > 0, other.height > 0 else { return self }
    let left = min(x, other.x), top = min(y, other.y)
    return PixelBox(
      x: left, y: top, width: max(x + width, other.x + other.width) - left,
      height: max(y + height, other.y + other.height) - top)
  }
}
