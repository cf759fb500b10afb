internal import Kernels
internal import MatrixProducts

extension Tensor {
  /// Self-attention over a grid of tokens, in windows or over all of them, with decomposed relative positions
  /// (ViTDet, arXiv 2203.16527, section 3; MViTv2, arXiv 2112.01526, section 4.1).
  ///
  /// This tensor holds queries, keys and values side by side, batch x height x width x 3·channels, each with
  /// the heads side by side. A grid that windows do not divide is padded below and to the right with tokens
  /// whose queries, keys and values are `padding` (the reference pads zeros before the projection, which makes
  /// them the projection's bias); they take part as keys, and their outputs are never computed.
  ///
  /// - Parameters:
  ///   - heads: divides the channels.
  ///   - window: tokens of a window along a side; 0 attends over the whole grid.
  ///   - padding: 3·channels values of a padding token.
  ///   - relativeRows: (2·n − 1) x head width, where n is the window's (or grid's) height: row n − 1 + (query row −
  ///     key row) is multiplied by the unscaled query and added to the scaled score. Nil for none.
  ///   - relativeColumns: the same for columns. Nil where the rows are.
  ///   - bias: heads x tokens of a window x tokens of a window, added to the scaled scores in place of relative
  ///     positions.
  /// - Returns: batch x height x width x channels.
  public func gridAttention(
    heads: Int, window: Int, padding: Tensor?, relativeRows: Tensor? = nil, relativeColumns: Tensor? = nil,
    bias: Tensor? = nil
  ) -> Tensor {
    let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3] / 3)
    precondition(shape[3] == 3 * channels && channels % heads == 0, "heads divide channels")
    let (rows, columns) = window > 0 ? (window, window) : (height, width)
    let depth = channels / heads
    precondition(
      relativeRows == nil || relativeRows?.count == (2 * rows - 1) * depth, "relative positions fit the window")
    precondition(
      relativeColumns == nil || relativeColumns?.count == (2 * columns - 1) * depth, "relative positions fit the window")
    let tokens = rows * columns
    precondition(bias == nil || bias?.count == heads * tokens * tokens, "a bias for each score")
    let result = Tensor(uninitialized: [batch, height, width, channels], on: compute)
    let grid = GridAttention(
      height: height, width: width, channels: channels, heads: heads, rows: rows, columns: columns,
      relativeRows: relativeRows?.reversedRows(), relativeColumns: relativeColumns?.reversedRows(),
      bias: bias, padding: padding ?? Tensor(repeating: 0, shape: [3 * channels], on: compute), compute: compute)
    withPointer { qkv in
      grid.run(qkv: qkv, batch: batch, out: result.start)
    }
    return result
  }

  /// The rows of a matrix in reverse order.
  func reversedRows() -> Tensor {
    let (rows, columns) = (shape.rows, shape.innermost)
    let result = Tensor(uninitialized: shape, on: compute)
    withPointer { x in
      for row in 0..<rows {
        (result.start + row * columns).initialize(from: x + (rows - 1 - row) * columns, count: columns)
      }
    }
    return result
  }
}

/// One call of ``Tensor/gridAttention(heads:window:padding:relativeRows:relativeColumns:bias:)``.
private struct GridAttention: Sendable {
  let height: Int, width: Int, channels: Int, heads: Int
  /// Height and width of a window.
  let rows: Int, columns: Int
  /// Row r belongs to the distance (n − 1 − r), so that the keys of a query in increasing order are n rows in a row.
  let relativeRows: Tensor?, relativeColumns: Tensor?
  let bias: Tensor?
  let padding: Tensor
  let compute: Compute

  var depth: Int { channels / heads }
  /// Window rows computed together: their scores should stay in the second-level cache.
  var rowsAtOnce: Int { Swift.max(1, Swift.min(rows, (1 << 18) / (columns * rows * columns))) }

  func run(qkv: UnsafePointer<Float>, batch: Int, out: UnsafeMutablePointer<Float>) {
    let down = (height + rows - 1) / rows
    let across = (width + columns - 1) / columns
    let steps = (rows + rowsAtOnce - 1) / rowsAtOnce
    nonisolated(unsafe) let (qkv, out) = (qkv, out)
    compute.forEach(batch * down * across * heads * steps) { task in
      let step = task % steps
      let head = task / steps % heads
      let window = task / steps / heads
      let item = window / (down * across)
      let top = window / across % down * rows
      let left = window % across * columns
      let first = step * rowsAtOnce
      let queryRows = Swift.min(rowsAtOnce, rows - first, height - top - first)
      guard queryRows > 0 else { return }
      attend(
        qkv: qkv + item * height * width * 3 * channels, out: out + item * height * width * channels, top: top,
        left: left, head: head, first: first, queryRows: queryRows)
    }
  }

