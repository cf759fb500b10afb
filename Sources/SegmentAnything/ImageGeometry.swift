internal import Imaging
internal import Tensors

/// How an original image lies in the model's square input.
struct ImageGeometry: Sendable {
  /// The original image's size.
  let width: Int, height: Int
  /// The part of the model input that holds the image, at the top left.
  let inputWidth: Int, inputHeight: Int
  let upsampling: MaskUpsampling

  init(width: Int, height: Int, imageSize: Int) {
    self.width = width
    self.height = height
    (inputWidth, inputHeight) = Image.longestSideSize(width: width, height: height, target: imageSize)
    upsampling = MaskUpsampling(
      lowResolutionSize: imageSize / 4, imageSize: imageSize, inputWidth: inputWidth,
      inputHeight: inputHeight,
      width: width, height: height)
  }

  /// Pixels of the model input from pixels of the original image.
  func toModel(x: Float, y: Float) -> (x: Float, y: Float) {
    (
      Float(Double(x) * (Double(inputWidth) / Double(width))),
      Float(Double(y) * (Double(inputHeight) / Double(height)))
    )
  }
}
