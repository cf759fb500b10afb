import TestSupport
import Testing

@testable import Tensors

@Suite("Linear layers rounded to 8 bits")
struct QuantizedLinearTests {
  /// Half a step of a row's 256 and of an output's 255, times what they are multiplied by.
  private static func compare(
    _ shape: Shape, outputs: Int, _ activation: Activation, has: (bias: Bool, residual: Bool), _ what: String
  ) {
    let inputs = shape.innermost
    let (x, w) = (Tensor.random(shape, seed: 60), Tensor.random([outputs, inputs], seed: 61))
    let bias = has.bias ? Tensor.random([outputs], seed: 62) : nil
    let residual = has.residual ? Tensor.random([shape.rows, outputs], seed: 63) : nil
    let quantized = QuantizedMatrix(w)
    #expect(quantized.outputs == outputs && quantized.inputs == inputs)
    let result = onAnyThreads(what) {
      x.on($0).linear(quantized, bias, activation: activation, adding: residual)
    }
    #expect(Array(result.shape) == Array(shape.dropLast()) + [outputs])
    let exact = x.linear(w, bias, activation: activation, adding: residual).elements
    // Errors of roundings are as good as random: of a standard deviation of a step over √12 each.
    let deviation = (Float(inputs) / 12).squareRoot() * (2 / Float(255) + 1 / Float(127)) * 0.6
    let bound = 6 * deviation + 2 / Float(255) + 1e-3
    let worst = zip(result.elements, exact).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= bound, "\(what)")
  }

  @Test(arguments: LayerShapes.products.filter { $0.rows * $0.inputs * $0.outputs < 3_000_000_000 })
  func realLayersAreWithinTheRoundingErrors(layer: LayerShapes.Product) {
    Self.compare(
      [min(layer.rows, 300), layer.inputs], outputs: layer.outputs, .identity, has: (true, false), "\(layer)")
  }

  @Test(
    arguments: [Activation.identity, .gelu, .relu],
    [(false, false), (true, false), (false, true), (true, true)])
  func biasActivationAndResidualAreApplied(activation: Activation, has: (bias: Bool, residual: Bool)) {
    for (shape, outputs) in [([1, 1], 1), ([5], 3), ([3, 7, 33], 17), ([2, 100, 64], 160)] as [(Shape, Int)] {
      Self.compare(shape, outputs: outputs, activation, has: has, "\(shape)")
    }
  }

  @Test func wholeNumbersAreExact() {
    // 0 to 255 and −127 to 127 with the ends present: nothing is rounded.
    let x = Tensor((0..<4 * 256).map { Float(($0 * 37) % 256) }, shape: [4, 256])
    let w = Tensor((0..<5 * 256).map { Float(($0 * 91) % 255 - 127) }, shape: [5, 256])
    let result = x.linear(QuantizedMatrix(w)).elements
    for (value, exact) in zip(result, x.linear(w).elements) {
      #expect(abs(value - exact) <= abs(exact) * 1e-6)
    }
  }

  @Test func halvesAndFloatsRoundAlike() {
    let values: [UInt16] = (0..<96).map { UInt16(0x3000 + $0 * 7) }
    let weight = values.withUnsafeBufferPointer { buffer -> Tensor in
      Tensor(buffer.map { Float(Float16(bitPattern: $0)) }, shape: [6, 16])
    }
    final class Keeper: @unchecked Sendable {
      let memory: UnsafeMutablePointer<UInt16>
      init(_ values: [UInt16]) {
        memory = .allocate(capacity: values.count)
        memory.initialize(from: values, count: values.count)
      }
      deinit { memory.deallocate() }
    }
    let keeper = Keeper(values)
    let halves = Tensor(borrowing: UnsafePointer(keeper.memory), shape: [6, 16], keeper: keeper)
    let x = Tensor.random([30, 16], seed: 9)
    #expect(x.linear(QuantizedMatrix(halves)).elements == x.linear(QuantizedMatrix(weight)).elements)
  }

  @Test func noRowsGiveNoRows() {
    let y = Tensor([], shape: [0, 6]).linear(
      QuantizedMatrix(.random([5, 6], seed: 66)), .random([5], seed: 67))
    #expect(y.shape == [0, 5] && y.elements.isEmpty)
  }
}
