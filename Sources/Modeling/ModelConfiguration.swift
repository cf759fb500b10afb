/// The sizes of a Segment Anything model: everything that the code needs to build one from its parameters.
///
/// The values follow from the tensors of a checkpoint, except head counts (see `docs/formats.md`).
public struct ModelConfiguration: Sendable, Hashable {
  /// Side of the square model input, in pixels.
  public var imageSize: Int
  /// The image encoder's form and sizes.
  public var encoder: EncoderConfiguration
  /// Sizes of the prompt encoder and the mask decoder.
  public var decoder: DecoderConfiguration

  /// Mean of each RGB channel, subtracted from 8-bit pixels (ImageNet's, as in the reference).
  public static let pixelMean: (Float, Float, Float) = (123.675, 116.28, 103.53)
  /// Standard deviation of each RGB channel, divided by.
  public static let pixelDeviation: (Float, Float, Float) = (58.395, 57.12, 57.375)

  /// Pixels of the model input for each position of the image embedding, along a side: a patch of a plain vision
  /// transformer; 16 in the others, and in all published models.
  public var stride: Int {
    if case .viT(let sizes) = encoder { sizes.patchSize } else { 16 }
  }
  /// Side of the square image embedding: 64 for an input of 1024.
  public var embeddingSize: Int { imageSize / stride }
  /// Side of the square mask logits that the decoder returns, and of those in a mask prompt: 256 for an input of 1024.
  public var lowResolutionSize: Int { 4 * embeddingSize }

  /// A configuration of the given parts.
  public init(imageSize: Int, encoder: EncoderConfiguration, decoder: DecoderConfiguration) {
    self.imageSize = imageSize
    self.encoder = encoder
    self.decoder = decoder
  }
}

/// Which image encoder a model has.
public enum EncoderConfiguration: Sendable, Hashable {
  /// The paper's plain vision transformer.
  case viT(ViTConfiguration)
  /// MobileSAM's TinyViT.
  case tinyViT(TinyViTConfiguration)
  /// The small convolution and attention encoder of the model inside.
  case hybrid(HybridConfiguration)
}

/// Sizes of the plain vision transformer (paper, appendix A; ViTDet).
public struct ViTConfiguration: Sendable, Hashable {
  /// Channels of a token.
  public var width: Int
  /// Number of blocks.
  public var depth: Int
  /// Attention heads in each block.
  public var heads: Int
  /// Hidden channels of the MLP.
  public var mlpWidth: Int
  /// Pixels of a patch along a side.
  public var patchSize: Int
  /// Tokens of an attention window along a side.
  public var windowSize: Int
  /// Blocks that attend over all tokens instead of windows.
  public var globalBlocks: Set<Int>
  /// Whether attention has decomposed relative positions.
  public var hasRelativePositions: Bool
  /// Whether tokens get absolute position embeddings.
  public var hasAbsolutePositions: Bool
  /// Side, in tokens, of the stored absolute position embeddings; differs from the input's where resampled.
  public var storedPositions: Int

  /// A configuration of the given sizes.
  public init(
    width: Int, depth: Int, heads: Int, mlpWidth: Int, patchSize: Int = 16, windowSize: Int = 14,
    globalBlocks: Set<Int>, hasRelativePositions: Bool = true, hasAbsolutePositions: Bool = true,
    storedPositions: Int = 64
  ) {
    self.width = width
    self.depth = depth
    self.heads = heads
    self.mlpWidth = mlpWidth
    self.patchSize = patchSize
    self.windowSize = windowSize
    self.globalBlocks = globalBlocks
    self.hasRelativePositions = hasRelativePositions
    self.hasAbsolutePositions = hasAbsolutePositions
    self.storedPositions = storedPositions
  }

