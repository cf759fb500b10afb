internal import Kernels

#if !hasFeature(Embedded)
  /// The numbers of one step of Adam with decoupled weight decay (arXiv 1711.05101).
  public struct AdamStep: Sendable {
    /// The learning rate.
    public var rate: Float
    /// How much of the old first and second moments stays.
    public var beta1: Float, beta2: Float
    /// Added to the root of the second moment.
    public var epsilon: Float
    /// The share of a weight that is taken off, times the rate.
    public var weightDecay: Float
    /// Which step this is, from 1: moments that began as zeros are corrected for it.
    public var number: Int
    /// What gradients are multiplied by first: below 1 where they are clipped.
    public var gradientFactor: Float

    /// A step of the given numbers.
    public init(
      rate: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float,
      number: Int, gradientFactor: Float = 1
    ) {
      self.rate = rate
      self.beta1 = beta1
      self.beta2 = beta2
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.number = number
      self.gradientFactor = gradientFactor
    }
  }

  extension Tensor {
    /// Brings a parameter and its moments up to date, all of one shape, in one pass over them.
    public mutating func adamStep(
      _ step: AdamStep, gradient: Tensor, first: inout Tensor, second: inout Tensor
    ) {
      precondition(
        gradient.count == count && first.count == count && second.count == count, "moments fit the parameter")
      let (c1, c2) = (1 - power(step.beta1, step.number), 1 - power(step.beta2, step.number))
      let compute = compute
      let count = count
      withUnsafeMutableBuffer { w in
        first.withUnsafeMutableBuffer { m in
          second.withUnsafeMutableBuffer { v in
            gradient.withPointer { g in
              guard let w = w.baseAddress, let m = m.baseAddress, let v = v.baseAddress else { return }
              nonisolated(unsafe) let (weights, means, squares, g) = (w, m, v, g)
              compute.forEachRange(of: count, atLeast: 1 << 14) { range in
                let at = range.lowerBound
                VectorKernels.training.adam_step(
                  weights + at, g + at, means + at, squares + at, range.count, step.gradientFactor,
                  step.beta1, step.beta2,
                  1 - step.rate * step.weightDecay, step.rate, Float(1 / c1), Float(1 / c2), step.epsilon)
              }
            }
          }
        }
      }
    }

    /// Moves every element towards that of another tensor by a share of the way: a running average.
    public mutating func approach(_ other: Tensor, by share: Float) {
      precondition(other.count == count, "equal sizes")
      let compute = compute
      let count = count
      withUnsafeMutableBuffer { y in
        other.withPointer { x in
          guard let y = y.baseAddress else { return }
          nonisolated(unsafe) let (x, average) = (x, y)
          compute.forEachRange(of: count, atLeast: 1 << 14) { range in
            VectorKernels.training.approach(
              x + range.lowerBound, share, average + range.lowerBound, range.count)
          }
        }
      }
    }

    /// The sum of the squares of all elements.
    public func sumOfSquares() -> Double { withPointer { VectorKernels.training.sum_of_squares($0, count) } }
  }

  /// A number to a whole power, in double precision.
  private func power(_ base: Float, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, Double(base), exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
#endif
