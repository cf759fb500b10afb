internal import Kernels

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
      relativeRows == nil || relativeRows?.count == (2 * rows - 1) * depth,
      "relative positions fit the window")
    precondition(
      relativeColumns == nil || relativeColumns?.count == (2 * columns - 1) * depth,
      "relative positions fit the window")
    let tokens = rows * columns
    precondition(bias == nil || bias?.count == heads * tokens * tokens, "a bias for each score")
    precondition(bias == nil || relativeRows == nil, "one kind of bias")
    let result = Tensor(uninitialized: [batch, height, width, channels], on: compute)
    let grid = GridAttention(
      height: height, width: width, channels: channels, heads: heads, rows: rows, columns: columns,
      relativeRows: relativeRows.map { RelativePositions($0, depth: depth) },
      relativeColumns: relativeColumns.map { RelativePositions($0, depth: depth) },
      bias: bias.map { $0.multiplied(by: GridAttention.log2e) },
      padding: padding ?? Tensor(repeating: 0, shape: [3 * channels], on: compute), compute: compute)
    withPointer { qkv in
      grid.run(qkv: qkv, batch: batch, out: result.start)
    }
    guard let tape = Tape.recording(self, padding, relativeRows, bias) else { return result }
    let qkv = self
    return tape.record(result) { gradient, tape in
      #if !hasFeature(Embedded)
        let gradients = qkv.gridAttentionGradients(
          gradient, heads: heads, window: window, padding: padding, relativeRows: relativeRows,
          relativeColumns: relativeColumns, bias: bias)
        tape.accumulate(gradients.qkv, in: qkv.node)
        tape.accumulate(gradients.padding, in: padding?.node)
        if let table = gradients.relativeRows { tape.accumulate(table, in: relativeRows?.node) }
        if let table = gradients.relativeColumns { tape.accumulate(table, in: relativeColumns?.node) }
        if let biases = gradients.bias { tape.accumulate(biases, in: bias?.node) }
      #endif
    }
  }

  /// Every element times a number.
  consuming func multiplied(by factor: Float) -> Tensor {
    var result = self
    result.withUnsafeMutableBuffer { elements in
      for index in elements.indices { elements[index] *= factor }
    }
    return result
  }
}

/// One call of ``Tensor/gridAttention(heads:window:padding:relativeRows:relativeColumns:bias:)``.
private struct GridAttention: Sendable {
  let height: Int, width: Int, channels: Int, heads: Int
  /// Height and width of a window.
  let rows: Int, columns: Int
  let relativeRows: RelativePositions?, relativeColumns: RelativePositions?
  /// Times log2(e), as all scores: the kernel takes powers of two.
  let bias: Tensor?
  let padding: Tensor
  let compute: Compute

  static let log2e: Float = 1.442_695_04

  var depth: Int { channels / heads }
  var tokens: Int { rows * columns }
  /// Rows of a window whose queries are worked on together: three rows of 64 fill whole panels.
  var rowsAtOnce: Int { Swift.max(1, Swift.min(rows, 196 / columns)) }

  func run(qkv: UnsafePointer<Float>, batch: Int, out: UnsafeMutablePointer<Float>) {
    let down = (height + rows - 1) / rows
    let across = (width + columns - 1) / columns
    let windows = batch * down * across
    let steps = (rows + rowsAtOnce - 1) / rowsAtOnce
    nonisolated(unsafe) let (qkv, out) = (qkv, out)
    @Sendable func window(_ index: Int) -> Window {
      let item = index / (down * across)
      return Window(
        qkv: qkv + item * height * width * 3 * channels, out: out + item * height * width * channels,
        top: index / across % down * rows, left: index % across * columns)
    }
    let packedSize = keySize + valueSize
    if steps == 1 {
      compute.forEach(windows * heads) { task in
        let (window, head) = (window(task / heads), task % heads)
        compute.withScratch(packedSize) { packed in
          pack(window, head: head, into: packed)
          attend(window, head: head, packed: packed, firstRow: 0)
        }
      }
    } else {
      // Keys and values are packed once for all blocks of queries.
      compute.withScratch(windows * heads * packedSize) { all in
        nonisolated(unsafe) let all = all
        compute.forEach(windows * heads) { task in
          pack(window(task / heads), head: task % heads, into: all + task * packedSize)
        }
        compute.forEach(windows * heads * steps) { task in
          let pair = task / steps
          attend(
            window(pair / heads), head: pair % heads, packed: all + pair * packedSize,
            firstRow: task % steps * rowsAtOnce)
        }
      }
    }
  }

  /// Where a window lies, and the image it belongs to.
  struct Window: @unchecked Sendable {
    let qkv: UnsafePointer<Float>
    let out: UnsafeMutablePointer<Float>
    let top: Int, left: Int
  }

  private func padded(_ count: Int, _ multiple: Int) -> Int { (count + multiple - 1) / multiple * multiple }
  private var keySize: Int { padded(tokens, VectorKernels.best.panel_columns) * depth }
  private var valueSize: Int { padded(depth, VectorKernels.best.panel_columns) * tokens }