  /// Head counts and global blocks of the known models, by width and depth; nil for any other.
  public static func known(width: Int, depth: Int) -> (heads: Int, globalBlocks: Set<Int>)? {
    switch (width, depth) {
    case (768, 12): (12, [2, 5, 8, 11])
    case (1024, 24): (16, [5, 11, 17, 23])
    case (1280, 32): (16, [7, 15, 23, 31])
    default: nil
    }
  }
}

/// Sizes of TinyViT (arXiv 2207.10666) as MobileSAM uses it: a convolution stage, then three of windowed attention.
public struct TinyViTConfiguration: Sendable, Hashable {
  /// Channels of the four stages.
  public var widths: [Int]
  /// Blocks of the four stages.
  public var depths: [Int]
  /// Attention heads of the four stages; the first is not used.
  public var heads: [Int]
  /// Attention windows of the four stages, in tokens along a side; the first is not used.
  public var windowSizes: [Int]

  /// A configuration of the given sizes, four of each.
  public init(widths: [Int], depths: [Int], heads: [Int], windowSizes: [Int]) {
    self.widths = widths
    self.depths = depths
    self.heads = heads
    self.windowSizes = windowSizes
  }
}

/// Sizes of the hybrid encoder: convolutions down to a quarter and an eighth, inverted bottlenecks and attention
/// at a sixteenth and a thirty-second.
public struct HybridConfiguration: Sendable, Hashable {
  /// Channels after the stem, at half the input's size.
  public var stemWidth: Int
  /// Channels of the stages at 1/4, 1/8, 1/16 and 1/32.
  public var widths: [Int]
  /// Convolution blocks of each stage.
  public var blocks: [Int]
  /// Attention blocks of each stage.
  public var attentionBlocks: [Int]
  /// Attention heads of each stage.
  public var attentionHeads: [Int]

  /// A configuration of the given sizes, four of each.
  public init(stemWidth: Int, widths: [Int], blocks: [Int], attentionBlocks: [Int], attentionHeads: [Int]) {
    self.stemWidth = stemWidth
    self.widths = widths
    self.blocks = blocks
    self.attentionBlocks = attentionBlocks
    self.attentionHeads = attentionHeads
  }
}

/// Sizes of the prompt encoder and the mask decoder (paper, appendix A).
public struct DecoderConfiguration: Sendable, Hashable {
  /// Channels of the image embedding and of every prompt token.
  public var width: Int
  /// Channels inside the mask prompt's convolutions.
  public var maskInputChannels: Int
  /// Two-way layers.
  public var depth: Int
  /// Attention heads.
  public var heads: Int
  /// Hidden channels of the token MLP.
  public var mlpWidth: Int
  /// Width divided by the inner width of cross-attention.
  public var attentionDownsampling: Int
  /// Masks predicted for an ambiguous prompt; one more for unambiguous ones.
  public var multimaskOutputs: Int
  /// Layers of the IoU head.
  public var iouHeadDepth: Int
  /// Hidden channels of the IoU head.
  public var iouHeadWidth: Int
  /// Whether encoder features at 1/4 and 1/8 join the upscaling (`conv_s0`, `conv_s1`, as in SAM 2).
  public var hasHighResolutionFeatures: Bool

  /// A configuration of the given sizes; the defaults are the official models'.
  public init(
    width: Int = 256, maskInputChannels: Int = 16, depth: Int = 2, heads: Int = 8, mlpWidth: Int = 2048,
    attentionDownsampling: Int = 2, multimaskOutputs: Int = 3, iouHeadDepth: Int = 3, iouHeadWidth: Int = 256,
    hasHighResolutionFeatures: Bool = false
  ) {
    self.width = width
    self.maskInputChannels = maskInputChannels
    self.depth = depth
    self.heads = heads
    self.mlpWidth = mlpWidth
    self.attentionDownsampling = attentionDownsampling
    self.multimaskOutputs = multimaskOutputs
    self.iouHeadDepth = iouHeadDepth
    self.iouHeadWidth = iouHeadWidth
    self.hasHighResolutionFeatures = hasHighResolutionFeatures
  }
}
