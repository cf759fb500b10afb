internal import Imaging
package import Modeling
package import Tensors

/// How an original image lies in the model's square input.
package struct ImageGeometry: Sendable {
  /// The original image's size.
  package let width: Int, height: Int
  /// The part of the model input that holds the image, at the top left.
  package let inputWidth: Int, inputHeight: Int
  package let upsampling: MaskUpsampling

  /// An image of that size in the input of a model.
  package init(width: Int, height: Int, model: ModelConfiguration) {
    self.init(
      width: width, height: height, imageSize: model.imageSize, lowResolutionSize: model.lowResolutionSize)
  }

  /// An image of that size in an input of `imageSize` pixels a side, with logits of `lowResolutionSize` a side.
  package init(width: Int, height: Int, imageSize: Int, lowResolutionSize: Int) {
    self.width = width
    self.height = height
    (inputWidth, inputHeight) = Image.longestSideSize(width: width, height: height, target: imageSize)
    upsampling = MaskUpsampling(
      lowResolutionSize: lowResolutionSize, imageSize: imageSize, inputWidth: inputWidth,
      inputHeight: inputHeight, width: width, height: height)
  }

  /// Pixels of the model input from pixels of the original image.
  package func toModel(x: Float, y: Float) -> (x: Float, y: Float) {
    (
      Float(Double(x) * (Double(inputWidth) / Double(width))),
      Float(Double(y) * (Double(inputHeight) / Double(height)))
    )
  }
}