  /// The keys of a window and head as panels, followed by the values as panels.
  private func pack(_ window: Window, head: Int, into packed: UnsafeMutablePointer<Float>) {
    if rows == height && columns == width {
      let token = window.qkv + head * depth
      VectorKernels.best.pack_transposed(token + channels, 3 * channels, tokens, depth, packed)
      VectorKernels.best.pack_columns(token + 2 * channels, 3 * channels, depth, tokens, packed + keySize)
    } else {
      compute.withScratch(2 * tokens * depth) { gathered in
        gather(window, head: head, part: 1, rows: 0..<rows, into: gathered)
        gather(window, head: head, part: 2, rows: 0..<rows, into: gathered + tokens * depth)
        VectorKernels.best.pack_transposed(gathered, depth, tokens, depth, packed)
        VectorKernels.best.pack_columns(gathered + tokens * depth, depth, depth, tokens, packed + keySize)
      }
    }
  }

  /// The outputs of some rows of one window and head.
  private func attend(_ window: Window, head: Int, packed: UnsafeMutablePointer<Float>, firstRow: Int) {
    let queryRows = Swift.min(rowsAtOnce, rows - firstRow, height - window.top - firstRow)
    guard queryRows > 0 else { return }
    let kernels = VectorKernels.best
    let queries = queryRows * columns
    let paddedQueries = padded(queries, kernels.panel_rows)
    let stride = relativeRows.map { Swift.max($0.paddedCount, relativeColumns?.paddedCount ?? 0) } ?? 0
    let scratchSize = withUnsafePointer(to: kernels) { sam_attention_scratch($0, queries, depth) }
    let sizes = [paddedQueries * depth, 2 * paddedQueries * stride, queries * depth, scratchSize]
    compute.withScratch(sizes.reduce(0, +)) { scratch in
      let query = scratch
      let relative = query + sizes[0]
      let gathered = relative + sizes[1]
      gather(window, head: head, part: 0, rows: firstRow..<firstRow + queryRows, into: gathered)
      kernels.pack_rows(
        gathered, depth, queries, depth, GridAttention.log2e / Float(depth).squareRoot(), query)
      relativeRows?.multiply(query, rows: queries, depth: depth, into: relative, stride: stride)
      relativeColumns?.multiply(
        query, rows: queries, depth: depth, into: relative + paddedQueries * stride, stride: stride)
      bias.withPointer { bias in
        var attention = SamAttention()
        attention.queries = UnsafePointer(query)
        attention.rows = queries
        attention.depth = depth
        attention.keys = UnsafePointer(packed)
        attention.values = UnsafePointer(packed + keySize)
        attention.key_rows = rows
        attention.key_columns = columns
        if relativeRows != nil, relativeColumns != nil {
          attention.relative_rows = UnsafePointer(relative)
          attention.relative_columns = UnsafePointer(relative + paddedQueries * stride)
          attention.relative_stride = stride
        }
        attention.first_row = firstRow
        attention.bias = bias.map { $0 + (head * tokens + firstRow * columns) * tokens }
        // The gathered queries have been packed; their place takes the outputs.
        attention.out = gathered
        attention.out_stride = depth
        attention.scratch = gathered + sizes[2]
        kernels.attend(&attention)
      }
      let valid = Swift.min(columns, width - window.left)
      for row in 0..<queryRows {
        for column in 0..<valid {
          let token = (window.top + firstRow + row) * width + window.left + column
          (window.out + token * channels + head * depth)
            .update(from: gathered + (row * columns + column) * depth, count: depth)
        }
      }
    }
  }

  /// Queries (part 0), keys (1) or values (2) of some rows of a window, tokens x depth.
  private func gather(
    _ window: Window, head: Int, part: Int, rows range: Range<Int>, into gathered: UnsafeMutablePointer<Float>
  ) {
    padding.withPointer { padding in
      var out = gathered
      for row in range {
        for column in 0..<columns {
          let (y, x) = (window.top + row, window.left + column)
          let token = y < height && x < width ? window.qkv + (y * width + x) * 3 * channels : padding
          out.update(from: token + part * channels + head * depth, count: depth)
          out += depth
        }
      }
    }
  }
}

/// A table of relative positions as panels, in the order that the attention kernel reads its products in.
private struct RelativePositions: Sendable {
  let packed: Tensor
  /// Entries, and entries with those that fill the last panel.
  let count: Int, paddedCount: Int

  /// - Parameters:
  ///   - table: 2·n − 1 distances x depth, the largest distance of query after key last.
  init(_ table: Tensor, depth: Int) {
    let width = VectorKernels.best.panel_columns
    count = table.shape.rows
    paddedCount = (count + width - 1) / width * width
    packed = Tensor(uninitialized: [paddedCount * depth], on: table.compute)
    // The key furthest before the query comes first, and the queries carry a scale that positions do without.
    let reversed = table.reversedRows().multiplied(by: Float(depth).squareRoot())
    reversed.withPointer {
      VectorKernels.best.pack_transposed($0, depth, count, depth, packed.start)
    }
  }

  /// The products of packed queries with all distances, rows x stride.
  func multiply(
    _ queries: UnsafePointer<Float>, rows: Int, depth: Int, into out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let width = VectorKernels.best.panel_columns
    packed.withPointer { table in
      for first in Swift.stride(from: 0, to: count, by: width) {
        VectorKernels.best.multiply_panel(
          queries, table + first * depth, depth, out + first, stride, 0, rows, width, nil)
      }
    }
  }
}

extension Tensor {
  /// The rows of a matrix in reverse order.
  fileprivate func reversedRows() -> Tensor {
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
