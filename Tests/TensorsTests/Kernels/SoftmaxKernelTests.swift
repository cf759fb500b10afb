import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

@Suite("Kernels: softmax")
struct SoftmaxKernelTests {
  /// What is added to the scaled scores.
  enum Bias: CaseIterable {
    case none, full, decomposed
  }

  @Test(arguments: KernelTable.all, Bias.allCases)
  func exponentialsAndTheirSumsEqualTheNaiveForm(table: KernelTable, bias: Bias) {
    for (keyRows, keyColumns) in [
      (1, 1), (2, 1), (1, 3), (3, 5), (4, 4), (7, 7), (3, 17), (14, 14), (2, 31), (64, 64),
    ] {
      for (rows, gap, scale) in [(1, 0, 1), (3, 2, 8), (2, 0, 60), (0, 0, 1)] as [(Int, Int, Float)] {
        compare(table, bias, rows: rows, keyRows, keyColumns, gap: gap, spread: scale)
      }
    }
  }

  private func compare(
    _ table: KernelTable, _ bias: Bias, rows: Int, _ keyRows: Int, _ keyColumns: Int, gap: Int, spread: Float
  ) {
    let memory = FencedMemory()
    defer { memory.release() }
    let columns = keyRows * keyColumns
    let scale: Float = 0.177
    let input = random(rows * columns, seed: 30, scale: spread)
    let s = memory.matrix(input, rows: rows, columns: columns, gap: gap)
    let sums = memory.buffer([Float](repeating: .nan, count: rows))
    let full =
      bias == .full
      ? memory.matrix(random(rows * columns, seed: 31), rows: rows, columns: columns, gap: 2 * gap) : nil
    let vertical = bias == .decomposed ? memory.buffer(random(rows * keyRows, seed: 32, scale: 3)) : nil
    let horizontal = bias == .decomposed ? memory.buffer(random(rows * keyColumns, seed: 33, scale: 3)) : nil
    table.kernels.softmax(
      s.pointer, s.stride, scale, full?.pointer, full?.stride ?? 0, vertical?.pointer, horizontal?.pointer,
      keyRows,
      keyColumns, sums.pointer, rows, columns)

    var (expected, expectedSums) = (Expected(), Expected())
    for row in 0..<rows {
      let scores = (0..<columns).map { column -> Approximate in
        let t = Approximate.exact(input[row * columns + column]) * Double(scale)
        if let full { return t + .exact(full[row * columns + column]) }
        guard let vertical, let horizontal else { return t }
        let v = vertical.pointer[row * keyRows + column / keyColumns]
        return t + (.exact(v) + .exact(horizontal.pointer[row * keyColumns + column % keyColumns]))
      }
      let exponentials = SoftmaxKernelTests.exponentials(scores)
      for e in exponentials { expected.append(e) }
      let sum = exponentials.reduce(0) { $0 + $1.value }
      let error = exponentials.reduce(0) { $0 + $1.tolerance }
      expectedSums.append(
        Approximate(
          value: sum, tolerance: error + (4 + Double(columns).squareRoot()) * Approximate.rounding * sum))
    }
    expect(s.values, expected, "\(bias) \(rows)x\(keyRows)x\(keyColumns)")
    expect(sums.elements, expectedSums, "sums, \(bias) \(rows)x\(keyRows)x\(keyColumns)")
    #expect(s.isIntact && sums.isIntact)
  }

  /// exp(t − max t).
  private static func exponentials(_ scores: [Approximate]) -> [Approximate] {
    guard let largest = scores.max(by: { $0.value < $1.value }) else { return [] }
    return scores.map { score in
      let argument = score.value - largest.value
      let value = exp(argument)
      let error = score.tolerance + largest.tolerance + Approximate.rounding * abs(argument)
      // What is below the smallest normal number may be taken for zero.
      return Approximate(value: value, tolerance: value * (Approximate.exponentialError + error) + 1.3e-38)
    }
  }

  @Test(arguments: KernelTable.all)
  func theExponentialIsWithinThreeTenMillionths(table: KernelTable) {
    // All of these differences from 0 are exact.
    let arguments = (0..<400_000).map { -Float($0) * 0x1p-12 } + (1..<2000).map { -Float($0) * 0x1p-24 }
    var s = arguments
    var sum: Float = 0
    table.kernels.softmax(&s, s.count, 1, nil, 0, nil, nil, 0, 0, &sum, 1, s.count)
    var worst = (error: 0.0, at: Float(0))
    for (value, argument) in zip(s, arguments) {
      if argument < -87.3 {
        if value > 1.3e-38 { worst = (.infinity, argument) }
        continue
      }
      let wanted = exp(Double(argument))
      let error = abs(Double(value) - wanted) / wanted
      if !(error <= worst.error) { worst = (error, argument) }
    }
    #expect(worst.error < 3e-7, "at \(worst.at)")
  }

  @Test(arguments: KernelTable.all)
  func masksAndHugeScoresWeighNothing(table: KernelTable) {
    for columns in [1, 2, 5, 8, 16, 17, 33, 65] {
      for low in [-Float.infinity, -Float.greatestFiniteMagnitude, -1e30, -1e4, -104, -88] as [Float] {
        for kept in Set([0, columns / 2, columns - 1]) {
          var s = [Float](repeating: low, count: columns)
          s[kept] = 3
          var sum: Float = .nan
          table.kernels.softmax(&s, columns, 1, nil, 0, nil, nil, 0, 0, &sum, 1, columns)
          #expect(s.indices.allSatisfy { s[$0] == ($0 == kept ? 1 : 0) } && sum == 1, "\(low) in \(columns)")
        }
      }
    }
  }

  @Test(arguments: KernelTable.all)
  func aMaskInTheBiasWeighsNothing(table: KernelTable) {
    for (keyRows, keyColumns) in [(2, 3), (3, 16), (2, 21)] {
      let columns = keyRows * keyColumns
      var s = [Float](repeating: 2, count: columns)
      var sum: Float = .nan
      var vertical = [Float](repeating: -.infinity, count: keyRows)
      vertical[keyRows - 1] = 1
      let horizontal = [Float](repeating: 0.5, count: keyColumns)
      table.kernels.softmax(
        &s, columns, 0.5, nil, 0, vertical, horizontal, keyRows, keyColumns, &sum, 1, columns)
      #expect(s.indices.allSatisfy { s[$0] == ($0 / keyColumns == keyRows - 1 ? 1 : 0) })
      #expect(sum == Float(keyColumns))

      s = [Float](repeating: 2, count: columns)
      let full = (0..<columns).map { $0 % 2 == 0 ? Float(0) : -.infinity }
      table.kernels.softmax(&s, columns, 0.5, full, columns, nil, nil, 0, 0, &sum, 1, columns)
      #expect(s.indices.allSatisfy { s[$0] == ($0 % 2 == 0 ? 1 : 0) } && sum == Float((columns + 1) / 2))
    }
  }

  @Test(arguments: KernelTable.all)
  func equalScoresOfAnySizeWeighTheSame(table: KernelTable) {
    for score in [-3e38, -1e10, -0x1p-130, 0, 0x1p-130, 1e10, 3e38] as [Float] {
      var s = [Float](repeating: score, count: 37)
      var sum: Float = 0
      table.kernels.softmax(&s, 37, 1, nil, 0, nil, nil, 0, 0, &sum, 1, 37)
      #expect(s.allSatisfy { $0 == 1 } && sum == 37)
    }
  }
}
