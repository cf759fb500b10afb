public import Imaging
internal import Modeling
public import Tensors

/// An image as the encoder wants it: longest side scaled to the model's size, normalised, zeros below and to the right.
public struct ModelInput: Sendable {
  /// size x size x 3.
  public let tensor: Tensor

  /// Prepares an image.
  ///
  /// - Parameters:
  ///   - image: of any size.
  ///   - size: side of the model input.
  ///   - compute: where the tensor belongs.
  public init(_ image: Image, size: Int, compute: Compute = .shared) {
    let resized = image.resizedLongestSide(to: size)
    var tensor = Tensor(repeating: 0, shape: [size, size, 3], on: compute)
    let (mean, deviation) = (ModelConfiguration.pixelMean, ModelConfiguration.pixelDeviation)
    tensor.withUnsafeMutableBuffer { out in
      resized.pixels.withUnsafeBufferPointer { pixels in
        for row in 0..<resized.height {
          var at = row * size * 3
          var from = row * resized.width * 3
          for _ in 0..<resized.width {
            out[at] = (Float(pixels[from]) - mean.0) / deviation.0
            out[at + 1] = (Float(pixels[from + 1]) - mean.1) / deviation.1
            out[at + 2] = (Float(pixels[from + 2]) - mean.2) / deviation.2
            at += 3
            from += 3
          }
        }
      }
    }
    self.tensor = tensor
  }
}
