internal import Modeling
public import Tensors

/// What all prompts on one image share: the encoder's output. Made once, kept, saved, loaded, shared between tasks.
public struct ImageEmbedding: Sendable {
  /// Width of the original image in pixels, to which prompts refer.
  public let width: Int
  /// Height of the original image in pixels.
  public let height: Int
  /// Side of the model input it was made from.
  public let imageSize: Int
  /// The model that made it, and the only one that can use it.
  public let fingerprint: ModelFingerprint
  /// size/16 x size/16 x channels, channels last.
  public let embedding: Tensor
  /// Features at a quarter and an eighth of the input, for models whose decoder wants them.
  package let highResolution: (s0: Tensor, s1: Tensor)?
  /// What prompts share besides; copies have it in common.
  private let prepared = Once<MaskDecoder.ImageFeatures>()

  init(
    width: Int, height: Int, imageSize: Int, fingerprint: ModelFingerprint, embedding: Tensor,
    highResolution: (s0: Tensor, s1: Tensor)?
  ) {
    self.width = width
    self.height = height
    self.imageSize = imageSize
    self.fingerprint = fingerprint
    self.embedding = embedding
    self.highResolution = highResolution
  }

  /// What the mask decoder needs of the image: made when the image is embedded, or when an embedding from a file is first
  /// prompted.
  func features(
    _ make: (Tensor, (s0: Tensor, s1: Tensor)?) -> MaskDecoder.ImageFeatures
  ) -> MaskDecoder.ImageFeatures {
    prepared.value { make(embedding, highResolution) }
  }
}
