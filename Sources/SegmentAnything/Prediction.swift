public import Imaging
public import Tensors

/// The model's answer to one prompt: one mask, or three candidates for an ambiguous prompt.
public struct Prediction: Sendable {
  /// For each mask, the IoU the model expects it to have with the object; about 0 to 1, not clamped.
  public let iouPredictions: [Float]
  /// masks x size/4 x size/4 logits, to be used as the mask of a next prompt; padding is part of them.
  public let lowResolutionLogits: Tensor
  let upsampling: MaskUpsampling
  private let madeMasks = Once<[Mask]>()

  init(iouPredictions: [Float], lowResolutionLogits: Tensor, upsampling: MaskUpsampling) {
    self.iouPredictions = iouPredictions
    self.lowResolutionLogits = lowResolutionLogits
    self.upsampling = upsampling
  }

  /// The same answer, with what follows from it computed elsewhere.
  func on(_ compute: Compute) -> Prediction {
    Prediction(
      iouPredictions: iouPredictions, lowResolutionLogits: lowResolutionLogits.on(compute),
      upsampling: upsampling)
  }

  /// Masks at the original image's size; made when first asked for.
  public var masks: [Mask] {
    madeMasks.value {
      upsampling.masks(lowResolutionLogits).map {
        Mask(trusted: $0, width: upsampling.width, height: upsampling.height)
      }
    }
  }

  /// The masks with one bit for each pixel, in one pass from the logits.
  public var bitMasks: [BitMask] {
    upsampling.bits(lowResolutionLogits).map {
      BitMask(trusted: $0, width: upsampling.width, height: upsampling.height)
    }
  }

  /// The masks as runs, in one pass from the logits: nothing of the image's size is held but a bit for each pixel.
  public var runLengthMasks: [RunLengthMask] {
    upsampling.bits(lowResolutionLogits).map { bits in
      // The size is the image's, and the words are as many as it needs.
      (try? RunLengthMask(bits: bits, width: upsampling.width, height: upsampling.height))
        ?? RunLengthMask(Mask(width: upsampling.width, height: upsampling.height))
    }
  }

  /// The position of the mask with the highest predicted IoU.
  public var mostConfident: Int {
    iouPredictions.indices.max { iouPredictions[$0] < iouPredictions[$1] } ?? 0
  }

  /// Unthresholded masks at the original size, masks x height x width; a mask is where they are above 0.
  public func logits() -> Tensor { upsampling.logits(lowResolutionLogits) }

  /// Unthresholded logits of one mask at the original size, height x width.
  public func logits(ofMask index: Int) -> Tensor {
    upsampling.logits(lowResolutionLogits[outermost: index..<index + 1])[outermost: 0]
  }

  /// The logits of one mask as a mask prompt for the next prediction.
  public func maskPrompt(_ index: Int) -> MaskPrompt { .logits(lowResolutionLogits[outermost: index]) }
}
