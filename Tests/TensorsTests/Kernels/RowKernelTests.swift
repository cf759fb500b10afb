import Kernels
import Tensors
import TestSupport
import Testing

/// The kernels of every instruction set of this processor against their naive forms, on memory that ends where
/// nothing may be read or written.
@Suite("Kernels: rows")
struct RowKernelTests {
  @Test(arguments: KernelTable.all, [Activation.identity, .gelu, .relu])
  func biasActivationAndResidualAreAppliedInPlace(table: KernelTable, activation: Activation) {
    let memory = FencedMemory()
    defer { memory.release() }
    for columns in KernelTable.widths {
      for (rows, gap) in [(1, 0), (3, 5), (0, 0)] {
        for (hasBias, hasResidual) in [(false, false), (true, false), (false, true), (true, true)] {
          let input = random(rows * columns, seed: 1, scale: 5)
          let y = memory.matrix(input, rows: rows, columns: columns, gap: gap)
          let bias = hasBias ? memory.buffer(random(columns, seed: 2)) : nil
          let residual =
            hasResidual
            ? memory.matrix(random(rows * columns, seed: 3), rows: rows, columns: columns, gap: 2 * gap) : nil
          table.kernels.bias_activation(
            y.pointer, y.stride, bias?.pointer, residual?.pointer, residual?.stride ?? 0, activation.rawValue,
            rows,
            columns)
          var expected = Expected()
          for index in 0..<rows * columns {
            var value = Approximate.exact(input[index])
            if let bias { value = value + .exact(bias.pointer[index % columns]) }
            value = value.activated(activation)
            if let residual { value = value + .exact(residual[index]) }
            expected.append(value)
          }
          expect(y.values, expected, "\(rows)x\(columns)")
          #expect(y.isIntact, "\(rows)x\(columns)")
        }
      }
    }
  }

  @Test(arguments: KernelTable.all)
  func thresholdsBecomeBits(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for count in KernelTable.widths + [63, 64, 65, 127, 200] {
      var values = random(count, seed: 12)
      if count > 2 { (values[0], values[1], values[2]) = (0.25, .nan, .infinity) }
      let x = memory.buffer(values)
      let bits = memory.buffer([UInt64](repeating: .max, count: (count + 63) / 64))
      table.kernels.threshold(x.pointer, 0.25, count, bits.pointer)
      var expected = [UInt64](repeating: 0, count: (count + 63) / 64)
      for (index, value) in values.enumerated() where value > 0.25 {
        expected[index / 64] |= 1 << UInt64(index % 64)
      }
      #expect(bits.elements == expected && bits.isIntact, "\(count)")
    }
  }

  @Test(arguments: KernelTable.all)
  func geluIsWithinAMillionth(table: KernelTable) {
    var x = (-480_000...480_000).map { Float($0) / 40000 }
    let input = x
    table.kernels.bias_activation(&x, 0, nil, nil, 0, Int32(SAM_GELU), 1, x.count)
    var worst = (error: 0.0, at: Float(0))
    for (value, argument) in zip(x, input) {
      let error = abs(Double(value) - Oracle.gelu(Double(argument)))
      if !(error <= worst.error) { worst = (error, argument) }
    }
    #expect(worst.error < 1e-6, "at \(worst.at)")
  }

  @Test(arguments: KernelTable.all)
  func activationsOfExtremeNumbers(table: KernelTable) {
    let greatest = Float.greatestFiniteMagnitude
    for (activation, cases) in [
      (
        SAM_GELU,
        [(-greatest, 0), (greatest, greatest), (-1000, 0), (1000, 1000), (-0.0, 0), (.infinity, .infinity)]
      ),
      (SAM_RELU, [(-greatest, 0), (greatest, greatest), (-.infinity, 0), (.infinity, .infinity), (-0.0, 0)]),
      (SAM_IDENTITY, [(-greatest, -greatest), (.leastNonzeroMagnitude, .leastNonzeroMagnitude)]),
    ] as [(Int, [(Float, Float)])] {
      for (argument, result) in cases {
        // In the vectors and in what is left over.
        var x = [Float](repeating: argument, count: 17)
        table.kernels.bias_activation(&x, 0, nil, nil, 0, Int32(activation), 1, x.count)
        #expect(x.allSatisfy { $0 == result }, "\(argument) gives \(x[0]) and \(x[16])")
      }
    }
    for activation in [SAM_IDENTITY, SAM_GELU, SAM_RELU] {
      var x = [Float](repeating: .nan, count: 17)
      table.kernels.bias_activation(&x, 0, nil, nil, 0, Int32(activation), 1, x.count)
      #expect(x.allSatisfy { $0.isNaN }, "what is not a number stays so")
    }
  }

