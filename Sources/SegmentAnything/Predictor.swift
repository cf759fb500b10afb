public import Imaging
public import Tensors

/// One model and one current image, in the shape of the reference's `SamPredictor`.
///
/// ```swift
/// var predictor = Predictor(try SAM.embedded())
/// try predictor.setImage(image)
/// let first = try predictor.predict(points: [PointPrompt(300, 180)])
/// let better = try predictor.predict(
///   points: [PointPrompt(300, 180), PointPrompt(40, 40, .background)],
///   mask: first.maskPrompt(first.mostConfident), multimask: false)
/// ```
///
/// A value: a copy has the same image and may be used by another task.
public struct Predictor: Sendable {
  /// The model that answers.
  public let model: SAM
  /// The current image's embedding; nil before an image is set.
  public private(set) var embedding: ImageEmbedding?

  /// A predictor without an image.
  public init(_ model: SAM) { self.model = model }

  /// How the bytes of a pixel are ordered.
  public enum ChannelOrder: Sendable {
    /// Red first, as ``Imaging/Image`` has them.
    case rgb
    /// Blue first, as OpenCV has them.
    case bgr
  }

  /// Embeds an image and makes it the current one.
  ///
  /// - Throws: ``SAMError/cancelled``; the image set before stays current then.
  public mutating func setImage(_ image: Image, channels: ChannelOrder = .rgb) throws(SAMError) {
    embedding = try model.embed(channels == .bgr ? image.swappingRedAndBlue() : image)
  }

  /// Makes an image that has been resized, normalised and padded already the current one.
  ///
  /// - Parameters:
  ///   - input: size x size x 3; see ``ModelInput``.
  ///   - width: of the original image.
  ///   - height: of the original image.
  public mutating func setModelInput(_ input: Tensor, width: Int, height: Int) throws(SAMError) {
    embedding = try model.embed(input, width: width, height: height)
  }

  /// Makes an image that was embedded before the current one.
  ///
  /// - Throws: ``SAMError/embedding(_:)`` where the model cannot use it.
  public mutating func setEmbedding(_ embedding: ImageEmbedding) throws(SAMError) {
    try model.check(embedding)
    self.embedding = embedding
  }

  /// Forgets the current image.
  public mutating func reset() { embedding = nil }

  /// Answers one prompt on the current image.
  ///
  /// - Parameters:
  ///   - points: labelled points in XY pixels of the original image.
  ///   - box: a box in XY pixels of the original image.
  ///   - mask: an earlier answer's logits, or a binary mask.
  ///   - multimask: three candidates instead of one mask.
  /// - Throws: ``SAMError/prompt(_:)`` for a prompt that makes no sense, or without an image.
  public func predict(
    points: [PointPrompt] = [], box: Box? = nil, mask: MaskPrompt? = nil, multimask: Bool = true
  ) throws(SAMError) -> Prediction {
    let answers = try predict([Prompt(points: points, box: box, mask: mask)], multimask: multimask)
    return answers[0]
  }

  /// Answers several prompts on the current image, side by side.
  public func predict(_ prompts: [Prompt], multimask: Bool = true) throws(SAMError) -> [Prediction] {
    guard let embedding else { throw .prompt(.noImage) }
    return try model.predict(prompts, in: embedding, multimask: multimask)
  }
}

extension Image {
  /// The same picture from pixels whose first and last channels are the other way round.
  fileprivate func swappingRedAndBlue() -> Image {
    var result = self
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      for at in stride(from: 0, to: pixels.count, by: 3) { pixels.swapAt(at, at + 2) }
    }
    return result
  }
}
