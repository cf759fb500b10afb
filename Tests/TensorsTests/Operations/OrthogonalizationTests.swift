import Tensors
import Testing

@Suite("Orthogonalised matrices")
struct OrthogonalizationTests {
  /// Rows x columns as rows.
  private typealias Matrix = [[Double]]

  private func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    a.map { row in b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } } }
  }

  private func transposed(_ a: Matrix) -> Matrix { a[0].indices.map { column in a.map { $0[column] } } }

  /// The iteration as it is written down, in double precision.
  private func oracle(_ matrix: Matrix, steps: Int) -> Matrix {
    let length = matrix.joined().reduce(0) { $0 + $1 * $1 }.squareRoot() * 1.001
    var x = matrix.map { $0.map { $0 / length } }
    for _ in 0..<steps {
      let a = product(x, transposed(x))
      let (ax, aax) = (product(a, x), product(a, product(a, x)))
      for (row, column) in x.indices.flatMap({ row in x[0].indices.map { (row, $0) } }) {
        x[row][column] = 3.4445 * x[row][column] - 4.7750 * ax[row][column] + 2.0315 * aax[row][column]
      }
    }
    return x
  }

  private func matrix(_ tensor: Tensor, columns: Int) -> Matrix {
    stride(from: 0, to: tensor.count, by: columns).map { tensor.elements[$0..<$0 + columns].map(Double.init) }
  }

  @Test(
    "follow the iteration, wide, square, tall and as kernels",
    arguments: [[16, 40], [33, 33], [70, 17], [24, 4, 3, 3], [1, 5], [20, 1]])
  func iteration(sizes: [Int]) throws {
    let shape = try #require(Shape(checking: sizes))
    let tensor = Tensor.random(shape, seed: 3, scale: 7)
    let columns = tensor.count / sizes[0]
    let result = onAnyThreads("\(sizes)") { tensor.on($0).orthogonalized() }
    #expect(result.shape == shape)
    let expected = oracle(matrix(tensor, columns: columns), steps: 5)
    for (one, other) in zip(matrix(result, columns: columns).joined(), expected.joined()) {
      #expect(abs(one - other) < 1e-3)
    }
  }

  @Test("have rows of nearly equal length, at nearly right angles, however long the rows were")
  func angles() {
    var values = random(8 * 64, seed: 9)
    for row in 0..<8 { for column in 0..<64 { values[row * 64 + column] *= Float(1 << row) } }
    let result = matrix(Tensor(values, shape: [8, 64]).orthogonalized(), columns: 64)
    for one in 0..<8 {
      for other in 0..<8 {
        let angle = zip(result[one], result[other]).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(one == other ? (0.4...1.5).contains(angle) : abs(angle) < 0.4, "\(one), \(other): \(angle)")
      }
    }
  }

  @Test("are zero where there is no direction")
  func zeros() {
    #expect(Tensor(repeating: 0, shape: [4, 6]).orthogonalized().elements.allSatisfy { $0 == 0 })
  }
}
