internal import Kernels

/// What an operation applies to each element before it returns.
public enum Activation: Int32, Sendable {
  /// Nothing.
  case identity = 0
  /// x · Φ(x), the exact form.
  case gelu = 1
  /// max(x, 0).
  case relu = 2
}

/// The inner loops for this processor.
enum VectorKernels {
  // A table of constants; C cannot tell the compiler so.
  nonisolated(unsafe) static let best: SamKernels = sam_kernels().pointee
  #if !hasFeature(Embedded)
    /// What only training runs.
    static let training: SamTrainingKernels = sam_training_kernels().pointee
  #endif
}

extension VectorKernels {
  /// e^x for one x <= 0: there is no mathematics library in a browser.
  static func exponential(_ x: Float) -> Float {
    var (value, maximum, sum, factor) = (x, Float(0), Float(0), Float(0))
    best.softmax_columns(&value, 1, 1, 1, 1, &maximum, &sum, &factor)
    return value
  }
}

extension Tensor {
  /// The activation of every element. Works in place where this tensor is its memory's only owner.
  public consuming func activated(_ activation: Activation) -> Tensor {
    guard activation != .identity else { return self }
    var result = self
    let compute = result.compute
    let tape = Tape.recording(result)
    // What the activation is applied to is kept for the way back.
    var input = tape == nil ? nil : Tensor(uninitialized: result.shape, on: compute)
    input?.node = result.node
    result.withUnsafeMutableBuffer { elements in
      guard let base = elements.baseAddress else { return }
      nonisolated(unsafe) let (y, z) = (base, input?.start)
      compute.forEachRange(of: elements.count, atLeast: 1 << 14) { range in
        let at = range.lowerBound
        #if !hasFeature(Embedded)
          if let z {
            return VectorKernels.training.bias_activation_keeping(
              y + at, 0, nil, nil, 0, activation.rawValue, z + at, 0, 1, range.count)
          }
        #endif
        VectorKernels.best.bias_activation(y + at, 0, nil, nil, 0, activation.rawValue, 1, range.count)
      }
    }
    guard let tape, let input else { return result }
    return tape.record(result) { gradient, tape in
      #if !hasFeature(Embedded)
        let (dx, _) = gradient.throughActivation(
          activation, of: input, columns: input.shape.innermost, wantsSums: false)
        tape.accumulate(dx, in: input.node)
      #endif
    }
  }
}

extension Compute {
  /// Splits `0..<count` into ranges of `least` or more, a few for each thread, and runs `body` on each.
  @inline(__always)
  func forEachRange(of count: Int, atLeast least: Int, _ body: @Sendable (Range<Int>) -> Void) {
    guard count > 0 else { return }
    let parts = Swift.max(1, Swift.min(count / Swift.max(1, least), threads * 4))
    let size = (count + parts - 1) / parts
    forEach((count + size - 1) / size) { part in
      body(part * size..<Swift.min(count, (part + 1) * size))
    }
  }
}
