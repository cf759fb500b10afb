internal import Kernels

extension Tensor {
  /// Multi-head attention softmax(q · kᵀ / √d) · v, with the heads side by side in the innermost dimension.
  ///
  /// This tensor holds the queries, batch x queries x channels.
  ///
  /// - Parameters:
  ///   - keys: batch x keys x channels; a batch of 1 serves all queries.
  ///   - values: as the keys; the channels may differ.
  ///   - heads: divides the channels.
  ///   - bias: heads x queries x keys, added to the scaled scores, the same for the whole batch.
  /// - Returns: batch x queries x value channels.
  public func attention(keys: Tensor, values: Tensor, heads: Int, bias: Tensor? = nil) -> Tensor {
    let (batch, queryCount, channels) = (shape[0], shape[1], shape[2])
    let keyCount = keys.shape[1]
    let valueChannels = values.shape[2]
    precondition(
      keys.shape[2] == channels && channels % heads == 0 && valueChannels % heads == 0,
      "heads divide channels")
    precondition(values.shape[1] == keyCount && keyCount > 0, "a value for each key")
    precondition(
      [1, batch].contains(keys.shape[0]) && keys.shape[0] == values.shape[0],
      "keys for each of the batch, or for all")
    precondition(bias == nil || bias?.count == heads * queryCount * keyCount, "a bias for each score")
    let (width, valueWidth) = (channels / heads, valueChannels / heads)
    #if !hasFeature(Embedded)
      if let few = FewKeysAttention(
        queries: queryCount, keys: keyCount, depth: width, valueDepth: valueWidth, hasBias: bias != nil,
        compute: compute)
      {
        return recordAttention(
          few.result(self, keys: keys, values: values, heads: heads), keys: keys, values: values,
          heads: heads, bias: nil)
      }
    #endif
    let result = Tensor(uninitialized: [batch, queryCount, valueChannels], on: compute)
    let scale = 1 / Float(width).squareRoot()
    let shared = keys.shape[0] == 1
    // A block's scores stay in the second-level cache.
    let block = Swift.max(1, Swift.min(queryCount, (1 << 17) / keyCount))
    let blocks = (queryCount + block - 1) / block
    let compute = compute
    withPointer { q in
      keys.withPointer { k in
        values.withPointer { v in
          bias.withPointer { bias in
            nonisolated(unsafe) let (q, k, v, bias, y) = (q, k, v, bias, result.start)
            compute.forEach(batch * heads * blocks) { task in
              let first = task % blocks * block
              let head = task / blocks % heads
              let item = task / blocks / heads
              let count = Swift.min(block, queryCount - first)
              let query = q + (item * queryCount + first) * channels + head * width
              let key = k + (shared ? 0 : item * keyCount * channels) + head * width
              let value = v + (shared ? 0 : item * keyCount * valueChannels) + head * valueWidth
              let out = y + (item * queryCount + first) * valueChannels + head * valueWidth
              let kernels = VectorKernels.best
              func padded(_ size: Int, _ panel: Int) -> Int { (size + panel - 1) / panel * panel }
              let rows = padded(count, kernels.panel_rows)
              let sizes = [
                rows * width, padded(keyCount, kernels.panel_columns) * width,
                padded(valueWidth, kernels.panel_columns) * keyCount, rows * keyCount, rows,
              ]
              compute.withScratch(sizes.reduce(0, +)) { scratch in
                let queries = scratch
                let keys = queries + sizes[0]
                let values = keys + sizes[1]
                let scores = values + sizes[2]
                let sums = scores + sizes[3]
                kernels.pack_rows(query, channels, count, width, 1, queries)
                kernels.pack_transposed(key, channels, keyCount, width, keys)
                kernels.pack_columns(value, valueChannels, valueWidth, keyCount, values)
                for column in stride(from: 0, to: keyCount, by: kernels.panel_columns) {
                  kernels.multiply_panel(
                    queries, keys + column * width, width, scores + column, keyCount, 0, count,
                    Swift.min(kernels.panel_columns, keyCount - column), nil)
                }
                kernels.softmax(
                  scores, keyCount, scale, bias.map { $0 + (head * queryCount + first) * keyCount }, keyCount,
                  nil,
                  nil, 0, 0, sums, count, keyCount)
                for column in stride(from: 0, to: valueWidth, by: kernels.panel_columns) {
                  kernels.multiply_strided(
                    scores, keyCount, 1, values + column * keyCount, kernels.panel_columns, keyCount,
                    out + column,
                    valueChannels, 0, count, Swift.min(kernels.panel_columns, valueWidth - column))
                }
                kernels.divide_rows(out, valueChannels, sums, count, valueWidth)
              }
            }
          }
        }
      }
    }
    return recordAttention(result, keys: keys, values: values, heads: heads, bias: bias)
  }

  private func recordAttention(
    _ result: Tensor, keys: Tensor, values: Tensor, heads: Int, bias: Tensor?
  ) -> Tensor {
    guard let tape = Tape.recording(self, keys, values, bias) else { return result }
    let queries = self
    return tape.record(result) { gradient, tape in
      #if !hasFeature(Embedded)
        let gradients = queries.attentionGradients(
          gradient, keys: keys, values: values, heads: heads, bias: bias)
        tape.accumulate(gradients.queries, in: queries.node)
        tape.accumulate(gradients.keys, in: keys.node)
        tape.accumulate(gradients.values, in: values.node)
        if let biases = gradients.bias { tape.accumulate(biases, in: bias?.node) }
      #endif
    }
  }
}

extension Compute {
  /// Recycled memory for the duration of `body`.
  @inline(__always)
  func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let scratch = pool.take(count)
    body(scratch)
    pool.give(scratch, count)
  }
}
