internal import Kernels

#if !hasFeature(Embedded)
  /// One head's attention to few keys, as that of an image's positions to tokens, and the way back through it.
  ///
  /// Scores are kept key by key: queries lie side by side in vectors, and softmax goes down the few rows.
  struct FewKeysAttention: Sendable {
    /// So many keys at most are few.
    static let limit = 16
    /// Queries that are worked on together: their scores stay in the first-level cache.
    private static let block = 256

    let queries: Int, keys: Int
    /// Channels of a head's queries and keys, and of its values.
    let depth: Int, valueDepth: Int
    let scale: Float
    let compute: Compute

    typealias Rows = AttentionGradient.Rows

    /// An attention of these sizes; nil where keys are not few, or not less than queries.
    init?(queries: Int, keys: Int, depth: Int, valueDepth: Int, hasBias: Bool, compute: Compute) {
      guard keys <= FewKeysAttention.limit, keys < queries, !hasBias else { return nil }
      (self.queries, self.keys, self.depth, self.valueDepth) = (queries, keys, depth, valueDepth)
      scale = 1 / Float(depth).squareRoot()
      self.compute = compute
    }

    private var best: SamKernels { VectorKernels.best }
    private func padded(_ size: Int, _ panel: Int) -> Int { (size + panel - 1) / panel * panel }
    /// Floats from key to key of a block's scores; a little more than a power of two, so that they do not share cache sets.
    private var stride: Int { padded(Swift.min(queries, FewKeysAttention.block), best.panel_columns) + 16 }
    private var tall: Int { padded(keys, best.panel_rows) }

    /// All heads of a batch; see ``Tensor/attention(keys:values:heads:bias:)``.
    func result(_ query: Tensor, keys: Tensor, values: Tensor, heads: Int) -> Tensor {
      let batch = query.shape[0], isShared = keys.shape[0] == 1
      let (channels, valueChannels) = (heads * depth, heads * valueDepth)
      let result = Tensor(uninitialized: [batch, queries, valueChannels], on: compute)
      withPointers(query, keys, values) { q, k, v in
        nonisolated(unsafe) let (q, k, v, y) = (q, k, v, result.start)
        compute.forEach(batch * heads) { task in
          let (item, head) = (task / heads, task % heads)
          let row = isShared ? 0 : item * self.keys
          forward(
            query: .init(q + item * queries * channels + head * depth, stride: channels),
            key: .init(k + row * channels + head * depth, stride: channels),
            value: .init(v + row * valueChannels + head * valueDepth, stride: valueChannels),
            out: .init(y + item * queries * valueChannels + head * valueDepth, stride: valueChannels))
        }
      }
      return result
    }

    /// Writes `out`.
    private func forward(query: Rows, key: Rows, value: Rows, out: Rows) {
      let (stride, tall) = (stride, tall)
      let sizes = [tall * depth, stride * Swift.max(depth, valueDepth), tall * stride]
      compute.withScratch(sizes.reduce(0, +)) { scratch in
        let packed = scratch, panels = packed + sizes[0], scores = panels + sizes[1]
        best.pack_rows(key.base, key.stride, keys, depth, scale, packed)
        for first in Swift.stride(from: 0, to: queries, by: FewKeysAttention.block) {
          let count = Swift.min(FewKeysAttention.block, queries - first)
          multiply(packed, query, first..<first + count, depth: depth, panels: panels, into: scores)
          VectorKernels.training.softmax_down(scores, stride, keys, count)
          best.multiply_strided(
            scores, 1, stride, value.base, value.stride, keys, out.base + first * out.stride, out.stride, 0,
            count, valueDepth)
        }
      }
    }

    /// Writes `dQuery`; `dKey` and `dValue` are added to.
    func backward(
      query: Rows, key: Rows, value: Rows, dOut: Rows, dQuery: Rows, dKey: Rows, dValue: Rows
    ) {
      let (stride, tall) = (stride, tall)
      let sizes = [
        tall * depth, tall * valueDepth, stride * Swift.max(depth, valueDepth), tall * stride, tall * stride,
      ]
      compute.withScratch(sizes.reduce(0, +)) { scratch in
        let packedKeys = scratch, packedValues = packedKeys + sizes[0], panels = packedValues + sizes[1]
        let scores = panels + sizes[2], dScores = scores + sizes[3]
        best.pack_rows(key.base, key.stride, keys, depth, scale, packedKeys)
        best.pack_rows(value.base, value.stride, keys, valueDepth, 1, packedValues)
        for first in Swift.stride(from: 0, to: queries, by: FewKeysAttention.block) {
          let range = first..<Swift.min(queries, first + FewKeysAttention.block)
          multiply(packedKeys, query, range, depth: depth, panels: panels, into: scores)
          VectorKernels.training.softmax_down(scores, stride, keys, range.count)
          multiply(packedValues, dOut, range, depth: valueDepth, panels: panels, into: dScores)
          best.multiply_strided(
            scores, stride, 1, dOut.base + first * dOut.stride, dOut.stride, range.count, dValue.base,
            dValue.stride, 1, keys, valueDepth)
          VectorKernels.training.softmax_down_backward(
            scores, stride, dScores, stride, scale, keys, range.count)
          best.multiply_strided(
            dScores, stride, 1, query.base + first * query.stride, query.stride, range.count, dKey.base,
            dKey.stride, 1, keys, depth)
          best.multiply_strided(
            dScores, 1, stride, key.base, key.stride, keys, dQuery.base + first * dQuery.stride,
            dQuery.stride, 0, range.count, depth)
        }
      }
    }

    /// Packed rows, one for each key, times some queries' rows: keys x queries.
    private func multiply(
      _ packed: UnsafePointer<Float>, _ rows: Rows, _ range: Range<Int>, depth: Int,
      panels: UnsafeMutablePointer<Float>, into scores: UnsafeMutablePointer<Float>
    ) {
      let width = best.panel_columns
      best.pack_transposed(
        rows.base + range.lowerBound * rows.stride, rows.stride, range.count, depth, panels)
      for column in Swift.stride(from: 0, to: range.count, by: width) {
        // Whole panels: what lies beyond the queries is room of the scores, and not looked at.
        best.multiply_panel(
          packed, panels + column * depth, depth, scores + column, stride, 0, keys, width, nil)
      }
    }
  }
#endif
