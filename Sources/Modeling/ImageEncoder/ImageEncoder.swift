public import Tensors

/// Turns a normalised, padded image into the embedding that every prompt is answered from (paper, section 3).
public struct ImageEncoder: Sendable {
  /// What the encoder computes once per image.
  public struct Output: Sendable {
    /// batch x size/16 x size/16 x width.
    public var embedding: Tensor
    /// Features at a quarter and an eighth of the input, where the decoder's upscaling wants them.
    public var stage4: Tensor?
    /// See ``stage4``.
    public var stage8: Tensor?
  }

  private enum Form: Sendable {
    case viT(ViTEncoder)
    case tinyViT(TinyViTEncoder)
    case hybrid(HybridEncoder)
  }
  private let form: Form

  /// The plain vision transformer, where the encoder is one.
  var plain: ViTEncoder? {
    if case .viT(let encoder) = form { encoder } else { nil }
  }

  /// An encoder of the configured form, keys `image_encoder.…` of the official checkpoints.
  ///
  /// - Parameter precision: how it computes; ``Precision/int8`` is for the plain vision transformer.
  /// - Throws: ``ModelError``; ``ModelError/Inconsistency/precision(encoder:)`` for 8 bits in another encoder.
  public init(
    _ parameters: Parameters, _ configuration: ModelConfiguration, precision: Precision = .float32
  ) throws(ModelError) {
    switch configuration.encoder {
    case .viT(let sizes):
      form = .viT(
        try ViTEncoder(
          parameters, sizes, imageSize: configuration.imageSize, outputs: configuration.decoder.width,
          precision: precision))
    case .tinyViT(let sizes):
      guard precision == .float32 else { throw .invalidConfiguration(.precision(encoder: "TinyViT")) }
      form = .tinyViT(
        try TinyViTEncoder(
          parameters, sizes, imageSize: configuration.imageSize, outputs: configuration.decoder.width))
    case .hybrid(let sizes):
      guard precision == .float32 else { throw .invalidConfiguration(.precision(encoder: "hybrid")) }
      form = .hybrid(
        try HybridEncoder(
          parameters, sizes, imageSize: configuration.imageSize, outputs: configuration.decoder.width))
    }
  }

  /// Encodes images.
  ///
  /// - Parameters:
  ///   - image: batch x size x size x 3, normalised RGB, zero where padded.
  ///   - isCancelled: asked between blocks.
  ///   - observe: receives intermediate results under the names of the reference activations.
  /// - Throws: ``ModelError/cancelled``.
  public func callAsFunction(
    _ image: Tensor, isCancelled: () -> Bool = { false }, observe: ActivationObserver? = nil
  ) throws(ModelError) -> Output {
    switch form {
    case .viT(let encoder):
      Output(embedding: try encoder(image, isCancelled: isCancelled, observe: observe))
    case .tinyViT(let encoder):
      Output(embedding: try encoder(image, isCancelled: isCancelled, observe: observe))
    case .hybrid(let encoder):
      try encoder(image, isCancelled: isCancelled, observe: observe)
    }
  }
}
