import Testing

@testable import Checkpoints

@Suite struct ScalarTests {
  @Test func everyHalfIsExactAndComesBack() {
    for bits in UInt16.min...UInt16.max {
      let value = Scalar.float(half: bits)
      let exponent = Int(bits >> 10 & 31)
      let fraction = Double(bits & 1023)
      if exponent == 31 {
        #expect(fraction == 0 ? value.isInfinite : value.isNaN)
        if fraction != 0 { continue }
      } else {
        var magnitude = exponent == 0 ? fraction : fraction + 1024
        var power = exponent == 0 ? -24 : exponent - 25
        while power < 0 { (magnitude, power) = (magnitude / 2, power + 1) }
        while power > 0 { (magnitude, power) = (magnitude * 2, power - 1) }
        #expect(Double(value.magnitude) == magnitude)
      }
      #expect((value.sign == .minus) == (bits & 0x8000 != 0))
      #expect(Scalar.half(value) == bits)
    }
  }

  static let halves: [(value: Float, bits: UInt16)] = [
    (65519, 0x7BFF), (65520, 0x7C00), (1e30, 0x7C00), (-1e30, 0xFC00),
    (0x1p-25, 0), (0x1.8p-25, 1), (0x1.8p-24, 2), (0x1.FFFFFEp-15, 0x0400),
    (0x1.002p0, 0x3C00), (0x1.003p0, 0x3C01), (0x1.006p0, 0x3C02), (0x1.00Ap0, 0x3C02),
  ]

  @Test(arguments: halves)
  func halvesRoundToNearestEven(value: Float, bits: UInt16) {
    #expect(Scalar.half(value) == bits)
  }

  static let brainFloats: [(value: Float, bits: UInt16)] = [
    (1, 0x3F80), (Float(bitPattern: 0x3F80_8000), 0x3F80), (Float(bitPattern: 0x3F81_8000), 0x3F82),
    (Float(bitPattern: 0x3F80_8001), 0x3F81), (.infinity, 0x7F80), (.greatestFiniteMagnitude, 0x7F80),
  ]

  @Test(arguments: brainFloats)
  func brainFloatsRoundToNearestEven(value: Float, bits: UInt16) {
    #expect(Scalar.brainFloat(value) == bits)
  }

  @Test func notANumberStaysOne() {
    #expect(Scalar.float(half: Scalar.half(.nan)).isNaN)
    #expect(Float(bitPattern: UInt32(Scalar.brainFloat(Float(bitPattern: 0x7F80_0001))) << 16).isNaN)
  }
}
