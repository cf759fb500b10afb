internal import Kernels

#if !hasFeature(Embedded)
  extension Tensor {
    /// The gradients of ``gridAttention(heads:window:padding:relativeRows:relativeColumns:bias:)``; this tensor holds queries, keys and values.
    func gridAttentionGradients(
      _ gradient: Tensor, heads: Int, window: Int, padding: Tensor?, relativeRows: Tensor?,
      relativeColumns: Tensor?, bias: Tensor?
    ) -> GridAttentionGradients {
      let (height, width) = (shape[1], shape[2])
      let grid = GridAttentionBackward(
        height: height, width: width, channels: shape[3] / 3, heads: heads,
        rows: window > 0 ? window : height, columns: window > 0 ? window : width, compute: compute)
      return grid.run(
        qkv: self, gradient: gradient, padding: padding, relativeRows: relativeRows,
        relativeColumns: relativeColumns, bias: bias)
    }
  }

  /// What flows back to the operands of a grid attention, each of its operand's size.
  struct GridAttentionGradients {
    var qkv: Tensor
    var padding: Tensor
    var relativeRows: Tensor?
    var relativeColumns: Tensor?
    var bias: Tensor?
  }

  private struct GridAttentionBackward: Sendable {
    let height: Int, width: Int, channels: Int, heads: Int
    /// Height and width of a window.
    let rows: Int, columns: Int
    let compute: Compute

    var depth: Int { channels / heads }
    var tokens: Int { rows * columns }

    /// A task is a head of an item of the batch; what items and heads share is gathered apart, and added up in order.
    func run(
      qkv: Tensor, gradient: Tensor, padding: Tensor?, relativeRows: Tensor?, relativeColumns: Tensor?,
      bias: Tensor?
    ) -> GridAttentionGradients {
      let batch = qkv.shape[0]
      let dQKV = Tensor(uninitialized: qkv.shape, on: compute)
      let tasks = batch * heads
      func partials(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape: shape, on: compute) }
      let dPadding = partials([batch, 3 * channels])
      let dRows = relativeRows.map { _ in partials([tasks, 2 * rows - 1, depth]) }
      let dColumns = relativeColumns.map { _ in partials([tasks, 2 * columns - 1, depth]) }
      let dBias = bias.map { _ in partials([batch, heads, tokens * tokens]) }
      let fill = padding ?? Tensor(repeating: 0, shape: [3 * channels], on: compute)
      withPointers(qkv, gradient, fill, relativeRows, relativeColumns, bias) {
        x, dy, fill, relativeRows, relativeColumns, bias in
        nonisolated(unsafe) let (x, dy, fill, dx) = (x, dy, fill, dQKV.start)
        nonisolated(unsafe) let (tableRows, tableColumns, bias) = (relativeRows, relativeColumns, bias)
        compute.forEach(tasks) { task in
          let (item, head) = (task / heads, task % heads)
          let size = height * width * channels
          let operands = Head(
            qkv: x + item * 3 * size + head * depth, gradient: dy + item * size + head * depth,
            padding: fill + head * depth, dQKV: dx + item * 3 * size + head * depth,
            dPadding: dPadding.start + item * 3 * channels + head * depth,
            relativeRows: tableRows, relativeColumns: tableColumns,
            dRelativeRows: dRows.map { $0.start + task * (2 * rows - 1) * depth },
            dRelativeColumns: dColumns.map { $0.start + task * (2 * columns - 1) * depth },
            bias: bias.map { $0 + head * tokens * tokens },
            dBias: dBias.map { $0.start + task * tokens * tokens })
          for top in Swift.stride(from: 0, to: height, by: rows) {
            for left in Swift.stride(from: 0, to: width, by: columns) {
              self.window(operands, top: top, left: left)
            }
          }
        }
      }
      return GridAttentionGradients(
        qkv: dQKV, padding: dPadding.sumOfItems(), relativeRows: dRows?.sumOfItems(),
        relativeColumns: dColumns?.sumOfItems(), bias: dBias?.sumOfItems())
    }

    /// One head's channels of one item's operands.
    private struct Head: @unchecked Sendable {
      let qkv: UnsafePointer<Float>
      let gradient: UnsafePointer<Float>
      let padding: UnsafePointer<Float>
      let dQKV: UnsafeMutablePointer<Float>
      let dPadding: UnsafeMutablePointer<Float>
      let relativeRows: UnsafePointer<Float>?
      let relativeColumns: UnsafePointer<Float>?
      let dRelativeRows: UnsafeMutablePointer<Float>?
      let dRelativeColumns: UnsafeMutablePointer<Float>?
      let bias: UnsafePointer<Float>?
      let dBias: UnsafeMutablePointer<Float>?
    }

    private func window(_ head: Head, top: Int, left: Int) {
      let size = tokens * depth
      compute.withScratch(7 * size + tokens * (rows + columns)) { scratch in
        let parts = (0..<7).map { AttentionGradient.Rows(scratch + $0 * size, stride: depth) }
        for token in 0..<tokens {
          let (y, x) = (top + token / columns, left + token % columns)
          let isInside = y < height && x < width
          let source = isInside ? head.qkv + (y * width + x) * 3 * channels : head.padding
          for part in 0..<3 {
            (parts[part].base + token * depth).update(from: source + part * channels, count: depth)
          }
          let out = parts[3].base + token * depth
          if isInside {
            out.update(from: head.gradient + (y * width + x) * channels, count: depth)
          } else {
            out.update(repeating: 0, count: depth)
          }
        }
        (parts[5].base).update(repeating: 0, count: 2 * size)
        let gradient = AttentionGradient(
          queries: tokens, keys: tokens, depth: depth, valueDepth: depth,
          scale: 1 / Float(depth).squareRoot(),
          compute: compute)
        let query = parts[0].base
        // The gradients by each query's vertical and horizontal scores.
        let relative = scratch + 7 * size
        if let rowTable = head.relativeRows, let columnTable = head.relativeColumns {
          gradient.run(
            query: parts[0], key: parts[1], value: parts[2], dOut: parts[3], dQuery: parts[4], dKey: parts[5],
            dValue: parts[6],
            bias: { range, out, stride in
              for (row, token) in range.enumerated() {
                fillRelative(
                  out + row * stride, query: query + token * depth, token: token, rowTable, columnTable,
                  scratch: relative + token * (rows + columns))
              }
            },
            dBias: { range, scores, stride in
              for (row, token) in range.enumerated() {
                sumRelative(scores + row * stride, into: relative + token * (rows + columns))
              }
            })
          addRelative(head, relative: relative, query: query, dQuery: parts[4].base, rowTable, columnTable)
        } else if let bias = head.bias, let dBias = head.dBias {
          gradient.run(
            query: parts[0], key: parts[1], value: parts[2], dOut: parts[3], dQuery: parts[4], dKey: parts[5],
            dValue: parts[6],
            bias: { range, out, stride in
              for (row, token) in range.enumerated() {
                (out + row * stride).update(from: bias + token * tokens, count: tokens)
              }
            },
            dBias: { range, scores, stride in
              for (row, token) in range.enumerated() {
                let at = dBias + token * tokens
                VectorKernels.best.add(at, scores + row * stride, at, tokens)
              }
            })
        } else {
          gradient.run(
            query: parts[0], key: parts[1], value: parts[2], dOut: parts[3], dQuery: parts[4], dKey: parts[5],
            dValue: parts[6])
        }
        for token in 0..<tokens {
          let (y, x) = (top + token / columns, left + token % columns)
          if y < height && x < width {
            let out = head.dQKV + (y * width + x) * 3 * channels
            for part in 0..<3 {
              (out + part * channels).update(from: parts[4 + part].base + token * depth, count: depth)
            }
          } else {
            // A padding token asks nothing; it is asked.
            for part in 1..<3 {
              VectorKernels.best.add(
                head.dPadding + part * channels, parts[4 + part].base + token * depth,
                head.dPadding + part * channels, depth)
            }
          }
        }
      }
    }

    // Relative positions (GridAttention.swift): the score of key row i for a query in row r is q · table[rows − 1 + r − i].

    private func entry(_ table: UnsafePointer<Float>, _ size: Int, query: Int, key: Int) -> UnsafePointer<
      Float
    > {
      table + (size - 1 + query - key) * depth
    }

    /// The biases of one query's scores.
    private func fillRelative(
      _ out: UnsafeMutablePointer<Float>, query: UnsafePointer<Float>, token: Int,
      _ rowTable: UnsafePointer<Float>, _ columnTable: UnsafePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) {
      // The tables' entries in the order of keys lie backwards, one after the other.
      let kernels = VectorKernels.best
      kernels.multiply_few(
        query, depth, entry(rowTable, rows, query: token / columns, key: rows - 1), depth, depth, scratch,
        rows, 1,
        rows)
      kernels.multiply_few(
        query, depth, entry(columnTable, columns, query: token % columns, key: columns - 1), depth, depth,
        scratch + rows, columns, 1, columns)
      for key in 0..<rows {
        let vertical = scratch[rows - 1 - key]
        let line = out + key * columns
        for column in 0..<columns { line[column] = vertical + scratch[rows + columns - 1 - column] }
      }
    }

    /// Sums of one query's gradients over the keys of each row, and of each column.
    private func sumRelative(_ scores: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>) {
      (sums + rows).update(repeating: 0, count: columns)
      for row in 0..<rows {
        let line = scores + row * columns
        var total: Float = 0
        for column in 0..<columns {
          total += line[column]
          sums[rows + column] += line[column]
        }
        sums[row] = total
      }
    }

    private func addRelative(
      _ head: Head, relative: UnsafePointer<Float>, query: UnsafePointer<Float>,
      dQuery: UnsafeMutablePointer<Float>, _ rowTable: UnsafePointer<Float>,
      _ columnTable: UnsafePointer<Float>
    ) {
      let kernels = VectorKernels.training
      for token in 0..<tokens {
        let sums = relative + token * (rows + columns)
        let (q, dq) = (query + token * depth, dQuery + token * depth)
        for key in 0..<rows {
          let at = rows - 1 + token / columns - key
          kernels.add_scaled(rowTable + at * depth, sums[key], dq, depth)
          if let table = head.dRelativeRows { kernels.add_scaled(q, sums[key], table + at * depth, depth) }
        }
        for key in 0..<columns {
          let at = columns - 1 + token % columns - key
          kernels.add_scaled(columnTable + at * depth, sums[rows + key], dq, depth)
          if let table = head.dRelativeColumns {
            kernels.add_scaled(q, sums[rows + key], table + at * depth, depth)
          }
        }
      }
    }
  }
#endif
