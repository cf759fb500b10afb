import MatrixProducts
import TestSupport
import Testing

@Suite("Matrix product")
struct MatrixProductTests {
  private static let sizes = [
    (1, 1, 1), (1, 5, 3), (5, 1, 3), (4, 4, 1), (3, 7, 17), (16, 16, 16), (17, 33, 9), (31, 64, 65),
    (7, 2048, 256), (130, 70, 300),
  ]

  @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
  func everyTransposeEqualsTheNaiveForm(_ transposed: (a: Bool, b: Bool)) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (rows, columns, depth) in MatrixProductTests.sizes {
      for (alpha, beta, gap) in [(1, 0, 0), (1, 1, 3), (0.5, -2, 1), (-1, 0, 5)] as [(Float, Float, Int)] {
        let (aRows, aColumns) = transposed.a ? (depth, rows) : (rows, depth)
        let (bRows, bColumns) = transposed.b ? (columns, depth) : (depth, columns)
        let a = random(aRows * aColumns, seed: 50), b = random(bRows * bColumns, seed: 51)
        // Not read when beta is 0: NaN must not come through.
        let c = beta == 0 ? [Float](repeating: .nan, count: rows * columns) : random(rows * columns, seed: 52)
        let left = memory.matrix(a, rows: aRows, columns: aColumns, gap: gap)
        let right = memory.matrix(b, rows: bRows, columns: bColumns, gap: 2 * gap)
        let result = memory.matrix(c, rows: rows, columns: columns, gap: 3 * gap)
        matrixProduct(
          rows: rows, columns: columns, depth: depth, alpha: alpha, left.pointer, left.stride,
          transposeA: transposed.a, right.pointer, right.stride, transposeB: transposed.b, beta: beta,
          result.pointer, result.stride)

        var expected = Expected()
        for row in 0..<rows {
          for column in 0..<columns {
            var (sum, magnitude) = (0.0, 0.0)
            for inner in 0..<depth {
              let x = transposed.a ? a[inner * rows + row] : a[row * depth + inner]
              let y = transposed.b ? b[column * depth + inner] : b[inner * columns + column]
              sum += Double(x) * Double(y)
              magnitude += abs(Double(x) * Double(y))
            }
            let product = Approximate.sum(sum, terms: depth, magnitude: magnitude) * Double(alpha)
            expected.append(
              beta == 0 ? product : product + Approximate.exact(c[row * columns + column]) * Double(beta))
          }
        }
        expect(result.values, expected, "\(rows)x\(columns)x\(depth), \(alpha), \(beta), gap \(gap)")
        #expect(result.isIntact && left.values == a && right.values == b)
      }
    }
  }

  @Test func emptyResultsTouchNothing() {
    var c = [Float](repeating: 3, count: 4)
    matrixProduct(rows: 0, columns: 2, depth: 2, [1, 2], 2, [1, 2, 3, 4], 2, &c, 2)
    matrixProduct(rows: 2, columns: 0, depth: 2, [1, 2, 3, 4], 2, [1, 2], 1, &c, 1)
    #expect(c == [3, 3, 3, 3])
  }

  @Test(arguments: [Float(0), 1, 0.5])
  func withoutDepthOnlyBetaIsApplied(beta: Float) {
    var c: [Float] = [1, 2, -77, 3, 4]
    matrixProduct(rows: 2, columns: 2, depth: 0, [0], 1, [0], 2, beta: beta, &c, 3)
    #expect(c == [beta, 2 * beta, -77, 3 * beta, 4 * beta])
  }
}
