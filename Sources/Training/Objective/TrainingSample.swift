public import Tensors

/// An image and some of its masks as a training step takes them.
public struct TrainingSample: Sendable {
  /// size x size x 3, normalised, zeros where there is no picture.
  public var input: Tensor
  /// The picture's part of the input, in pixels.
  public var width: Int, height: Int
  /// Masks; at least one.
  public var masks: [TrainingMask]
  /// Tells the picture where it is always prepared alike, so that its embedding can be kept.
  public var identity: Identity?

  /// A picture of a training's data.
  public struct Identity: Sendable, Hashable {
    var dataset: Int
    var sample: Int
  }

  /// A sample of the given parts.
  public init(input: Tensor, width: Int, height: Int, masks: [TrainingMask]) {
    self.input = input
    self.width = width
    self.height = height
    self.masks = masks
  }
}

/// A ground-truth mask in the frame of the model input.
public struct TrainingMask: Sendable {
  /// Rows of the input that the mask's pixels lie in, from top to bottom and left to right: y · size + x.
  public var pixels: [Int32]
  /// size/4 x size/4, 1 where at least half of a cell is in the mask, else 0.
  public var target: [Float]

  /// A mask of the given pixels.
  ///
  /// - Parameters:
  ///   - pixels: y · size + x of the mask's pixels in the model input, in row order.
  ///   - size: side of the model input, a multiple of 4.
  public init(pixels: [Int32], size: Int) {
    self.pixels = pixels
    let side = size / 4
    var counts = [UInt8](repeating: 0, count: side * side)
    for pixel in pixels {
      let (y, x) = (Int(pixel) / size, Int(pixel) % size)
      counts[y / 4 * side + x / 4] += 1
    }
    target = counts.map { $0 >= 8 ? 1 : 0 }
  }

  /// Left, top, right and bottom edges in pixels of the model input.
  func box(size: Int) -> (Double, Double, Double, Double) {
    var (left, top, right, bottom) = (Int.max, Int.max, -1, -1)
    for pixel in pixels {
      let (y, x) = (Int(pixel) / size, Int(pixel) % size)
      left = min(left, x)
      right = max(right, x)
      top = min(top, y)
      bottom = max(bottom, y)
    }
    return (Double(left), Double(top), Double(right + 1), Double(bottom + 1))
  }
}
