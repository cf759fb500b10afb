import Foundation
import Kernels
import TestSupport
import Testing

/// Kernels whose lanes are positions of an image, for every instruction set, against their definitions.
@Suite("Kernels: lanes")
struct LaneKernelTests {
  @Test(arguments: KernelTable.all)
  func matricesAreTurnedRound(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (rows, columns) in [(1, 1), (3, 9), (8, 8), (17, 5), (16, 64), (56, 64), (64, 31)] {
      let values = random(rows * columns, seed: 1)
      let x = memory.matrix(values, rows: rows, columns: columns, gap: 2)
      let y = memory.matrix(
        [Float](repeating: .nan, count: rows * columns), rows: columns, columns: rows, gap: 3)
      table.kernels.transpose(x.pointer, x.stride, rows, columns, y.pointer, y.stride)
      #expect(y.values == (0..<rows * columns).map { values[$0 % rows * columns + $0 / rows] })
      #expect(y.isIntact)
    }
  }

  @Test(arguments: KernelTable.all)
  func positionsAttendToTheTokensOfEachHead(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (heads, tokens, lanes) in [(1, 1, 16), (8, 7, 64), (3, 10, 48)] {
      let input = random(heads * tokens * lanes, seed: 2, scale: 20)
      let bias = random(heads * tokens, seed: 3, scale: 5)
      let s = memory.matrix(input, rows: heads * tokens, columns: lanes, gap: 1)
      table.kernels.softmax_of_tokens(s.pointer, s.stride, 0.25, bias, heads, tokens, lanes)
      let found = s.values
      for head in 0..<heads {
        for lane in 0..<lanes {
          let scores = (head * tokens..<(head + 1) * tokens).map {
            (Double(input[$0 * lanes + lane]) + Double(bias[$0])) * 0.25
          }
          let sum = scores.reduce(0) { $0 + exp($1) }
          for (token, score) in scores.enumerated() {
            let expected = exp(score) / sum
            let value = Double(found[(head * tokens + token) * lanes + lane])
            #expect(abs(value - expected) < 2e-6 * expected + 1e-12)
          }
        }
      }
      #expect(s.isIntact)
    }
  }

  @Test(arguments: KernelTable.all)
  func tokensAttendToPositionsBlockByBlock(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    let (rows, lanes) = (7, 64)
    let maxima = memory.buffer([Float](repeating: -.infinity, count: rows))
    let sums = memory.buffer([Float](repeating: 0, count: rows))
    let factors = memory.buffer([Float](repeating: .nan, count: rows))
    var all = [[Double]](repeating: [], count: rows)
    // What stands for the outputs: the sum of all exponentials, rescaled as the kernel says.
    var outputs = [Double](repeating: 0, count: rows)
    for (block, count) in [64, 1, 37].enumerated() {
      var input = random(rows * lanes, seed: UInt64(block), scale: Float(10 * (block + 1)))
      // What stands in lanes that are no positions does not matter.
      for row in 0..<rows { for lane in count..<lanes { input[row * lanes + lane] = .nan } }
      let s = memory.matrix(input, rows: rows, columns: lanes, gap: 1)
      table.kernels.softmax_of_positions(
        s.pointer, s.stride, 0.5, rows, lanes, count, maxima.pointer, sums.pointer, factors.pointer)
      for row in 0..<rows {
        all[row] += (0..<count).map { Double(input[row * lanes + $0]) * 0.5 }
        let found = s.values[row * lanes..<(row + 1) * lanes]
        #expect(found.dropFirst(count).allSatisfy { $0 == 0 })
        outputs[row] = outputs[row] * Double(factors.elements[row]) + found.reduce(0) { $0 + Double($1) }
      }
      #expect(s.isIntact)
    }
    for row in 0..<rows {
      let largest = all[row].max() ?? 0
      let sum = all[row].reduce(0) { $0 + exp($1 - largest) }
      #expect(abs(Double(maxima.elements[row]) - largest) < 1e-5)
      #expect(abs(Double(sums.elements[row]) - sum) < 1e-5 * sum)
      #expect(abs(outputs[row] - sum) < 1e-5 * sum)
    }
  }

