internal import Kernels

#if !hasFeature(Embedded)
  /// What the losses of one mask are made of: sums over its pixels, with p the sigmoid of a logit and t the target, 0 or 1.
  public struct MaskLossSums: Sendable {
    /// Focal loss with gamma 2 (arXiv 1708.02002), binary cross entropy, and that of the target's own pixels.
    public let focal: Double, crossEntropy: Double, ownCrossEntropy: Double
    /// p, p · t and t.
    public let probability: Double, overlap: Double, target: Double
    /// Pixels with a logit above 0, and how many of them are in the target.
    public let positive: Int, common: Int
  }

  /// The derivative of a loss of one mask by those sums.
  public struct MaskLossFactors: Sendable {
    /// By the focal loss.
    public var focal: Float
    /// The focal loss's weight of the target's own pixels; the others have 1 − alpha.
    public var alpha: Float
    /// By cross entropy, and what the target's own pixels get besides.
    public var crossEntropy: Float, ownCrossEntropy: Float
    /// By the sum of p, and by that of p · t.
    public var probability: Float, overlap: Float

    /// Factors of the given values.
    public init(
      focal: Float, alpha: Float, crossEntropy: Float, ownCrossEntropy: Float, probability: Float,
      overlap: Float
    ) {
      self.focal = focal
      self.alpha = alpha
      self.crossEntropy = crossEntropy
      self.ownCrossEntropy = ownCrossEntropy
      self.probability = probability
      self.overlap = overlap
    }
  }

  extension Tensor {
    /// Sums of the losses of one mask's logits against a target of as many elements, 0 or 1.
    public func maskLossSums(_ target: Tensor, alpha: Float) -> MaskLossSums {
      precondition(target.count == count, "a target for each logit")
      var sums = SamMaskSums()
      withPointer { z in target.withPointer { VectorKernels.training.mask_sums(z, $0, alpha, count, &sums) } }
      return MaskLossSums(
        focal: sums.focal, crossEntropy: sums.cross_entropy, ownCrossEntropy: sums.own_cross_entropy,
        probability: sums.probability, overlap: sums.overlap, target: sums.target, positive: sums.positive,
        common: sums.common)
    }

    /// The gradient of a loss by one mask's logits, of this tensor's shape.
    public func maskLossGradient(_ target: Tensor, _ factors: MaskLossFactors) -> Tensor {
      precondition(target.count == count, "a target for each logit")
      let result = Tensor(uninitialized: shape, on: compute)
      var given = SamMaskFactors(
        focal: factors.focal, alpha: factors.alpha, cross_entropy: factors.crossEntropy,
        own_cross_entropy: factors.ownCrossEntropy, probability: factors.probability, overlap: factors.overlap
      )
      withPointer { z in
        target.withPointer { VectorKernels.training.mask_gradient(z, $0, &given, result.start, count) }
      }
      return result
    }
  }
#endif
