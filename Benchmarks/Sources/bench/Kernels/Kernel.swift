internal import Tensors

/// An operation of a real layer, to be measured beside its naive form.
struct Kernel {
  /// The group it is listed in.
  let group: String
  /// The layer and its sizes.
  let name: String
  /// Floating-point operations that the definition calls for, a multiplication and an addition being two.
  let operations: Double
  /// Makes the operands, so that only those of one kernel are held at a time.
  let prepare: (Compute) -> Work

  /// Operands bound to what is measured.
  struct Work {
    /// The package's operation.
    let run: () -> Void
    /// Computes so many of the result's rows by the definition.
    let naive: (_ rows: Int) -> Void
    /// Rows of the result.
    let rows: Int
  }

  /// Seeded numbers from −1 to 1.
  static func operand(_ shape: Shape, scale: Float = 1, on compute: Compute) -> Tensor {
    var state: UInt32 = 0x9E37_79B9 ^ UInt32(truncatingIfNeeded: shape.elementCount)
    var tensor = Tensor(uninitialized: shape, on: compute)
    tensor.withUnsafeMutableBuffer { elements in
      for index in elements.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        elements[index] = Float(Int32(bitPattern: state)) * 0x1p-31 * scale
      }
    }
    return tensor
  }
}
