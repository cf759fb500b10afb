internal import Imaging
internal import Modeling
internal import SegmentAnything
internal import Tensors

extension BenchedModel {
  /// A photo as large as the models' input, so that resizing is not part of what is measured.
  static func photo() throws -> Image {
    try Image(contentsOfFile: PackageFiles.photo).resized(width: 1024, height: 1024)
  }

  /// The encoder's part: everything that prompts on an image share.
  ///
  /// - Parameter input: size x size x 3, normalised.
  func encode(_ input: Tensor) throws -> MaskDecoder.ImageFeatures {
    let size = configuration.imageSize
    let encoded = try imageEncoder(input.reshaped([1, size, size, 3]))
    let features = maskDecoder.imageFeatures(
      encoded, positions: promptEncoder.densePositions(configuration.embeddingSize))
    return maskDecoder.prepared(features, noMask: promptEncoder.noMaskEmbedding)
  }

  /// Points spread over the image, in pixels of the model input.
  func points(_ count: Int) -> [(x: Float, y: Float)] {
    let side = Float(configuration.imageSize)
    return (0..<count).map { index in
      let (a, b) = (Float(index) * 0.618_034 + 0.4, Float(index) * 0.754_878 + 0.45)
      return (side * (a - a.rounded(.down)), side * (b - b.rounded(.down)))
    }
  }

  /// The decoder's part: low-resolution logits of three masks and their predicted IoU for each point; several
  /// points side by side, as `SAM.predict` has them.
  func decode(
    _ points: [(x: Float, y: Float)], on features: MaskDecoder.ImageFeatures, _ compute: Compute
  ) -> [MaskDecoder.Output] {
    func answer(_ index: Int, _ compute: Compute) -> MaskDecoder.Output {
      let coordinates = Tensor(
        [points[index].x, points[index].y, 0, 0], shape: [1, 2, 2], on: compute)
      let prompt = promptEncoder(
        coordinates: coordinates, kinds: [.foreground, .padding], masks: nil)
      return maskDecoder(features, prompts: prompt, masks: maskDecoder.multimaskRange)
    }
    if points.count == 1 { return [answer(0, compute)] }
    var results = [MaskDecoder.Output?](repeating: nil, count: points.count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let slots = results
      nonisolated(unsafe) let one = answer
      compute.forEach(points.count) { slots[$0] = one($0, BenchedModel.serial) }
    }
    return results.compactMap { $0 }
  }

  private static let serial = Compute(threads: 1)
}
