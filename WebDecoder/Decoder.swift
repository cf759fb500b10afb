import Modeling
import Tensors

/// The prompt encoder and the mask decoder of one model, and the image that prompts refer to.
final class Decoder {
  let configuration: ModelConfiguration
  private let promptEncoder: PromptEncoder
  private let maskDecoder: MaskDecoder
  private let positions: Tensor
  private var image: MaskDecoder.ImageFeatures?

  /// A decoder of the official names, `prompt_encoder.…` and `mask_decoder.…`.
  init(_ parameters: Parameters, _ configuration: ModelConfiguration) throws(ModelError) {
    self.configuration = configuration
    promptEncoder = try PromptEncoder(parameters["prompt_encoder"], configuration)
    maskDecoder = try MaskDecoder(parameters["mask_decoder"], configuration)
    positions = promptEncoder.densePositions(configuration.embeddingSize)
  }

  /// How many masks it predicts: one for unambiguous prompts, then those for ambiguous ones.
  var maskCount: Int { configuration.decoder.multimaskOutputs + 1 }

  /// The image of the prompts to come.
  ///
  /// - Parameters:
  ///   - embedding: size/16 x size/16 x width.
  ///   - highResolution: see ``MaskDecoder/ImageFeatures``.
  func setImage(_ embedding: Tensor, highResolution: (s0: Tensor, s1: Tensor)?) {
    let features = MaskDecoder.ImageFeatures(
      embedding: embedding, positions: positions, highResolution: highResolution)
    image = maskDecoder.prepared(features, noMask: promptEncoder.noMaskEmbedding)
  }

  /// Decodes one prompt; nil before there is an image.
  ///
  /// - Parameters:
  ///   - coordinates: 1 x points x 2, XY pixels of the model input.
  ///   - kinds: what each point is.
  ///   - mask: 1 x size/4 x size/4 logits, or nil.
  ///   - masks: which of the masks.
  func decode(
    _ coordinates: Tensor, _ kinds: [PromptEncoder.PointKind], mask: Tensor?, masks: Range<Int>
  ) -> MaskDecoder.Output? {
    guard let image else { return nil }
    let prompts = promptEncoder(coordinates: coordinates, kinds: kinds, masks: mask)
    return maskDecoder(image, prompts: prompts, masks: masks)
  }
}

extension ModelConfiguration {
  /// The configuration of a decoder without an image encoder, or nil where a size is out of range.
  ///
  /// - Parameter sizes: the ten of `sam_decoder_new`.
  init?(decoderSizes sizes: UnsafePointer<Int32>) {
    let sizes = (0..<10).map { Int(sizes[$0]) }
    guard sizes.allSatisfy({ 1...(1 << 14) ~= $0 }) else { return nil }
    let absent = HybridConfiguration(
      stemWidth: 0, widths: [], blocks: [], attentionBlocks: [], attentionHeads: [])
    self.init(
      imageSize: sizes[0], encoder: .hybrid(absent),
      decoder: DecoderConfiguration(
        width: sizes[1], maskInputChannels: sizes[2], depth: sizes[3], heads: sizes[4], mlpWidth: sizes[5],
        attentionDownsampling: sizes[6], multimaskOutputs: sizes[7], iouHeadDepth: sizes[8],
        iouHeadWidth: sizes[9]))
    guard imageSize % stride == 0 else { return nil }
  }
}