  @Test(arguments: KernelTable.all, [Activation.identity, .gelu])
  func layerNormNormalisesEachRow(table: KernelTable, activation: Activation) {
    let memory = FencedMemory()
    defer { memory.release() }
    for columns in KernelTable.widths where columns > 0 {
      for (rows, gap, mean, deviation) in [(1, 0, 0, 1), (3, 3, 100, 2), (2, 0, -3, 1e-3), (2, 1, 0, 1e6)]
        as [(Int, Int, Float, Float)]
      {
        let input = random(rows * columns, seed: 4, scale: deviation).map { $0 + mean }
        let x = memory.matrix(input, rows: rows, columns: columns, gap: gap)
        let y = memory.matrix(input.map { _ in .nan }, rows: rows, columns: columns, gap: 2 * gap)
        let weight = memory.buffer(random(columns, seed: 5)), bias = memory.buffer(random(columns, seed: 6))
        let expected = Oracle.layerNorm(
          input, weight.elements, bias.elements, epsilon: 1e-6, activation, rows: Array(0..<rows))
        table.kernels.layer_norm(
          x.pointer, x.stride, weight.pointer, bias.pointer, 1e-6, activation.rawValue, y.pointer, y.stride,
          rows,
          columns)
        expect(y.values, expected, "\(rows)x\(columns)")
        #expect(y.isIntact && x.isIntact && x.values == input, "\(rows)x\(columns)")
        table.kernels.layer_norm(
          x.pointer, x.stride, weight.pointer, bias.pointer, 1e-6, activation.rawValue, x.pointer, x.stride,
          rows,
          columns)
        #expect(x.values == y.values && x.isIntact, "in place gives the same")
      }
    }
  }

  @Test(arguments: KernelTable.all)
  func aConstantRowIsNormalisedToTheBias(table: KernelTable) {
    for columns in [1, 3, 16, 37] {
      let x = [Float](repeating: 12.5, count: columns)
      var y = x
      let weight = random(columns, seed: 7), bias = random(columns, seed: 8)
      table.kernels.layer_norm(x, columns, weight, bias, 1e-5, 0, &y, columns, 1, columns)
      #expect(y == bias)
    }
  }

  @Test(arguments: KernelTable.all)
  func rowsAreDividedByTheirDivisors(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for columns in KernelTable.widths {
      for (rows, gap) in [(1, 0), (4, 3), (0, 0)] {
        let input = random(rows * columns, seed: 9)
        let y = memory.matrix(input, rows: rows, columns: columns, gap: gap)
        let divisors = memory.buffer((0..<rows).map { Float($0) * 1000 + 0.7 })
        table.kernels.divide_rows(y.pointer, y.stride, divisors.pointer, rows, columns)
        var expected = Expected()
        for index in 0..<rows * columns {
          let quotient = Double(input[index]) / Double(divisors.pointer[index / columns])
          expected.append(
            Approximate(value: quotient, tolerance: 2.01 * Approximate.rounding * abs(quotient)))
        }
        expect(y.values, expected, "\(rows)x\(columns)")
        #expect(y.isIntact)
      }
    }
  }

