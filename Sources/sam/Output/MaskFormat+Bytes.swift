import Checkpoints
import Files
import Imaging
import Tensors

extension MaskFormat {
  /// A mask as a file's bytes.
  ///
  /// - Parameter image: the picture, for a cutout.
  func bytes(of answer: SegmentedMask, image: Image?) throws -> [UInt8] {
    switch self {
    case .png:
      return try answer.mask.encodedPNG()
    case .rle:
      return Array((JSONText.segmentation(answer.mask).line + "\n").utf8)
    case .polygon:
      return Array((JSONText.polygons(answer.mask).line + "\n").utf8)
    case .cutout:
      guard let image else { throw CommandError.noImage }
      return try image.cutout(answer.mask).encoded(as: .png)
    case .logits:
      return NumPyFile.bytes(of: answer.logits.elements, shape: [1] + Array(answer.logits.shape))
    }
  }
}
