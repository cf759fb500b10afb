internal import Kernels

extension Tensor {
  /// As panels of B, given as its transpose.
  func packedTransposed(on compute: Compute) -> Tensor {
    let width = VectorKernels.best.panel_columns
    let (columns, depth) = (shape.rows, shape.innermost)
    let result = Tensor(uninitialized: [(columns + width - 1) / width * width * depth], on: compute)
    withPointer { VectorKernels.best.pack_transposed($0, depth, columns, depth, result.start) }
    return result
  }

  /// As panels of B.
  func packedColumns(on compute: Compute) -> Tensor {
    let width = VectorKernels.best.panel_columns
    let (depth, columns) = (shape.rows, shape.innermost)
    let result = Tensor(uninitialized: [(columns + width - 1) / width * width * depth], on: compute)
    withPointer { VectorKernels.best.pack_columns($0, columns, columns, depth, result.start) }
    return result
  }
}