  /// The outputs of `queryRows` rows of one window and head.
  private func attend(
    qkv: UnsafePointer<Float>, out: UnsafeMutablePointer<Float>, top: Int, left: Int, head: Int, first: Int,
    queryRows: Int
  ) {
    let tokens = rows * columns
    let isWhole = rows == height && columns == width
    let queries = queryRows * columns
    let sizes = [
      queries * tokens, queries, queries * rows, queries * columns, queries * depth,
      isWhole ? 0 : 3 * tokens * depth,
    ]
    compute.withScratch(sizes.reduce(0, +)) { scratch in
      let scores = scratch
      let sums = scores + sizes[0]
      let vertical = sums + sizes[1]
      let horizontal = vertical + sizes[2]
      let outputs = horizontal + sizes[3]
      let gathered = outputs + sizes[4]

      var (q, k, v) = (qkv + head * depth, qkv + channels + head * depth, qkv + 2 * channels + head * depth)
      var stride = 3 * channels
      if !isWhole {
        gather(qkv, top: top, left: left, head: head, into: gathered)
        stride = depth
        (q, k, v) = (
          UnsafePointer(gathered), UnsafePointer(gathered + tokens * depth),
          UnsafePointer(gathered + 2 * tokens * depth)
        )
      }
      let query = q + first * columns * stride
      matrixProduct(
        rows: queries, columns: tokens, depth: depth, query, stride, k, stride, transposeB: true, scores, tokens)
      let hasPositions = relativePositions(
        query, stride, first: first, queryRows: queryRows, vertical: vertical, horizontal: horizontal)
      bias.withPointer { bias in
        VectorKernels.best.softmax(
          scores, tokens, 1 / Float(depth).squareRoot(),
          bias.map { $0 + (head * tokens + first * columns) * tokens }, tokens, hasPositions ? vertical : nil,
          hasPositions ? horizontal : nil, rows, columns, sums, queries, tokens)
      }
      matrixProduct(rows: queries, columns: depth, depth: tokens, scores, tokens, v, stride, outputs, depth)
      VectorKernels.best.divide_rows(outputs, depth, sums, queries, depth)
      let valid = Swift.min(columns, width - left)
      for row in 0..<queryRows {
        for column in 0..<valid {
          let at = ((top + first + row) * width + left + column) * channels + head * depth
          (out + at).update(from: outputs + (row * columns + column) * depth, count: depth)
        }
      }
    }
  }

  /// vertical[query, key row] and horizontal[query, key column]: the query times the relative position.
  private func relativePositions(
    _ query: UnsafePointer<Float>, _ stride: Int, first: Int, queryRows: Int, vertical: UnsafeMutablePointer<Float>,
    horizontal: UnsafeMutablePointer<Float>
  ) -> Bool {
    guard let relativeRows, let relativeColumns else { return false }
    relativeRows.withPointer { table in
      for row in 0..<queryRows {
        matrixProduct(
          rows: columns, columns: rows, depth: depth, query + row * columns * stride, stride,
          table + (rows - 1 - first - row) * depth, depth, transposeB: true, vertical + row * columns * rows, rows)
      }
    }
    relativeColumns.withPointer { table in
      for column in 0..<columns {
        matrixProduct(
          rows: queryRows, columns: columns, depth: depth, query + column * stride, columns * stride,
          table + (columns - 1 - column) * depth, depth, transposeB: true, horizontal + column * columns,
          columns * columns)
      }
    }
    return true
  }

  /// Queries, keys and values of a window and head, one matrix after the other.
  private func gather(
    _ qkv: UnsafePointer<Float>, top: Int, left: Int, head: Int, into gathered: UnsafeMutablePointer<Float>
  ) {
    padding.withPointer { padding in
      for row in 0..<rows {
        for column in 0..<columns {
          let isInside = top + row < height && left + column < width
          let token = isInside ? qkv + ((top + row) * width + left + column) * 3 * channels : padding
          for part in 0..<3 {
            (gathered + (part * rows * columns + row * columns + column) * depth)
              .update(from: token + part * channels + head * depth, count: depth)
          }
        }
      }
    }
  }
}
