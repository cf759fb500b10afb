internal import Kernels

#if !hasFeature(Embedded)
  /// C = Aᵀ · B for matrices of many rows: what a product's weights get on the way back.
  ///
  /// Rows are taken in chunks, so many as their number says and not the threads', each with a result of its own; these are added in
  /// order. The same bits come out for any number of threads.
  struct OuterProduct: Sendable {
    /// Rows of A and B; columns of A, which are rows of C; columns of B and C.
    let depth: Int, rows: Int, columns: Int

    /// Rows of A and B whose panels are packed together, and rows of C that are worked on together.
    static let depthBlock = 256
    static let rowBlock = 384

    private var chunks: Int { Swift.max(1, Swift.min(rows * columns > 1 << 19 ? 2 : 8, depth / 4096)) }

    /// - Parameters:
    ///   - a: A, depth x rows.
    ///   - b: B, depth x columns.
    func product(_ a: UnsafePointer<Float>, _ b: ProductRows, on compute: Compute) -> Tensor {
      nonisolated(unsafe) let matrix = a
      let width = VectorKernels.best.panel_columns
      let chunks = chunks
      let chunkSize = ((depth + chunks - 1) / chunks + 7) / 8 * 8
      let panels = (columns + width - 1) / width
      // Where chunks are few, columns are shared out too.
      let groups = Swift.max(1, Swift.min(panels, chunks >= compute.threads ? 1 : 2 * compute.threads))
      let panelsPerGroup = (panels + groups - 1) / groups
      let partials = Tensor(uninitialized: [chunks, rows, columns], on: compute)
      let size = rows * columns
      let product = PanelProduct(compute)
      compute.forEach(chunks * groups) { task in
        let range =
          task / groups
          * chunkSize..<Swift.max(
            task / groups * chunkSize, Swift.min(depth, (task / groups + 1) * chunkSize))
        let first = task % groups * panelsPerGroup * width
        let last = Swift.min(columns, first + panelsPerGroup * width)
        guard first < last else { return }
        let out = partials.start + task / groups * size
        if range.isEmpty {
          for row in 0..<rows { (out + row * columns + first).update(repeating: 0, count: last - first) }
        }
        let block = Swift.min(OuterProduct.depthBlock, Swift.max(1, range.count))
        let tall = product.paddedRows(Swift.min(rows, OuterProduct.rowBlock))
        compute.withScratch(block * (tall + panelsPerGroup * width)) { scratch in
          let (panelsA, panelsB) = (scratch, scratch + block * tall)
          for from in stride(from: range.lowerBound, to: range.upperBound, by: block) {
            let part = from..<Swift.min(range.upperBound, from + block)
            product.pack(b, depth: part, columns: first..<last, into: panelsB)
            for row in stride(from: 0, to: rows, by: OuterProduct.rowBlock) {
              let count = Swift.min(OuterProduct.rowBlock, rows - row)
              product.packRowsTransposed(
                matrix + part.lowerBound * rows + row, stride: rows, rows: count, depth: part.count,
                into: panelsA)
              product.multiplying {
                for column in stride(from: first, to: last, by: width) {
                  product.multiply(
                    panelsA, panelsB + (column - first) * part.count, depth: part.count,
                    into: out + row * columns + column, stride: columns, accumulates: from > range.lowerBound,
                    rows: count, columns: Swift.min(width, last - column))
                }
              }
            }
          }
        }
      }
      return partials.sumOfItems()
    }
  }

  extension Tensor {
    /// This matrix, transposed, times another of as many rows: columns x the other's columns.
    func transposedProduct(_ other: Tensor) -> Tensor {
      let (depth, rows, columns) = (shape.rows, shape.innermost, other.shape.innermost)
      precondition(other.shape.rows == depth, "as many rows in both")
      return withPointer { a in
        other.withPointer { b in
          OuterProduct(depth: depth, rows: rows, columns: columns).product(
            a, .matrix(b, stride: columns), on: compute)
        }
      }
    }

    /// This matrix times another, rows x columns from rows x depth and depth x columns.
    func product(_ other: Tensor) -> Tensor {
      let (rows, depth, columns) = (shape.rows, shape.innermost, other.shape.innermost)
      precondition(other.count == depth * columns, "as many rows as this one has columns")
      let result = Tensor(uninitialized: shape.replacingInnermost(columns), on: compute)
      withPointer { x in
        PackedProduct(other, columns: columns, depth: depth, on: compute).multiply(
          .matrix(x, stride: depth), rows: rows, into: result.start,
          epilogue: PackedProduct.Epilogue(bias: nil, activation: .identity, residual: nil), on: compute)
      }
      return result
    }

    /// The sum over the outermost dimension, in order.
    func sumOfItems() -> Tensor {
      let items = shape[0]
      guard items != 1 else { return reshaped(Shape(dropping: shape)) }
      let size = Swift.max(1, count / Swift.max(1, items))
      let result = Tensor(uninitialized: Shape(dropping: shape), on: compute)
      withPointer { x in
        nonisolated(unsafe) let (x, y) = (x, result.start)
        compute.forEachRange(of: size, atLeast: 1 << 13) { range in
          let (out, count) = (y + range.lowerBound, range.count)
          out.update(from: x + range.lowerBound, count: count)
          for item in 1..<Swift.max(1, items) {
            VectorKernels.best.add(out, x + item * size + range.lowerBound, out, count)
          }
        }
      }
      return result
    }

    /// Sums over all rows, one for each column.
    func columnSums() -> Tensor { columnSums(of: shape.innermost) }

    /// The sum of consecutive parts of `period` elements.
    func columnSums(of period: Int) -> Tensor {
      let rows = period == 0 ? 0 : count / period
      return withPointer { x in
        nonisolated(unsafe) let x = x
        return compute.sumOfParts(of: rows, rowSize: period, width: period) { range, sums in
          VectorKernels.training.column_sums(x + range.lowerBound * period, sums, range.count, period)
        }
      }
    }
  }

  extension Compute {
    /// What ranges of rows contribute to some sums, added up in order: the same for any number of threads.
    ///
    /// - Parameters:
    ///   - rows: shared out among parts, as many as the size says.
    ///   - rowSize: elements of a row.
    ///   - width: how many sums.
    ///   - body: adds a range's part to sums that begin as zeros.
    func sumOfParts(
      of rows: Int, rowSize: Int, width: Int,
      _ body: @Sendable (Range<Int>, UnsafeMutablePointer<Float>) -> Void
    ) -> Tensor {
      let parts = Swift.max(1, Swift.min(8, rows, rows * rowSize >> 15))
      let size = (rows + parts - 1) / parts
      let partials = Tensor(repeating: 0, shape: [parts, width], on: self)
      forEach(parts) { part in
        let range = Swift.min(rows, part * size)..<Swift.min(rows, (part + 1) * size)
        body(range, partials.start + part * width)
      }
      return partials.sumOfItems()
    }
  }

  extension Tensor {
    /// The gradient by what an activation was applied to, from that by its result, and the sums of its columns where wanted.
    ///
    /// - Parameter input: what the activation was applied to; this tensor is the gradient by its result.
    func throughActivation(
      _ activation: Activation, of input: Tensor?, columns: Int, wantsSums: Bool
    ) -> (gradient: Tensor, sums: Tensor?) {
      guard let input, activation != .identity else {
        return (self, wantsSums ? columnSums(of: columns) : nil)
      }
      let result = Tensor(uninitialized: shape, on: compute)
      let rows = columns == 0 ? 0 : count / columns
      let sums = withPointer { dy in
        input.withPointer { z in
          nonisolated(unsafe) let (z, dy, dz) = (z, dy, result.start)
          return compute.sumOfParts(of: rows, rowSize: columns, width: columns) { range, sums in
            let at = range.lowerBound * columns
            VectorKernels.training.activation_backward(
              z + at, dy + at, activation.rawValue, dz + at, wantsSums ? sums : nil, range.count, columns)
          }
        }
      }
      return (result, wantsSums ? sums : nil)
    }
  }
#endif
