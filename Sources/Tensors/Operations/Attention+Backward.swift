internal import Kernels

#if !hasFeature(Embedded)
  /// The way back through one head's attention, softmax(scale · q · kᵀ + bias) · v.
  ///
  /// Nothing but queries, keys and values is kept from the forward pass. Scores are computed again, a block of queries at a time, whole rows
  /// of them, and the block is used for all gradients while it is in cache.
  struct AttentionGradient: Sendable {
    let queries: Int, keys: Int
    /// Channels of a head's queries and keys, and of its values.
    let depth: Int, valueDepth: Int
    let scale: Float
    let compute: Compute

    /// Rows of one head, `stride` floats apart.
    struct Rows: @unchecked Sendable {
      var base: UnsafeMutablePointer<Float>
      var stride: Int

      init(_ base: UnsafeMutablePointer<Float>, stride: Int) {
        self.base = base
        self.stride = stride
      }

      init(_ base: UnsafePointer<Float>, stride: Int) {
        self.base = UnsafeMutablePointer(mutating: base)
        self.stride = stride
      }
    }

    private func padded(_ size: Int) -> Int {
      let width = VectorKernels.best.panel_columns
      return (size + width - 1) / width * width
    }

    /// Queries whose scores stay in the second-level cache.
    private var block: Int { Swift.max(1, Swift.min(queries, (1 << 16) / Swift.max(1, keys))) }

    /// Carries one head's gradient back.
    ///
    /// - Parameters:
    ///   - bias: fills the scores' biases of some queries, rows `stride` floats apart; nil where there are none.
    ///   - dBias: receives the gradient of some queries' biases; rows `stride` floats apart.
    ///   - dQuery: written; `dKey` and `dValue` are added to.
    func run(
      query: Rows, key: Rows, value: Rows, dOut: Rows, dQuery: Rows, dKey: Rows, dValue: Rows,
      bias: ((_ queries: Range<Int>, _ rows: UnsafeMutablePointer<Float>, _ stride: Int) -> Void)? = nil,
      dBias: ((_ queries: Range<Int>, _ rows: UnsafeMutablePointer<Float>, _ stride: Int) -> Void)? = nil
    ) {
      let best = VectorKernels.best
      let block = block
      let tall = (block + best.panel_rows - 1) / best.panel_rows * best.panel_rows
      // A little more than needed: rows do not share cache sets, and whole tiles may be read.
      let stride = padded(keys) + 16
      // Keys and values as panels, keys side by side; a block's packed rows, its queries and gradients side by side; scores, their
      // gradients and biases; sums. Rows that lie far apart share few cache sets.
      let sizes = [
        padded(keys) * depth, padded(keys) * valueDepth, keys * depth, tall * Swift.max(depth, valueDepth),
        block * depth, block * valueDepth, (tall + 1) * stride, (tall + 1) * stride,
        bias == nil ? 0 : (tall + 1) * stride, tall,
      ]
      compute.withScratch(sizes.reduce(0, +)) { scratch in
        var at = scratch
        let parts = sizes.map { size in
          defer { at += size }
          return at
        }
        let (keyPanels, valuePanels, keyRows) = (parts[0], parts[1], parts[2])
        let (packed, blockQueries, blockOut) = (parts[3], parts[4], parts[5])
        let (scores, dScores, biases, sums) = (parts[6], parts[7], parts[8], parts[9])
        let training = VectorKernels.training
        best.pack_transposed(key.base, key.stride, keys, depth, keyPanels)
        best.pack_transposed(value.base, value.stride, keys, valueDepth, valuePanels)
        training.copy_rows(key.base, key.stride, keyRows, depth, keys, depth)

        for first in Swift.stride(from: 0, to: queries, by: block) {
          let count = Swift.min(block, queries - first)
          let range = first..<first + count
          best.pack_rows(query.base + first * query.stride, query.stride, count, depth, 1, packed)
          multiply(packed, keyPanels, depth: depth, into: scores, stride, rows: count, columns: keys)
          bias?(range, biases, stride)
          best.softmax(
            scores, stride, scale, bias == nil ? nil : biases, stride, nil, nil, 0, 0, sums, count, keys)
          best.divide_rows(scores, stride, sums, count, keys)

          best.pack_rows(dOut.base + first * dOut.stride, dOut.stride, count, valueDepth, 1, packed)
          multiply(packed, valuePanels, depth: valueDepth, into: dScores, stride, rows: count, columns: keys)
          // A bias is added to scores that have been scaled.
          training.softmax_backward(
            scores, stride, dScores, stride, dBias == nil ? scale : 1, count, keys)
          if let dBias {
            dBias(range, dScores, stride)
            for row in 0..<count {
              training.scale(dScores + row * stride, scale, dScores + row * stride, keys)
            }
          }
          training.copy_rows(
            query.base + first * query.stride, query.stride, blockQueries, depth, count, depth)
          training.copy_rows(
            dOut.base + first * dOut.stride, dOut.stride, blockOut, valueDepth, count, valueDepth)
          best.multiply_strided(
            scores, 1, stride, blockOut, valueDepth, count, dValue.base, dValue.stride, 1, keys, valueDepth)
          best.multiply_strided(
            dScores, 1, stride, blockQueries, depth, count, dKey.base, dKey.stride, 1, keys, depth)
          best.multiply_strided(
            dScores, stride, 1, keyRows, depth, keys, dQuery.base + first * dQuery.stride, dQuery.stride, 0,
            count, depth)
        }
      }
    }

    /// Packed rows times packed panels.
    private func multiply(
      _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, depth: Int, into c: UnsafeMutablePointer<Float>,
      _ stride: Int, rows: Int, columns: Int
    ) {
      let width = VectorKernels.best.panel_columns
      for column in Swift.stride(from: 0, to: columns, by: width) {
        VectorKernels.best.multiply_panel(
          a, b + column * depth, depth, c + column, stride, 0, rows, Swift.min(width, columns - column), nil)
      }
    }
  }

  extension Tensor {
    /// The gradients of ``attention(keys:values:heads:bias:)`` by queries, keys, values and bias; this tensor holds the queries.
    ///
    /// Heads are independent. Where one set of keys serves the whole batch, a head's items are taken in order.
    func attentionGradients(
      _ gradient: Tensor, keys: Tensor, values: Tensor, heads: Int, bias: Tensor?
    ) -> (queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor?) {
      let (batch, queryCount, channels) = (shape[0], shape[1], shape[2])
      let (keyCount, valueChannels) = (keys.shape[1], values.shape[2])
      let (width, valueWidth) = (channels / heads, valueChannels / heads)
      let isShared = keys.shape[0] == 1 && batch > 1
      let dQueries = Tensor(uninitialized: shape, on: compute)
      let dKeys = Tensor(repeating: 0, shape: keys.shape, on: compute)
      let dValues = Tensor(repeating: 0, shape: values.shape, on: compute)
      let dBias = bias.map { Tensor(repeating: 0, shape: $0.shape, on: compute) }
      let head = AttentionGradient(
        queries: queryCount, keys: keyCount, depth: width, valueDepth: valueWidth,
        scale: 1 / Float(width).squareRoot(), compute: compute)
      let few = FewKeysAttention(
        queries: queryCount, keys: keyCount, depth: width, valueDepth: valueWidth, hasBias: bias != nil,
        compute: compute)
      // What items share is written by one task.
      let inOneTask = isShared || bias != nil
      withPointers(self, keys, values, gradient, bias) { q, k, v, dy, b in
        nonisolated(unsafe) let (q, k, v, dy, b) = (q, k, v, dy, b)
        nonisolated(unsafe) let starts = (dQueries.start, dKeys.start, dValues.start, dBias?.start)
        compute.forEach(inOneTask ? heads : heads * batch) { task in
          let index = inOneTask ? task : task / batch
          for item in inOneTask ? 0..<batch : task % batch..<task % batch + 1 {
            let keyAt = (isShared ? 0 : item) * keyCount * channels + index * width
            let valueAt = (isShared ? 0 : item) * keyCount * valueChannels + index * valueWidth
            let queryAt = item * queryCount * channels + index * width
            let outAt = item * queryCount * valueChannels + index * valueWidth
            let biasAt = index * queryCount * keyCount
            let query = AttentionGradient.Rows(q + queryAt, stride: channels)
            let key = AttentionGradient.Rows(k + keyAt, stride: channels)
            let value = AttentionGradient.Rows(v + valueAt, stride: valueChannels)
            let dOut = AttentionGradient.Rows(dy + outAt, stride: valueChannels)
            let dQuery = AttentionGradient.Rows(starts.0 + queryAt, stride: channels)
            let dKey = AttentionGradient.Rows(starts.1 + keyAt, stride: channels)
            let dValue = AttentionGradient.Rows(starts.2 + valueAt, stride: valueChannels)
            if let few {
              few.backward(
                query: query, key: key, value: value, dOut: dOut, dQuery: dQuery, dKey: dKey, dValue: dValue)
              continue
            }
            head.run(
              query: query, key: key, value: value, dOut: dOut, dQuery: dQuery, dKey: dKey, dValue: dValue,
              bias: b.map { b in
                { range, rows, stride in
                  for (row, query) in range.enumerated() {
                    (rows + row * stride).update(from: b + biasAt + query * keyCount, count: keyCount)
                  }
                }
              },
              dBias: starts.3.map { out in
                { range, rows, stride in
                  for (row, query) in range.enumerated() {
                    let at = out + biasAt + query * keyCount
                    VectorKernels.best.add(at, rows + row * stride, at, keyCount)
                  }
                }
              })
          }
        }
      }
      return (dQueries, dKeys, dValues, dBias)
    }
  }
#endif
