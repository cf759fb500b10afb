public import Tensors

/// The paper's training loss: focal and dice on the mask, squared error on the predicted IoU (section 3 and appendix A).
///
/// Everything is measured at the resolution of the low-resolution logits.
public struct MaskLoss: Sendable, Equatable, Codable {
  /// Factor of the focal loss (arXiv 1708.02002, gamma 2), a mean over pixels.
  public var focal: Float = 20
  /// Factor of the dice loss, 1 − (2 Σpt + 1) / (Σp + Σt + 1).
  public var dice: Float = 1
  /// Factor of the squared error of predicted IoU.
  public var iou: Float = 1
  /// The focal loss's weight of the object's pixels; the others have 1 − alpha.
  public var alpha: Float = 0.25
  /// Factor of binary cross entropy, its mean over all pixels plus a quarter of its mean over the object's. It keeps
  /// early masks from vanishing; 0 but for the beginning of a training from scratch.
  public var crossEntropy: Float = 0
  /// How much of an ambiguous prompt's loss is the mean over its candidates, the rest being the lowest (relaxed winner-takes-all, arXiv
  /// 1612.00197): a candidate that is never the best learns too. 0 for the paper's minimum.
  public var others: Float = 0
  /// By how much more than others the pixels on either side of the target's outline count in the focal loss: 1 + outline times as much. 0 for
  /// the paper's loss.
  public var outline: Float = 0

  /// The paper's factors.
  public init() {}

  /// What one predicted mask is worth.
  public struct Value: Sendable, Equatable {
    /// The unweighted terms.
    public var focal: Float, dice: Float, crossEntropy: Float
    /// Their weighted sum.
    public var mask: Float
    /// The IoU of the mask (logits above 0) with the target.
    public var trueIoU: Float
    /// The IoU that the model predicted.
    public var predictedIoU: Float
  }

  /// The losses of predictions, and their gradients.
  public struct Result: Sendable {
    /// The sum of all prompts' losses, weighted as asked.
    public var total: Double = 0
    /// Prompt by prompt: the masks that were looked at, and the one among them whose loss counts.
    public var values: [[Value]] = []
    /// Index into ``values`` of each prompt.
    public var best: [Int] = []
    /// The gradient of ``total`` by the logits and by the predicted IoUs, of their shapes.
    public var logitGradient: Tensor
    /// See ``logitGradient``.
    public var iouGradient: Tensor
  }

  /// Computes losses and gradients.
  ///
  /// - Parameters:
  ///   - logits: prompts x masks x height x width.
  ///   - predictions: prompts x masks: the predicted IoUs.
  ///   - targets: prompts x height x width, 0 or 1.
  ///   - candidates: for each prompt the masks that are looked at. The one of lowest loss is learned from, and as ``others`` says the
  ///     rest of them; the squared error of IoU is a mean over all of them.
  ///   - weight: what each prompt's loss is multiplied by: 1 / prompts for a mean.
  public func evaluate(
    logits: Tensor, predictions: Tensor, targets: Tensor, candidates: [Range<Int>], weight: Float
  ) -> Result {
    evaluate(
      logits: logits, predictions: predictions, targets: targets, candidates: candidates,
      weights: candidates.map { _ in weight })
  }

