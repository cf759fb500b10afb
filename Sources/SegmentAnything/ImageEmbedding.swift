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
}