  @Test(arguments: KernelTable.all)
  func lanesAreScaledAndSummed(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (rows, lanes) in [(1, 16), (5, 64)] {
      let a = random(rows * lanes, seed: 4), b = random(rows * lanes, seed: 5)
      let factors = memory.buffer(random(lanes, seed: 6)), sums = memory.buffer(random(lanes, seed: 7))
      let x = memory.matrix(a, rows: rows, columns: lanes, gap: 1)
      let y = memory.matrix(b, rows: rows, columns: lanes, gap: 2)
      let start = sums.elements
      table.kernels.add_lane_products(x.pointer, x.stride, y.pointer, y.stride, rows, lanes, sums.pointer)
      for lane in 0..<lanes {
        let expected = (0..<rows).reduce(Double(start[lane])) {
          $0 + Double(a[$1 * lanes + lane]) * Double(b[$1 * lanes + lane])
        }
        #expect(abs(Double(sums.elements[lane]) - expected) < 2e-6)
      }
      table.kernels.scale_lanes(x.pointer, x.stride, factors.pointer, nil, y.pointer, y.stride, rows, lanes)
      #expect(y.values == (0..<rows * lanes).map { a[$0] * factors.elements[$0 % lanes] })
      let bias = random(rows, seed: 10)
      table.kernels.scale_lanes(x.pointer, x.stride, factors.pointer, bias, y.pointer, y.stride, rows, lanes)
      for (index, value) in y.values.enumerated() {
        let product = Double(a[index]) * Double(factors.elements[index % lanes])
        #expect(abs(Double(value) - product - Double(bias[index / lanes])) < 2e-7)
      }
      #expect(y.isIntact && sums.isIntact)
    }
  }

  @Test(arguments: KernelTable.all, [0, 1, 2])
  func channelsOfALaneAreNormalised(table: KernelTable, activation: Int32) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (channels, lanes) in [(1, 16), (6, 48), (64, 64)] {
      let values = random(channels * lanes, seed: 8, scale: 4)
      let weight = random(channels, seed: 9), bias = random(channels, seed: 10)
      let x = memory.matrix(values, rows: channels, columns: lanes, gap: 1)
      let y = memory.matrix(
        [Float](repeating: .nan, count: channels * lanes), rows: channels, columns: lanes, gap: 2)
      table.kernels.normalize_lanes(
        x.pointer, x.stride, weight, bias, 1e-6, activation, y.pointer, y.stride, channels, lanes)
      #expect(y.isIntact)
      for lane in 0..<lanes {
        let column = (0..<channels).map { Double(values[$0 * lanes + lane]) }
        let mean = column.reduce(0, +) / Double(channels)
        let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
        for channel in 0..<channels {
          let normal = (column[channel] - mean) / (variance + 1e-6).squareRoot()
          var expected = normal * Double(weight[channel]) + Double(bias[channel])
          if activation == 1 { expected *= 0.5 * erfc(-expected / 2.0.squareRoot()) }
          if activation == 2 { expected = max(0, expected) }
          #expect(abs(Double(y.values[channel * lanes + lane]) - expected) < 4e-6)
        }
      }
    }
  }

  @Test(arguments: KernelTable.all)
  func masksAreProductsWithActivatedChannels(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (masks, channels, lanes) in [(1, 3, 16), (3, 32, 64), (4, 16, 80), (6, 8, 48)] {
      let values = random(channels * lanes, seed: 11, scale: 3)
      let bias = random(channels, seed: 12), weights = random(masks * channels, seed: 13)
      let x = memory.matrix(values, rows: channels, columns: lanes, gap: 16)
      let y = memory.matrix(
        [Float](repeating: .nan, count: masks * lanes), rows: masks, columns: lanes, gap: 4)
      table.kernels.mask_products(
        x.pointer, x.stride, bias, weights, channels, channels, y.pointer, y.stride, masks, lanes)
      for mask in 0..<masks {
        for lane in 0..<lanes {
          let expected = (0..<channels).reduce(0.0) {
            let z = Double(values[$1 * lanes + lane]) + Double(bias[$1])
            return $0 + Double(weights[mask * channels + $1]) * z * 0.5 * erfc(-z / 2.0.squareRoot())
          }
          #expect(abs(Double(y.values[mask * lanes + lane]) - expected) < 1e-6 * Double(channels))
        }
      }
      #expect(y.isIntact)
    }
  }
}
