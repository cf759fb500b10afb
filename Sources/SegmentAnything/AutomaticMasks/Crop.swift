package import Imaging

/// A part of an image that is encoded by itself.
package struct Crop: Sendable, Equatable {
  package var box: PixelBox
  /// 0 for the whole image.
  package var layer: Int

  /// Whether the crop has no pixels.
  package var isEmpty: Bool { box.width <= 0 || box.height <= 0 }

  package init(box: PixelBox, layer: Int) {
    self.box = box
    self.layer = layer
  }

  /// The crops of a region in the reference's order: the region itself, then layer by layer, from left to right and in each
  /// column from top to bottom. In a region of a few pixels some have none: see ``isEmpty``.
  ///
  /// - Parameter overlapRatio: overlap of the first layer in parts of the shorter side.
  package static func all(of region: PixelBox, layers: Int, overlapRatio: Double) -> [Crop] {
    var crops = [Crop(box: region, layer: 0)]
    let shorter = Double(min(region.width, region.height))
    for layer in 0..<max(0, layers) {
      let side = 2 << layer
      let overlap = Int(overlapRatio * shorter * (2 / Double(side)))
      func length(_ whole: Int) -> Int {
        Int((Double(overlap * (side - 1) + whole) / Double(side)).rounded(.up))
      }
      let (width, height) = (length(region.width), length(region.height))
      for column in 0..<side {
        for row in 0..<side {
          let (x, y) = (column * (width - overlap), row * (height - overlap))
          let box = PixelBox(
            x: region.x + x, y: region.y + y, width: min(x + width, region.width) - x,
            height: min(y + height, region.height) - y)
          crops.append(Crop(box: box, layer: layer + 1))
        }
      }
    }
    return crops
  }

  /// Whether a box comes within a distance of one of the crop's edges that is not as near to the image's edge on that side.
  package func cuts(_ box: EdgeBox, width: Int, height: Int, tolerance: Double) -> Bool {
    let edges = [self.box.x, self.box.y, self.box.x + self.box.width, self.box.y + self.box.height]
    let outermost = [0, 0, width, height]
    return zip(box.edges, zip(edges, outermost)).contains { edge, limits in
      Double((edge - limits.0).magnitude) <= tolerance && Double((edge - limits.1).magnitude) > tolerance
    }
  }
}

/// The positions of a mask's outermost pixels, as the reference has boxes: both ends are inside.
package struct EdgeBox: Sendable, Equatable {
  package var left: Int, top: Int, right: Int, bottom: Int

  package init(left: Int, top: Int, right: Int, bottom: Int) {
    (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
  }

  /// Around a mask; of an empty one all are 0.
  package init(_ box: PixelBox) {
    self.init(
      left: box.x, top: box.y, right: max(box.x, box.x + box.width - 1),
      bottom: max(box.y, box.y + box.height - 1))
  }

  var edges: [Int] { [left, top, right, bottom] }

  var xywh: BoxXYWH {
    BoxXYWH(x: Double(left), y: Double(top), width: Double(right - left), height: Double(bottom - top))
  }
}
