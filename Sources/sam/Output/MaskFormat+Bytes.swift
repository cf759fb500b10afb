import Checkpoints
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

extension Image {
  /// The picture, transparent where the mask of the same size is not.
  ///
  /// Pixels outside are black, so that what was cut away is not in the file either.
  func cutout(_ mask: Mask) throws(ImageError) -> RGBAImage {
    var samples = [UInt8](repeating: 0, count: width * height * 4)
    pixels.withUnsafeBufferPointer { pixels in
      for (index, bit) in mask.bits.enumerated() where bit != 0 {
        for channel in 0..<3 { samples[index * 4 + channel] = pixels[index * 3 + channel] }
        samples[index * 4 + 3] = 255
      }
    }
    return try RGBAImage(width: width, height: height, pixels: samples)
  }
}
