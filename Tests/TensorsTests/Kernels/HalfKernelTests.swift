import Kernels
import TestSupport
import Testing

@Suite("Kernels: half precision")
struct HalfKernelTests {
  /// The number that IEEE 754 gives the bits.
  private static func value(_ half: UInt16) -> Double {
    let (exponent, fraction) = (Int(half >> 10 & 0x1F), Double(half & 0x3FF))
    let sign: Double = half & 0x8000 == 0 ? 1 : -1
    func power(_ n: Int) -> Double { Double(sign: .plus, exponent: n, significand: 1) }
    switch exponent {
    case 0: return sign * fraction * power(-24)
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1 + fraction / 1024) * power(exponent - 15)
    }
  }

  private static let halves = Array(UInt16.min ... .max)

  @Test(arguments: KernelTable.all)
  func everyHalfBecomesItsNumberAndBack(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    let x = memory.buffer(HalfKernelTests.halves)
    let y = memory.buffer([Float](repeating: -1, count: x.count))
    table.kernels.half_to_float(x.pointer, y.pointer, x.count)
    let wrong = HalfKernelTests.halves.filter { half in
      let (wanted, value) = (HalfKernelTests.value(half), y.pointer[Int(half)])
      return wanted.isNaN
        ? !value.isNaN : Double(value) != wanted || (value.sign == .minus) != (half & 0x8000 != 0)
    }
    #expect(wrong.isEmpty)
    #expect(y.isIntact)

    let back = memory.buffer([UInt16](repeating: 1, count: x.count))
    table.kernels.float_to_half(y.pointer, back.pointer, x.count)
    let changed = HalfKernelTests.halves.filter { half in
      let (wanted, result) = (HalfKernelTests.value(half), back.pointer[Int(half)])
      return wanted.isNaN
        ? !HalfKernelTests.value(result).isNaN || (result ^ half) & 0x8000 != 0 : result != half
    }
    #expect(changed.isEmpty)
    #expect(back.isIntact)
  }

  @Test(arguments: KernelTable.all)
  func floatsBetweenTwoHalvesGoToTheNearerAndTiesToTheEven(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    // For each pair of neighbours: the middle, and the floats just below and above it.
    var (inputs, wanted) = ([Float](), [UInt16]())
    for half in UInt16(0)..<0x7C00 {
      let next = half + 1
      // Beyond the largest half lies the power of two that rounding treats as infinity.
      let above = next == 0x7C00 ? 65536 : HalfKernelTests.value(next)
      let middle = Float((HalfKernelTests.value(half) + above) / 2)
      for sign in [UInt16(0), 0x8000] {
        inputs += [middle.nextDown, middle, middle.nextUp].map { sign == 0 ? $0 : -$0 }
        wanted += [half, half % 2 == 0 ? half : next, next].map { $0 | sign }
      }
    }
    let x = memory.buffer(inputs), y = memory.buffer([UInt16](repeating: 1, count: inputs.count))
    table.kernels.float_to_half(x.pointer, y.pointer, inputs.count)
    let wrong = inputs.indices.filter { y.pointer[$0] != wanted[$0] }
    #expect(wrong.isEmpty, "\(wrong.prefix(3).map { "\(inputs[$0]) became \(y.pointer[$0])" })")
  }

  @Test(arguments: KernelTable.all)
  func overflowUnderflowAndWhatIsNoNumber(table: KernelTable) {
    let cases: [(Float, UInt16)] = [
      (0, 0), (-0.0, 0x8000), (65504, 0x7BFF), (65519.996, 0x7BFF), (65520, 0x7C00), (65536, 0x7C00),
      (1e30, 0x7C00),
      (-1e30, 0xFC00), (.infinity, 0x7C00), (-.infinity, 0xFC00), (.greatestFiniteMagnitude, 0x7C00),
      (.leastNonzeroMagnitude, 0), (-.leastNormalMagnitude, 0x8000), (0x1p-25, 0), (Float(0x1p-25).nextUp, 1),
      (0x1p-24, 1), (0x1p-14, 0x0400), (Float(0x1p-14).nextDown, 0x0400), (1, 0x3C00), (-2, 0xC000),
    ]
    // Each in a vector's every place, and among what is left over.
    for (float, half) in cases {
      var y = [UInt16](repeating: 1, count: 19)
      table.kernels.float_to_half([Float](repeating: float, count: 19), &y, 19)
      #expect(y.allSatisfy { $0 == half }, "\(float) became \(y[0]) and \(y[18])")
    }
    for payload in [0x7F80_0001, 0x7FC0_0000, 0xFFFF_FFFF, 0x7F80_1000] as [UInt32] {
      var y = [UInt16](repeating: 1, count: 19)
      table.kernels.float_to_half([Float](repeating: Float(bitPattern: payload), count: 19), &y, 19)
      #expect(y.allSatisfy { $0 & 0x7C00 == 0x7C00 && $0 & 0x3FF != 0 })
    }
  }

  @Test(arguments: KernelTable.all)
  func allInstructionSetsAgreeOnRandomFloats(table: KernelTable) {
    var generator = SplitMix64(seed: 40)
    let x = (0..<100_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }.filter
    { !$0.isNaN }
    var (y, plain) = ([UInt16](repeating: 0, count: x.count), [UInt16](repeating: 1, count: x.count))
    table.kernels.float_to_half(x, &y, x.count)
    KernelTable.all[0].kernels.float_to_half(x, &plain, x.count)
    #expect(y == plain)
  }

  @Test(arguments: KernelTable.all)
  func anyCountIsConvertedAndNothingBeyond(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for count in KernelTable.widths {
      let halves = memory.buffer((0..<count).map { UInt16(0x3C00 + $0) })
      let floats = memory.buffer([Float](repeating: -1, count: count))
      table.kernels.half_to_float(halves.pointer, floats.pointer, count)
      #expect(
        (0..<count).allSatisfy { Double(floats.pointer[$0]) == HalfKernelTests.value(halves.pointer[$0]) })
      let back = memory.buffer([UInt16](repeating: 1, count: count))
      table.kernels.float_to_half(floats.pointer, back.pointer, count)
      #expect(back.elements == halves.elements && floats.isIntact && back.isIntact)
    }
  }

  @Test(arguments: KernelTable.all)
  func packingHalvesEqualsPackingTheirFloats(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    let width = table.kernels.panel_columns
    for columns in [1, width - 1, width, width + 1, 2 * width + 3] {
      for (depth, gap) in [(1, 0), (7, 3), (63, 1), (64, 0), (65, 5), (200, 0)] {
        let stride = depth + gap
        // Not read: the gap behind the last row.
        let halves = (0..<(columns - 1) * stride + depth).map {
          UInt16(truncatingIfNeeded: $0 &* 40503) & 0xBBFF
        }
        let source = memory.buffer(halves)
        let floats = memory.buffer([Float](repeating: 0, count: halves.count))
        table.kernels.half_to_float(source.pointer, floats.pointer, halves.count)
        let size = (columns + width - 1) / width * width * depth
        let packed = memory.buffer([Float](repeating: .nan, count: size))
        let expected = memory.buffer([Float](repeating: .nan, count: size))
        table.kernels.pack_transposed_half(source.pointer, stride, columns, depth, packed.pointer)
        table.kernels.pack_transposed(floats.pointer, stride, columns, depth, expected.pointer)
        #expect(packed.elements == expected.elements, "\(columns)x\(depth)")
        #expect(packed.isIntact && source.elements == halves)
      }
      memory.release()
    }
  }
}
