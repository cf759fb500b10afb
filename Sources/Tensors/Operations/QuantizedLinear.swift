internal import Kernels

/// The weights of a linear layer rounded to 8 bits, and packed for this processor.
///
/// Each output has a scale of its own, and its weights are whole multiples of it, −127 to 127. What they are multiplied by is
/// rounded when it comes: each row to 256 steps between its smallest and its largest number. Sums are exact; nothing
/// saturates, on any processor, and all give the same bits.
public struct QuantizedMatrix: Sendable {
  /// Rows of the matrix: outputs of the layer.
  public let outputs: Int
  /// Columns of the matrix: inputs of the layer.
  public let inputs: Int
  /// Panels of columns, as bytes in the memory of floats.
  private let packed: Tensor

  /// The deepest product whose sums fit 32 bits.
  public static let maximumInputs = 65536

  /// Rounds a matrix, outputs x inputs.
  public init(_ weight: Tensor) {
    precondition(weight.shape.count == 2, "a matrix")
    (outputs, inputs) = (weight.shape[0], weight.shape[1])
    precondition(inputs <= QuantizedMatrix.maximumInputs, "sums fit 32 bits")
    nonisolated(unsafe) let kernels = IntegerKernels.best
    let (width, depth, outputs) = (kernels.panel_columns, inputs, outputs)
    let panels = (outputs + width - 1) / width
    let panelBytes = IntegerKernels.columnPanelBytes(depth: depth)
    packed = Tensor(uninitialized: [(panels * panelBytes + 3) / 4], on: weight.compute)
    nonisolated(unsafe) let out = packed.bytes
    weight.withPointer { weight in
      nonisolated(unsafe) let weight = weight
      packed.compute.forEachRange(of: panels, atLeast: 1) { range in
        let last = Swift.min(outputs, range.upperBound * width)
        kernels.quantize_columns(
          weight + range.lowerBound * width * depth, depth, last - range.lowerBound * width, depth,
          out + range.lowerBound * panelBytes)
      }
    }
  }

  /// Multiplies all rows of x, rows x inputs, and applies the epilogue to each block while it is in cache.
  fileprivate func multiply(
    _ x: UnsafePointer<Float>, rows: Int, into out: UnsafeMutablePointer<Float>,
    epilogue: PackedProduct.Epilogue, on compute: Compute
  ) {
    nonisolated(unsafe) let kernels = IntegerKernels.best
    let (width, depth, columns) = (kernels.panel_columns, inputs, outputs)
    let panels = (columns + width - 1) / width
    let panelBytes = IntegerKernels.columnPanelBytes(depth: depth)
    let rowPanelBytes = IntegerKernels.rowPanelBytes(depth: depth)
    // A block of rows stays in the second-level cache while the panels of columns pass by.
    let panelsAtOnce = Swift.max(
      1, Swift.min(QuantizedMatrix.rowBlock / kernels.panel_rows, 327_680 / rowPanelBytes))
    let rowBlock = panelsAtOnce * kernels.panel_rows
    let rowBlocks = (rows + rowBlock - 1) / rowBlock
    // Few blocks of rows: the columns are shared out as well, so that every thread has something to do.
    let wanted = (4 * compute.threads + rowBlocks - 1) / Swift.max(1, rowBlocks)
    let panelsPerGroup = Swift.max(1, panels / Swift.max(1, wanted))
    let groups = (panels + panelsPerGroup - 1) / panelsPerGroup
    nonisolated(unsafe) let (x, out) = (x, out)
    nonisolated(unsafe) let packed = packed.bytes
    compute.forEach(rowBlocks * groups) { task in
      let first = task / groups * rowBlock
      let count = Swift.min(rowBlock, rows - first)
      let group = task % groups * panelsPerGroup
      compute.withScratch((panelsAtOnce * rowPanelBytes + 3) / 4) { scratch in
        let block = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt8.self)
        kernels.quantize_rows(x + first * depth, depth, count, depth, block)
        for panel in group..<Swift.min(panels, group + panelsPerGroup) {
          let column = panel * width
          let used = Swift.min(width, columns - column)
          let at = first * columns + column
          kernels.multiply_panel(block, packed + panel * panelBytes, depth, out + at, columns, count, used)
          if !epilogue.isIdentity {
            VectorKernels.best.bias_activation(
              out + at, columns, epilogue.bias.map { $0 + column }, epilogue.residual.map { $0 + at },
              columns,
              epilogue.activation.rawValue, count, used)
          }
        }
      }
    }
    withExtendedLifetime(self.packed) {}
  }

  /// Rows of x worked on together at most; a multiple of every instruction set's panel.
  private static let rowBlock = 96
}

extension Tensor {
  /// activation(x · Wᵀ + b) + residual, over the innermost dimension, with x and W rounded to 8 bits; see
  /// ``QuantizedMatrix``. The sums, bias, activation and residual are not rounded.
  ///
  /// - Parameters:
  ///   - weight: outputs x inputs.
  ///   - bias: one value for each output.
  ///   - activation: applied after the bias.
  ///   - residual: added last; of the result's shape.
  /// - Returns: this shape with the innermost size replaced by the number of outputs.
  public func linear(
    _ weight: QuantizedMatrix, _ bias: Tensor? = nil, activation: Activation = .identity,
    adding residual: Tensor? = nil
  ) -> Tensor {
    precondition(weight.inputs == shape.innermost, "weight fits the input")
    precondition(bias == nil || bias?.count == weight.outputs, "bias fits the weight")
    let result = Tensor(uninitialized: shape.replacingInnermost(weight.outputs), on: compute)
    precondition(residual == nil || residual?.count == result.count, "residual fits the result")
    withPointer { x in
      bias.withPointer { bias in
        residual.withPointer { residual in
          weight.multiply(
            x, rows: shape.rows, into: result.start,
            epilogue: PackedProduct.Epilogue(bias: bias, activation: activation, residual: residual),
            on: compute)
        }
      }
    }
    return result
  }

  /// The memory of a tensor that the caller has just made, as bytes.
  fileprivate var bytes: UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(start).assumingMemoryBound(to: UInt8.self)
  }
}

/// The inner loops of products of integers for this processor.
enum IntegerKernels {
  // A table of constants; C cannot tell the compiler so.
  nonisolated(unsafe) static let best: SamIntegerKernels = sam_integer_kernels().pointee

  static func rowPanelBytes(depth: Int) -> Int {
    withUnsafePointer(to: best) { sam_row_panel_bytes($0, depth) }
  }
  static func columnPanelBytes(depth: Int) -> Int {
    withUnsafePointer(to: best) { sam_column_panel_bytes($0, depth) }
  }
}
