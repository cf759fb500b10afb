import Kernels
import Tensors
import Testing

/// Products in tiles against products of operands that were rounded to bfloat16 beforehand.
@Suite(
  "Kernels: products in tiles",
  .enabled(if: Compute.multipliesTiles, "this processor multiplies no tiles, or the system grants none"))
struct TileKernelTests {
  /// The nearest bfloat16; halves go up.
  private func rounded(_ x: Float) -> Float { Float(bitPattern: (x.bitPattern &+ 0x8000) & 0xffff_0000) }

  private func padded(_ size: Int, _ panel: Int) -> Int { (size + panel - 1) / panel * panel }

  static let sizes = [
    (1, 1, 16), (12, 32, 32), (24, 32, 64), (13, 33, 17), (25, 16, 33), (36, 48, 70), (5, 7, 47),
    (96, 100, 256),
    (30, 64, 31),
  ]

  @Test(arguments: sizes, [false, true])
  func panelsMultiplyToTheProductOfRoundedNumbers(size: (Int, Int, Int), accumulates: Bool) throws {
    let kernels = try #require(sam_tile_kernels()?.pointee)
    let best = sam_kernels().pointee
    let (rows, columns, depth) = size
    let memory = FencedMemory()
    defer { memory.release() }
    let a = random(rows * depth, seed: 1), b = random(columns * depth, seed: 2)
    let left = memory.matrix(a, rows: rows, columns: depth, gap: 3)
    let right = memory.matrix(b, rows: columns, columns: depth, gap: 0)
    let start = random(rows * columns, seed: 3)
    let c = memory.matrix(start, rows: rows, columns: columns, gap: 5)
    // Nothing but the room of the panels is touched.
    let packedA = memory.buffer([Float](repeating: .nan, count: padded(rows, kernels.panel_rows) * depth))
    let packedB = memory.buffer(
      [Float](repeating: .nan, count: padded(columns, kernels.panel_columns) * depth))
    best.pack_rows(left.pointer, left.stride, rows, depth, 1, packedA.pointer)
    best.pack_transposed(right.pointer, right.stride, columns, depth, packedB.pointer)
    kernels.round_rows(packedA.pointer, rows, depth)
    kernels.round_columns(packedB.pointer, columns, depth)
    kernels.begin()
    defer { kernels.end() }
    for column in stride(from: 0, to: columns, by: kernels.panel_columns) {
      kernels.multiply_panel(
        packedA.pointer, packedB.pointer + column * depth, depth, c.pointer + column, c.stride,
        accumulates ? 1 : 0, rows, min(kernels.panel_columns, columns - column))
    }
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = accumulates ? Double(start[row * columns + column]) : 0
        var size = abs(sum)
        for k in 0..<depth {
          let term = Double(rounded(a[row * depth + k])) * Double(rounded(b[column * depth + k]))
          sum += term
          size += abs(term)
        }
        #expect(abs(Double(c[row * columns + column]) - sum) <= 1e-6 * size, "\(row), \(column) of \(size)")
      }
    }
    #expect(c.isIntact && packedA.isIntact && packedB.isIntact)
  }

  @Test(
    "layers and their gradients are near those in single precision, and the same bits for any number of threads"
  )
  func layers() {
    let x = random(70 * 40, seed: 4), w = random(50 * 40, seed: 5), g = random(70 * 50, seed: 6)
    func results(_ compute: Compute) -> [Tensor] {
      let tape = Tape()
      let input = tape.variable(Tensor(x, shape: [70, 40], on: compute))
      let weight = tape.variable(Tensor(w, shape: [50, 40], on: compute))
      let y = input.linear(weight)
      tape.backward(from: [(y, Tensor(g, shape: [70, 50], on: compute))])
      return [y.detached(), tape.gradient(of: input), tape.gradient(of: weight)].compactMap { $0 }
    }
    let exact = results(Compute(threads: 1))
    let rounded = results(Compute(threads: 1, roundingProducts: true))
    #expect(exact.count == 3 && rounded.count == 3)
    for (one, other) in zip(exact, rounded) {
      let error = zip(one.elements, other.elements).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
      let share = (error / one.sumOfSquares()).squareRoot()
      // Eight bits of each operand: 2⁻⁹ at most, times √2, less what evens out.
      #expect(share > 1e-4 && share < 4e-3, "\(share)")
    }
    for threads in 2...3 {
      for (one, other) in zip(rounded, results(Compute(threads: threads, roundingProducts: true))) {
        #expect(one.elements == other.elements)
      }
    }
  }
}
