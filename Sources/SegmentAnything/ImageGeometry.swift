internal import Imaging
package import Tensors

/// How an original image lies in the model's square input.
package struct ImageGeometry: Sendable {
  /// The original image's size.
  package let width: Int, height: Int
  /// The part of the model input that holds the image, at the top left.
  package let inputWidth: Int, inputHeight: Int
  package let upsampling: MaskUpsampling

  package init(width: Int, height: Int, imageSize: Int) {
    self.width = width
    self.height = height
    (inputWidth, inputHeight) = Image.longestSideSize(width: width, height: height, target: imageSize)
    upsampling = MaskUpsampling(
      lowResolutionSize: imageSize / 4, imageSize: imageSize, inputWidth: inputWidth,
      inputHeight: inputHeight,
      width: width, height: height)
  }

  /// Pixels of the model input from pixels of the original image.
  package func toModel(x: Float, y: Float) -> (x: Float, y: Float) {
    (
      Float(Double(x) * (Double(inputWidth) / Double(width))),
      Float(Double(y) * (Double(inputHeight) / Double(height)))
    )
  }
}