  @Test(arguments: KernelTable.all)
  func sumsAreRoundedOnce(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for count in KernelTable.widths {
      var inputs = (random(count, seed: 10, scale: 1e3), random(count, seed: 11))
      if count > 4 {
        inputs.0.replaceSubrange(
          0..<4, with: [.greatestFiniteMagnitude, .infinity, Float.leastNonzeroMagnitude, -0.0])
        inputs.1.replaceSubrange(
          0..<4, with: [.greatestFiniteMagnitude, 1, Float.leastNonzeroMagnitude, -0.0])
      }
      let sums = zip(inputs.0, inputs.1).map { $0 + $1 }
      let x = memory.buffer(inputs.0), y = memory.buffer(inputs.1), z = memory.buffer(random(count, seed: 12))
      table.kernels.add(x.pointer, y.pointer, z.pointer, count)
      #expect(z.elements == sums && z.isIntact)
      table.kernels.add(x.pointer, y.pointer, x.pointer, count)
      #expect(x.elements == sums && x.isIntact, "into the first operand")
      table.kernels.add(memory.buffer(inputs.0).pointer, y.pointer, y.pointer, count)
      #expect(y.elements == sums && y.isIntact, "into the second operand")
    }
  }

  @Test(arguments: KernelTable.all)
  func rowsAreInterpolated(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for count in KernelTable.widths {
      for t in [0, 0.25, 0.3, 0.999, 1] as [Float] {
        let inputs = (random(count, seed: 13), random(count, seed: 14))
        let x = memory.buffer(inputs.0), y = memory.buffer(inputs.1),
          z = memory.buffer([Float](repeating: .nan, count: count))
        table.kernels.interpolate_rows(x.pointer, y.pointer, t, z.pointer, count)
        var expected = Expected()
        for (a, b) in zip(inputs.0, inputs.1) {
          let value = Double(a) + (Double(b) - Double(a)) * Double(t)
          // The difference, its product and the sum are rounded.
          let error = 2 * abs(Double(b) - Double(a)) * Double(t) + abs(value)
          expected.append(Approximate(value: value, tolerance: 1.01 * Approximate.rounding * error))
        }
        expect(z.elements, expected, "\(count) at \(t)")
        #expect(z.isIntact && x.elements == inputs.0 && y.elements == inputs.1)
      }
    }
  }

  @Test(arguments: KernelTable.all, [1, 2])
  func depthwiseRowsEqualTheNaiveForm(table: KernelTable, stride: Int) {
    let memory = FencedMemory()
    defer { memory.release() }
    for channels in KernelTable.widths {
      for (width, missing) in [(1, []), (2, [0]), (5, [2]), (6, [0, 2]), (7, [])] as [(Int, [Int])] {
        for (activation, hasBias, hasResidual) in [
          (Activation.identity, false, true), (.gelu, true, false), (.relu, true, true),
        ] {
          let outWidth = Oracle.convolved(width, kernel: 3, stride: stride, padding: 1)
          let input = (0..<3).flatMap { row in
            missing.contains(row)
              ? [Float](repeating: 0, count: width * channels)
              : random(width * channels, seed: UInt64(20 + row))
          }
          let rows = (0..<3).map { row in
            missing.contains(row)
              ? nil : memory.buffer(Array(input[row * width * channels..<(row + 1) * width * channels]))
          }
          let weight = memory.buffer(random(9 * channels, seed: 23))
          let bias = hasBias ? memory.buffer(random(channels, seed: 24)) : nil
          let residual = hasResidual ? memory.buffer(random(outWidth * channels, seed: 25)) : nil
          let y = memory.buffer([Float](repeating: .nan, count: outWidth * channels))
          table.kernels.depthwise3x3(
            rows[0]?.pointer, rows[1]?.pointer, rows[2]?.pointer, weight.pointer, bias?.pointer,
            residual?.pointer,
            activation.rawValue, y.pointer, width, outWidth, stride, channels)
          // Under a further row, so that the middle one is row 2 or, by twos, row 1 of the result.
          let image = Oracle.Images(
            batch: 1, height: 4, width: width, channels: channels,
            elements: random(width * channels, seed: 26) + input)
          let first = 2 / stride * outWidth
          let expected = Oracle.depthwise(
            image, weight.elements, stride: stride,
            Oracle.Epilogue(bias: bias?.elements, activation: activation, residual: residual?.elements),
            rows: Array(first..<first + outWidth))
          expect(y.elements, expected, "\(width)x\(channels), without rows \(missing)")
          #expect(y.isIntact)
        }
      }
    }
  }
}
