import Tensors
import TestSupport
import Testing

@Suite("Linear layers")
struct LinearTests {
  @Test(arguments: LayerShapes.products)
  func realLayersEqualTheNaiveForm(layer: LayerShapes.Product) {
    compare(
      [layer.rows, layer.inputs], outputs: layer.outputs, hasBias: true, .identity, hasResidual: false,
      rows: max(8, min(64, 20_000_000 / (layer.inputs * layer.outputs))), "\(layer)")
  }

  @Test(
    arguments: [Activation.identity, .gelu, .relu],
    [(false, false), (true, false), (false, true), (true, true)])
  func biasActivationAndResidualAreApplied(activation: Activation, has: (bias: Bool, residual: Bool)) {
    for (shape, outputs) in [
      ([1, 1], 1), ([5], 3), ([3, 7, 33], 17), ([2, 3, 4, 5], 6), ([100, 64], 160),
    ] as [(Shape, Int)] {
      compare(
        shape, outputs: outputs, hasBias: has.bias, activation, hasResidual: has.residual, rows: 1000,
        "\(shape)")
    }
  }

  private func compare(
    _ shape: Shape, outputs: Int, hasBias: Bool, _ activation: Activation, hasResidual: Bool, rows: Int,
    _ what: String
  ) {
    let (x, w) = (Tensor.random(shape, seed: 60), Tensor.random([outputs, shape.innermost], seed: 61))
    let bias = hasBias ? Tensor.random([outputs], seed: 62) : nil
    let residual = hasResidual ? Tensor.random([shape.rows, outputs], seed: 63) : nil
    let result = onAnyThreads(what) { x.on($0).linear(w, bias, activation: activation, adding: residual) }
    #expect(Array(result.shape) == Array(shape.dropLast()) + [outputs])
    let rows = sampledRows(shape.rows, most: rows)
    let expected = Oracle.linear(
      x.elements, inputs: shape.innermost, w.elements, bias?.elements, activation, residual?.elements,
      rows: rows)
    expect(rows: rows, of: result, expected, what)
  }

  @Test func kernelsOfOneByOneConvolutionsAreTakenAsTheyAre() {
    let x = Tensor.random([4, 6], seed: 64)
    let w = Tensor.random([5, 6, 1, 1], seed: 65)
    #expect(x.linear(w).elements == x.linear(w.reshaped([5, 6])).elements)
  }

  @Test func noRowsGiveNoRows() {
    let y = Tensor([], shape: [0, 6]).linear(
      .random([5, 6], seed: 66), .random([5], seed: 67), activation: .gelu)
    #expect(y.shape == [0, 5] && y.elements.isEmpty)
  }

  @Test(arguments: [(1, 3, 5, 7), (2, 17, 33, 64), (64, 4, 4096, 32), (1, 4, 9216, 16)])
  func productsWithATransposedBatch(batch: Int, rows: Int, columns: Int, channels: Int) {
    let a = Tensor.random([batch, rows, channels], seed: 68),
      b = Tensor.random([batch, columns, channels], seed: 69)
    let result = onAnyThreads { a.on($0).productWithTransposed(b) }
    #expect(result.shape == [batch, rows, columns])
    let sampled = sampledRows(batch * rows, most: 8)
    var expected = Expected()
    for row in sampled {
      a.withUnsafeBuffer { a in
        b.withUnsafeBuffer { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          for column in 0..<columns {
            let other = b + (row / rows * columns + column) * channels
            expected.append(Oracle.dot(a + row * channels, other, channels))
          }
        }
      }
    }
    expect(rows: sampled, of: result, expected)
  }
}
