import Tensors
import TestSupport
import Testing

@Suite("Layer norm, activations and additions")
struct NormalisationTests {
  @Test(arguments: LayerShapes.normalisations)
  func realLayersEqualTheNaiveForm(layer: LayerShapes.Rows) {
    compare([layer.rows, layer.channels], .identity, "\(layer)")
  }

  @Test(arguments: [Activation.identity, .gelu, .relu])
  func theActivationIsAppliedLast(activation: Activation) {
    for shape in [[1, 1], [3, 2], [2, 5, 7, 33], [100, 64]] as [Shape] {
      compare(shape, activation, "\(shape)")
    }
  }

  private func compare(_ shape: Shape, _ activation: Activation, _ what: String) {
    let x = Tensor.random(shape, seed: 70, scale: 3)
    let (w, b) = (Tensor.random([shape.innermost], seed: 71), Tensor.random([shape.innermost], seed: 72))
    let before = x.elements
    let result = onAnyThreads(what) { x.on($0).layerNorm(w, b, epsilon: 1e-6, activation: activation) }
    #expect(result.shape == shape && x.elements == before, "a shared operand keeps its elements")
    let rows = sampledRows(shape.rows, most: 500)
    expect(
      rows: rows, of: result,
      Oracle.layerNorm(before, w.elements, b.elements, epsilon: 1e-6, activation, rows: rows), what)
    let inPlace = onAnyThreads(what) { compute in
      Tensor(before, shape: shape, on: compute).layerNorm(w, b, epsilon: 1e-6, activation: activation)
    }
    #expect(inPlace.elements == result.elements, "in place gives the same")
  }

  @Test func aTensorOfItsOwnIsNormalisedWithoutNewMemory() {
    let x = Tensor.random([8, 64], seed: 73)
    let memory = x.address
    let y = (consume x).layerNorm(.random([64], seed: 74), .random([64], seed: 75), epsilon: 1e-5)
    #expect(y.address == memory)
    let kept = Tensor.random([8, 64], seed: 76)
    let z = kept.layerNorm(.random([64], seed: 74), .random([64], seed: 75), epsilon: 1e-5)
    #expect(z.address != kept.address)
    #expect(kept.elements == Tensor.random([8, 64], seed: 76).elements)
  }

  @Test(arguments: [Activation.identity, .gelu, .relu])
  func everyElementIsActivated(activation: Activation) {
    for count in [0, 1, 17, 16_384, 100_003] {
      let x = Tensor.random([count], seed: 77, scale: 6)
      let result = onAnyThreads { x.on($0).activated(activation) }
      var expected = Expected()
      for value in x.elements { expected.append(Approximate.exact(value).activated(activation)) }
      expect(result.elements, expected)
    }
  }

  @Test(
    arguments: [
      ([3, 4], [3, 4]), ([3, 4], [4]), ([2, 3, 4], [3, 4]), ([5, 64, 64], [64, 64]), ([4096, 256], [256]),
      ([7], [1]), ([100_003], [100_003]), ([1, 64, 64, 32], [64, 64, 32]),
    ] as [(Shape, Shape)])
  func theSecondOperandRepeats(shape: Shape, other: Shape) {
    let x = Tensor.random(shape, seed: 78), y = Tensor.random(other, seed: 79)
    let (a, b) = (x.elements, y.elements)
    let result = onAnyThreads { x.on($0).adding(y) }
    #expect(result.shape == shape)
    #expect(result.elements == a.indices.map { a[$0] + b[$0 % b.count] })
    #expect((x + y).elements == result.elements)
    #expect(x.elements == a && y.elements == b)
  }

  @Test func aTensorIsAddedToItself() {
    let x = Tensor.random([33], seed: 80)
    #expect((x + x).elements == x.elements.map { 2 * $0 })
  }

  @Test func nothingAddedToNothingIsNothing() {
    #expect((Tensor([], shape: [0, 4]) + Tensor([], shape: [0, 4])).shape == [0, 4])
  }

  @Test func additionIsInPlaceForATensorOfItsOwn() {
    let x = Tensor.random([64], seed: 81), y = Tensor.random([64], seed: 82)
    let memory = x.address
    let sum = (consume x).adding(y)
    #expect(sum.address == memory)
  }
}

extension Tensor {
  /// Where the elements are.
  var address: UInt { withUnsafeBuffer { UInt(bitPattern: $0.baseAddress) } }
}
