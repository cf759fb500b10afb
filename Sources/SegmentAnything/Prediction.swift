public import Imaging
public import Tensors

/// The model's answer to one prompt: one mask, or three candidates for an ambiguous prompt.
public struct Prediction: Sendable {
  /// Masks at the original image's size.
  public let masks: [Mask]
  /// For each mask, the IoU the model expects it to have with the object; about 0 to 1, not clamped.
  public let iouPredictions: [Float]
  /// masks x size/4 x size/4 logits, to be used as the mask of a next prompt; padding is part of them.
  public let lowResolutionLogits: Tensor
  let upsampling: MaskUpsampling

  /// The position of the mask with the highest predicted IoU.
  public var mostConfident: Int {
    iouPredictions.indices.max { iouPredictions[$0] < iouPredictions[$1] } ?? 0
  }

  /// Unthresholded masks at the original size, masks x height x width; a mask is where they are above 0.
  public func logits() -> Tensor { upsampling.logits(lowResolutionLogits) }

  /// The logits of one mask as a mask prompt for the next prediction.
  public func maskPrompt(_ index: Int) -> MaskPrompt { .logits(lowResolutionLogits[outermost: index]) }
}
