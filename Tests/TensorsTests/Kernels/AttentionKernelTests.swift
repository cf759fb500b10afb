import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// The softmax forms of the mask decoder and the fused attention, for every instruction set.
@Suite("Kernels: attention")
struct AttentionKernelTests {
  @Test(arguments: KernelTable.all, [8, 4, 3])
  func tokensShareTheAttentionOfEachHead(table: KernelTable, heads: Int) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (rows, tokens, hasBias) in [(1, 1, false), (5, 7, true), (13, 9, false), (3, 2, true)] {
      let columns = tokens * heads
      let input = random(rows * columns, seed: 1, scale: 20)
      let s = memory.matrix(input, rows: rows, columns: columns, gap: 2)
      let bias = hasBias ? random(columns, seed: 2, scale: 5) : nil
      if let bias {
        table.kernels.softmax_tokens(s.pointer, s.stride, 0.25, bias, rows, tokens, heads)
      } else {
        table.kernels.softmax_tokens(s.pointer, s.stride, 0.25, nil, rows, tokens, heads)
      }
      let found = s.values
      for row in 0..<rows {
        for head in 0..<heads {
          let scores = (0..<tokens).map { token in
            (Double(input[row * columns + token * heads + head]) + Double(bias?[token * heads + head] ?? 0))
              * 0.25
          }
          let sum = scores.reduce(0) { $0 + exp($1) }
          for token in 0..<tokens {
            let expected = exp(scores[token]) / sum
            #expect(
              abs(Double(found[row * columns + token * heads + head]) - expected) < 2e-6 * expected + 1e-12)
          }
        }
      }
      #expect(s.isIntact)
    }
  }

  @Test(arguments: KernelTable.all)
  func columnsAreSummedBlockByBlock(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for columns in [1, 7, 16, 33, 56] {
      let maxima = memory.buffer([Float](repeating: -.infinity, count: columns))
      let sums = memory.buffer([Float](repeating: 0, count: columns))
      let factors = memory.buffer([Float](repeating: .nan, count: columns))
      var all: [[Float]] = []
      // What stands for the outputs: the sum of all exponentials, rescaled as the kernel says.
      var outputs = [Double](repeating: 0, count: columns)
      for (block, rows) in [5, 1, 12].enumerated() {
        let input = random(rows * columns, seed: UInt64(block), scale: Float(10 * (block + 1)))
        let s = memory.matrix(input, rows: rows, columns: columns, gap: 3)
        table.kernels.softmax_columns(
          s.pointer, s.stride, 0.5, rows, columns, maxima.pointer, sums.pointer, factors.pointer)
        for row in 0..<rows { all.append(Array(input[row * columns..<(row + 1) * columns])) }
        for column in 0..<columns {
          outputs[column] *= Double(factors.elements[column])
          for row in 0..<rows { outputs[column] += Double(s.values[row * columns + column]) }
        }
        #expect(s.isIntact)
      }
      for column in 0..<columns {
        let scores = all.map { Double($0[column]) * 0.5 }
        let largest = scores.max() ?? 0
        let sum = scores.reduce(0) { $0 + exp($1 - largest) }
        #expect(abs(Double(maxima.elements[column]) - largest) < 1e-5)
        #expect(abs(Double(sums.elements[column]) - sum) < 1e-5 * sum)
        #expect(abs(outputs[column] - sum) < 1e-5 * sum)
      }
    }
  }

  @Test(arguments: KernelTable.all)
  func fusedAttentionEqualsItsDefinition(table: KernelTable) {
    // More keys than a block, depths that no panel divides, a last block of one key.
    for (rows, depth, keyRows, keyColumns, biased) in [
      (1, 1, 1, 1, false), (5, 16, 3, 7, true), (14, 32, 14, 14, true), (20, 80, 27, 19, true),
      (7, 64, 19, 27, false),
      (33, 48, 64, 9, true), (12, 24, 1, 513, false),
    ] {
      let kernels = table.kernels
      let keyCount = keyRows * keyColumns
      let q = random(rows * depth, seed: 1, scale: 2), k = random(keyCount * depth, seed: 2, scale: 2)
      let v = random(keyCount * depth, seed: 3), bias = random(rows * keyCount, seed: 4, scale: 3)
      func padded(_ size: Int, _ panel: Int) -> Int { (size + panel - 1) / panel * panel }
      var queries = [Float](repeating: 0, count: padded(rows, kernels.panel_rows) * depth)
      var keys = [Float](repeating: 0, count: padded(keyCount, kernels.panel_columns) * depth)
      var values = [Float](repeating: 0, count: padded(depth, kernels.panel_columns) * keyCount)
      let log2e: Float = 1.442_695_04
      kernels.pack_rows(q, depth, rows, depth, log2e / Float(depth).squareRoot(), &queries)
      kernels.pack_transposed(k, depth, keyCount, depth, &keys)
      kernels.pack_columns(v, depth, depth, keyCount, &values)
      let scaledBias = bias.map { $0 * log2e }
      var out = [Float](repeating: .nan, count: rows * depth)
      let size = withUnsafePointer(to: kernels) { sam_attention_scratch($0, rows, depth) }
      var scratch = [Float](repeating: .nan, count: size)
      queries.withUnsafeBufferPointer { queries in
        keys.withUnsafeBufferPointer { keys in
          values.withUnsafeBufferPointer { values in
            scaledBias.withUnsafeBufferPointer { bias in
              out.withUnsafeMutableBufferPointer { out in
                scratch.withUnsafeMutableBufferPointer { scratch in
                  var attention = SamAttention()
                  attention.queries = queries.baseAddress
                  (attention.rows, attention.depth) = (rows, depth)
                  attention.keys = keys.baseAddress
                  attention.values = values.baseAddress
                  (attention.key_rows, attention.key_columns) = (keyRows, keyColumns)
                  attention.bias = biased ? bias.baseAddress : nil
                  attention.out = out.baseAddress
                  attention.out_stride = depth
                  attention.scratch = scratch.baseAddress
                  kernels.attend(&attention)
                }
              }
            }
          }
        }
      }
      var expected = Expected()
      q.withUnsafeBufferPointer { q in
        k.withUnsafeBufferPointer { k in
          v.withUnsafeBufferPointer { v in
            guard let q = q.baseAddress, let k = k.baseAddress, let v = v.baseAddress else { return }
            for row in 0..<rows {
              let scores = (0..<keyCount).map { key -> Approximate in
                let score =
                  Oracle.dot(q + row * depth, k + key * depth, depth) * (1 / Double(depth).squareRoot())
                return biased ? score + .exact(bias[row * keyCount + key]) : score
              }
              Oracle.weighted(scores, { v + $0 * depth }, width: depth, into: &expected)
            }
          }
        }
      }
      expect(out, expected, "\(rows) of \(depth) over \(keyRows)x\(keyColumns)")
    }
  }
}
