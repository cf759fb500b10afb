#if !hasFeature(Embedded)
  extension Tensor {
    /// Every element dropped with a probability, the others scaled up so that the expected value stays (arXiv 1207.0580).
    ///
    /// Which ones fall depends on the seed and the element's position only, so that nothing is kept for the way back.
    ///
    /// - Parameters:
    ///   - rate: the probability, in 0..<1.
    ///   - seed: decides which.
    public func dropout(_ rate: Float, seed: UInt64) -> Tensor {
      precondition(rate >= 0 && rate < 1, "a rate below one")
      guard rate > 0 else { return self }
      let result = Tensor(uninitialized: shape, on: compute)
      let kept = 1 / (1 - rate)
      let limit = UInt64(Double(rate) * 0x1p32)
      withPointer { x in
        nonisolated(unsafe) let (x, y) = (x, result.start)
        compute.forEachRange(of: count, atLeast: 1 << 12) { range in
          for index in range {
            y[index] = Tensor.mixed(seed, index) >> 32 < limit ? 0 : x[index] * kept
          }
        }
      }
      guard let tape = Tape.recording(self) else { return result }
      return tape.record(result) { [node] gradient, tape in
        tape.accumulate(gradient.detached().dropout(rate, seed: seed), in: node)
      }
    }

    /// The number at a position of a random stream (SplitMix64).
    private static func mixed(_ seed: UInt64, _ index: Int) -> UInt64 {
      var z = seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
#endif
