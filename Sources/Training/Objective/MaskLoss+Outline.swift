internal import Tensors

extension MaskLoss {
  /// The pixels along the outline of a target: those with another value beside, above or below them.
  ///
  /// ``MaskLoss/outline`` lets the focal loss weigh them more. They are few, so they are gathered, and the loss of all pixels stays as it is.
  struct Outline {
    /// Where they are in the target, row by row.
    let pixels: [Int]
    /// What the target says there.
    let target: Tensor

    /// The outline of a target of height x width elements, 0 or 1.
    init(of target: Tensor, height: Int, width: Int) {
      let pixels = target.withUnsafeBuffer { target in
        var pixels: [Int] = []
        for y in 0..<height {
          for x in 0..<width {
            let index = y * width + x
            let own = target[index]
            if (x > 0 && target[index - 1] != own) || (x + 1 < width && target[index + 1] != own)
              || (y > 0 && target[index - width] != own) || (y + 1 < height && target[index + width] != own)
            {
              pixels.append(index)
            }
          }
        }
        return pixels
      }
      self.pixels = pixels
      self.target = Self.gather(pixels, from: target)
    }

    /// The sum of the focal loss over these pixels of a mask's logits.
    func focal(_ logits: Tensor, alpha: Float) -> Double {
      guard !pixels.isEmpty else { return 0 }
      return Self.gather(pixels, from: logits).maskLossSums(target, alpha: alpha).focal
    }

    /// Adds the gradient of ``focal(_:alpha:)`` times `factor` to that of all of the mask's logits.
    func addFocalGradient(_ logits: Tensor, alpha: Float, factor: Float, to gradient: inout Tensor) {
      guard !pixels.isEmpty else { return }
      let own = Self.gather(pixels, from: logits).maskLossGradient(
        target,
        MaskLossFactors(
          focal: factor, alpha: alpha, crossEntropy: 0, ownCrossEntropy: 0, probability: 0, overlap: 0))
      own.withUnsafeBuffer { own in
        gradient.withUnsafeMutableBuffer { all in
          for (index, pixel) in pixels.enumerated() { all[pixel] += own[index] }
        }
      }
    }

    private static func gather(_ pixels: [Int], from plane: Tensor) -> Tensor {
      plane.withUnsafeBuffer { values in
        Tensor(pixels.lazy.map { values[$0] }, shape: [pixels.count], on: plane.compute)
      }
    }
  }
}
