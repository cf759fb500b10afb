internal import Kernels
internal import MatrixProducts

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
    let result = Tensor(uninitialized: [batch, queryCount, valueChannels], on: compute)
    let (width, valueWidth) = (channels / heads, valueChannels / heads)
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
              compute.withScratch(block * keyCount + block) { scores in
                let sums = scores + block * keyCount
                matrixProduct(
                  rows: count, columns: keyCount, depth: width, query, channels, key, channels,
                  transposeB: true,
                  scores, keyCount)
                VectorKernels.best.softmax(
                  scores, keyCount, scale, bias.map { $0 + (head * queryCount + first) * keyCount }, keyCount,
                  nil,
                  nil, 0, 0, sums, count, keyCount)
                matrixProduct(
                  rows: count, columns: valueWidth, depth: keyCount, scores, keyCount, value, valueChannels,
                  out,
                  valueChannels)
                VectorKernels.best.divide_rows(out, valueChannels, sums, count, valueWidth)
              }
            }
          }
        }
      }
    }
    return result
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
