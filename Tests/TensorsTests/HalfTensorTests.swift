import TestSupport
import Testing

@testable import Tensors

@Suite("Tensors of half-precision numbers are values as any others")
struct HalfTensorTests {
  /// Halves in memory, as a mapped file holds them.
  private final class Halves: @unchecked Sendable {
    let memory: UnsafeMutablePointer<UInt16>
    let count: Int

    /// Random bits of finite numbers, subnormal ones included; behind a byte or more of other data, so that they are
    /// aligned to two bytes only.
    init(_ count: Int, seed: UInt64) {
      self.count = count
      memory = .allocate(capacity: count + 1)
      var generator = SplitMix64(seed: seed)
      memory.initialize(repeating: 0x7E00, count: count + 1)
      for index in 0..<count {
        let bits = UInt16(truncatingIfNeeded: generator.next())
        // Exponents up to 2^0.
        memory[index + 1] = bits & 0x8000 | UInt16(bits & 0x7FFF) % 0x3C00
      }
    }
    deinit { memory.deallocate() }

    func tensor(_ shape: Shape, on compute: Compute = .shared) -> Tensor {
      Tensor(borrowing: UnsafePointer(memory + 1), shape: shape, keeper: self, compute: compute)
    }
    var values: [Float] { (0..<count).map { Float(Float16(bitPattern: memory[$0 + 1])) } }
    var bits: [UInt16] { (0..<count).map { memory[$0 + 1] } }
  }

  @Test func everyAccessSeesFloats() {
    let halves = Halves(24, seed: 1)
    let (x, values) = (halves.tensor([4, 3, 2]), halves.values)
    #expect(x.isHalf && x.elements == values && x[[2, 1, 1]] == values[15])
    #expect(x.withUnsafeBuffer { Array($0) } == values)
    let slice = x[outermost: 1..<3]
    #expect(slice.isHalf && slice.elements == Array(values[6..<18]))
    #expect(slice[outermost: 1].reshaped([6]).elements == Array(values[12..<18]))
    let floats = x.inFloats()
    #expect(!floats.isHalf && floats.shape == x.shape && floats.elements == values)
    #expect(slice.inFloats().elements == Array(values[6..<18]))
    #expect((x + x).elements == values.map { $0 + $0 })
    #expect(x.permuted([2, 0, 1]).elements == floats.permuted([2, 0, 1]).elements)
    #expect(Tensor.concatenating([x, x]).elements == values + values)
    #expect(floats.adding(x).elements == values.map { $0 + $0 })
  }

  @Test func bitsAreThoseInMemoryOrRounded() {
    let halves = Halves(3000, seed: 9)
    let x = halves.tensor([3, 1000])
    #expect(x.halfBits() == halves.bits && x[outermost: 1].halfBits() == Array(halves.bits[1000..<2000]))
    #expect(x.inFloats().halfBits() == halves.bits)
    #expect(Tensor([0.1, 65504, 1e-8], shape: [3]).halfBits() == [0x2E66, 0x7BFF, 0])
    #expect(Tensor([], shape: [0]).halfBits().isEmpty)
  }

  @Test func writingMakesACopyInFloats() {
    let halves = Halves(12, seed: 2)
    let bits = halves.bits
    let x = halves.tensor([3, 4])
    var slice = x[outermost: 1..<3]
    slice.withUnsafeMutableBuffer { $0[1] = 7 }
    var expected = Array(halves.values[4...])
    expected[1] = 7
    #expect(!slice.isHalf && slice.elements == expected)
    var whole = x
    whole.withUnsafeMutableBuffer { $0[0] = 0.1 }
    #expect(whole.elements == [0.1] + halves.values[1...])
    #expect(x.elements == halves.values && halves.bits == bits)
    #expect(
      x.scalingRows([1, 2, 3]).elements == halves.tensor([3, 4]).inFloats().scalingRows([1, 2, 3]).elements)
  }

  @Test func anotherComputeSharesTheHalves() {
    let halves = Halves(8, seed: 3)
    let other = Compute(threads: 2)
    let x = halves.tensor([8]).on(other)
    #expect(x.isHalf && x.compute === other && x.elements == halves.values)
    #expect((x + x).compute === other)
  }

  @Test func halvesKeepTheirKeeper() {
    weak var keeper: Halves?
    var slice: Tensor?
    do {
      let halves = Halves(8, seed: 4)
      keeper = halves
      slice = halves.tensor([2, 4]).on(Compute(threads: 1))[outermost: 1]
    }
    #expect(keeper != nil && slice?.count == 4)
    let floats = slice?.inFloats()
    slice = nil
    #expect(keeper == nil && floats?.count == 4, "floats are memory of their own")
  }

  @Test(
    arguments: [
      (1, 5, 3), (7, 64, 20), (23, 33, 17), (24, 33, 17), (40, 1, 1), (100, 769, 70), (130, 1600, 33),
      (196, 768, 100),
    ])
  func linearGivesTheBitsOfConvertedWeights(rows: Int, inputs: Int, outputs: Int) {
    let halves = Halves(outputs * inputs, seed: 5)
    let weight = halves.tensor([outputs, inputs])
    let x = Tensor.random([rows, inputs], seed: 6)
    let (bias, residual) = (Tensor.random([outputs], seed: 7), Tensor.random([rows, outputs], seed: 8))
    let result = onAnyThreads {
      x.on($0).linear(weight, bias, activation: .gelu, adding: residual)
    }
    let expected = x.linear(weight.inFloats(), bias, activation: .gelu, adding: residual)
    #expect(result.elements == expected.elements)
    let part = x.linear(weight[outermost: outputs / 2..<outputs])
    #expect(part.elements == x.linear(weight.inFloats()[outermost: outputs / 2..<outputs]).elements)
  }
}