  /// The same with a weight for each prompt.
  func evaluate(
    logits: Tensor, predictions: Tensor, targets: Tensor, candidates: [Range<Int>], weights: [Float]
  ) -> Result {
    let (prompts, masks, height, width) = (logits.shape[0], logits.shape[1], logits.shape[2], logits.shape[3])
    precondition(targets.shape[0] == prompts && candidates.count == prompts, "a target for each prompt")
    let pixels = height * width
    let compute = logits.compute
    let planes = logits.detached().reshaped([prompts * masks, pixels])
    let predicted = predictions.elements
    var gradients: [Tensor] = []
    var iouGradient = [Float](repeating: 0, count: prompts * masks)
    let none = Tensor(repeating: 0, shape: [1, pixels], on: compute)
    var result = Result(logitGradient: none, iouGradient: none)
    for prompt in 0..<prompts {
      let target = targets[outermost: prompt].reshaped([pixels])
      let (range, weight) = (candidates[prompt], weights[prompt])
      let rim = outline > 0 ? Outline(of: target, height: height, width: width) : nil
      var values: [Value] = []
      var sums: [MaskLossSums] = []
      for mask in range {
        let plane = planes[outermost: prompt * masks + mask]
        let found = plane.maskLossSums(target, alpha: alpha)
        sums.append(found)
        let focalSum = found.focal + Double(outline) * (rim?.focal(plane, alpha: alpha) ?? 0)
        values.append(
          value(found, focalSum: focalSum, pixels: pixels, predictedIoU: predicted[prompt * masks + mask]))
      }
      let best = values.indices.min { values[$0].mask < values[$1].mask } ?? 0
      result.best.append(best)
      result.values.append(values)
      let share = 1 / Float(range.count)
      let parts = learned(range.count, best: best)
      for (index, mask) in range.enumerated() {
        if parts[index] > 0 { result.total += Double(weight * parts[index] * values[index].mask) }
        let error = values[index].predictedIoU - values[index].trueIoU
        result.total += Double(weight * iou * error * error * share)
        iouGradient[prompt * masks + mask] = 2 * weight * iou * error * share
      }
      for mask in 0..<masks {
        let index = mask - range.lowerBound
        if range.contains(mask), parts[index] > 0 {
          let plane = planes[outermost: prompt * masks + mask]
          let factors = factors(sums[index], pixels: pixels, weight: weight * parts[index])
          var gradient = plane.maskLossGradient(target, factors)
          rim?.addFocalGradient(plane, alpha: alpha, factor: outline * factors.focal, to: &gradient)
          gradients.append(gradient.reshaped([1, pixels]))
        } else {
          gradients.append(none)
        }
      }
    }
    result.logitGradient = Tensor.concatenating(gradients, on: compute).reshaped(logits.shape)
    result.iouGradient = Tensor(iouGradient, shape: predictions.shape, on: compute)
    return result
  }

  /// What each of so many candidates' mask losses counts.
  private func learned(_ count: Int, best: Int) -> [Float] {
    let blend = count > 1 ? others : 0
    return (0..<count).map { blend / Float(count) + ($0 == best ? 1 - blend : 0) }
  }

  private func value(_ sums: MaskLossSums, focalSum: Double, pixels: Int, predictedIoU: Float) -> Value {
    let union = Double(sums.positive) + sums.target - Double(sums.common)
    let focalMean = focalSum / Double(pixels)
    let diceLoss = 1 - (2 * sums.overlap + 1) / (sums.probability + sums.target + 1)
    let entropy = sums.crossEntropy / Double(pixels) + sums.ownCrossEntropy / (4 * max(1, sums.target))
    let total = Double(focal) * focalMean + Double(dice) * diceLoss + Double(crossEntropy) * entropy
    return Value(
      focal: Float(focalMean), dice: Float(diceLoss), crossEntropy: Float(entropy), mask: Float(total),
      trueIoU: Float(Double(sums.common) / max(1, union)), predictedIoU: predictedIoU)
  }

  private func factors(_ sums: MaskLossSums, pixels: Int, weight: Float) -> MaskLossFactors {
    let denominator = sums.probability + sums.target + 1
    return MaskLossFactors(
      focal: weight * focal / Float(pixels), alpha: alpha,
      crossEntropy: weight * crossEntropy / Float(pixels),
      ownCrossEntropy: weight * crossEntropy / Float(4 * max(1, sums.target)),
      probability: weight * dice * Float((2 * sums.overlap + 1) / (denominator * denominator)),
      overlap: -weight * dice * Float(2 / denominator))
  }
}
