import Kernels
import Tensors
import Testing

/// Products in tiles against products of operands that were rounded to bfloat16 beforehand.
@Suite(
  "Kernels: products in tiles",
  .enabled(if: Compute.multipliesTiles, "this processor multiplies no tiles, or the system grants none"))
struct TileKernelTests {
  /// The nearest bfloat16; of two as near the even one.
  private func rounded(_ x: Float) -> Float {
    Float(bitPattern: (x.bitPattern &+ 0x7fff &+ (x.bitPattern >> 16 & 1)) & 0xffff_0000)
  }

  private func padded(_ size: Int, _ panel: Int) -> Int { (size + panel - 1) / panel * panel }

  static let sizes = [
    (1, 1, 16), (16, 32, 32), (32, 32, 64), (13, 33, 17), (25, 16, 33), (48, 48, 70), (5, 7, 47),
    (96, 100, 256), (30, 64, 31),
  ]

  /// How operands are given, and packed.
  enum Packing: CaseIterable {
    case rows, transposed, rounded
  }

  @Test(arguments: sizes, Packing.allCases)
  func panelsMultiplyToTheProductOfRoundedNumbers(size: (Int, Int, Int), packing: Packing) throws {
    let kernels = try #require(sam_tile_kernels()?.pointee)
    let (rows, columns, depth) = size
    let memory = FencedMemory()
    defer { memory.release() }
    let a = random(rows * depth, seed: 1), b = random(columns * depth, seed: 2)
    // Nothing but the room of the panels is touched.
    let packedA = memory.buffer([Float](repeating: .nan, count: padded(rows, kernels.panel_rows) * depth))
    let packedB = memory.buffer(
      [Float](repeating: .nan, count: padded(columns, kernels.panel_columns) * depth))
    switch packing {
    case .rows:
      let left = memory.matrix(a, rows: rows, columns: depth, gap: 3)
      let right = memory.matrix(b, rows: columns, columns: depth, gap: 0)
      kernels.pack_rows(left.pointer, left.stride, rows, depth, packedA.pointer)
      kernels.pack_transposed(right.pointer, right.stride, columns, depth, packedB.pointer)
    case .transposed:
      let left = memory.matrix(transposed(a, rows: rows), rows: depth, columns: rows, gap: 3)
      let right = memory.matrix(transposed(b, rows: columns), rows: depth, columns: columns, gap: 0)
      kernels.pack_rows_transposed(left.pointer, left.stride, rows, depth, packedA.pointer)
      kernels.pack_columns(right.pointer, right.stride, columns, depth, packedB.pointer)
    case .rounded:
      let left = memory.matrix(a, rows: rows, columns: depth, gap: 0)
      let right = memory.matrix(b, rows: columns, columns: depth, gap: 1)
      kernels.pack_rows(left.pointer, left.stride, rows, depth, packedA.pointer)
      sam_kernels().pointee.pack_transposed(right.pointer, right.stride, columns, depth, packedB.pointer)
      kernels.round_columns(packedB.pointer, columns, depth)
    }
    for accumulates in [false, true] {
      let start = random(rows * columns, seed: 3)
      let c = memory.matrix(start, rows: rows, columns: columns, gap: 5)
      multiply(packedA.pointer, packedB.pointer, into: c, depth: depth, accumulates: accumulates, kernels)
      expect(c, equals: a, b, size, adding: accumulates ? start : nil)
      #expect(c.isIntact && packedA.isIntact && packedB.isIntact)
    }
  }

  @Test(
    arguments: [
      (5, 7, 3, 3, 1, 1), (8, 8, 2, 3, 2, 1), (6, 4, 17, 2, 2, 0), (4, 9, 24, 3, 1, 1), (3, 5, 64, 3, 1, 1),
      (7, 6, 70, 3, 2, 1),
    ])
  func patchesArePackedAsRowsAndAsColumns(shape: (Int, Int, Int, Int, Int, Int)) throws {
    let kernels = try #require(sam_tile_kernels()?.pointee)
    let (height, width, channels, kernel, step, padding) = shape
    let items = 3
    let memory = FencedMemory()
    defer { memory.release() }
    let images = memory.buffer(random(items * height * width * channels, seed: 8))
    let rows = (height + 2 * padding - kernel) / step + 1, columns = (width + 2 * padding - kernel) / step + 1
    var patches = SamPatches(
      image: images.pointer, height: height, width: width, channels: channels, kernel_width: kernel,
      stride: step, padding: padding, rows: rows, columns: columns)
    let depth = kernel * kernel * channels
    let count = items * rows * columns
    let matrix = patchMatrix(images.elements, patches, items: items, kernel: kernel)
    // Patches from the second on, of two images and a part of a third, and of each what is left of a part.
    let (first, from) = (1, depth / 3)
    let (patchCount, length) = (count - 2, depth - from)
    let part = (first..<first + patchCount).flatMap { matrix[$0 * depth + from..<($0 + 1) * depth] }
    let others = random(11 * max(patchCount, length), seed: 9)
    if length >= kernels.least_depth {
      // Patches by a matrix of as many rows as they are long.
      let packed = memory.buffer(
        [Float](repeating: .nan, count: padded(patchCount, kernels.panel_rows) * length))
      let packedB = memory.buffer([Float](repeating: .nan, count: padded(11, kernels.panel_columns) * length))
      kernels.pack_patches(&patches, first, patchCount, from, length, packed.pointer)
      let right = memory.matrix(Array(others[..<(11 * length)]), rows: 11, columns: length, gap: 0)
      kernels.pack_transposed(right.pointer, right.stride, 11, length, packedB.pointer)
      let c = memory.matrix(
        [Float](repeating: 0, count: patchCount * 11), rows: patchCount, columns: 11, gap: 1)
      multiply(packed.pointer, packedB.pointer, into: c, depth: length, accumulates: false, kernels)
      expect(c, equals: part, others, (patchCount, 11, length), adding: nil)
      #expect(packed.isIntact && packedB.isIntact)
    }
    if patchCount >= kernels.least_depth {
      // A matrix by patches, of which there are as many as it has columns.
      let packedA = memory.buffer(
        [Float](repeating: .nan, count: padded(11, kernels.panel_rows) * patchCount))
      let packed = memory.buffer(
        [Float](repeating: .nan, count: padded(length, kernels.panel_columns) * patchCount))
      let left = memory.matrix(Array(others[..<(11 * patchCount)]), rows: 11, columns: patchCount, gap: 0)
      kernels.pack_rows(left.pointer, left.stride, 11, patchCount, packedA.pointer)
      kernels.pack_patch_columns(&patches, first, patchCount, from, length, packed.pointer)
      let c = memory.matrix([Float](repeating: 0, count: 11 * length), rows: 11, columns: length, gap: 1)
      multiply(packedA.pointer, packed.pointer, into: c, depth: patchCount, accumulates: false, kernels)
      expect(c, equals: others, transposed(part, rows: patchCount), (11, length, patchCount), adding: nil)
      #expect(packedA.isIntact && packed.isIntact)
    }
  }

  /// One row for each patch.
  private func patchMatrix(_ images: [Float], _ p: SamPatches, items: Int, kernel: Int) -> [Float] {
    var matrix: [Float] = []
    for patch in 0..<items * p.rows * p.columns {
      let (item, place) = patch.quotientAndRemainder(dividingBy: p.rows * p.columns)
      for tap in 0..<kernel * kernel {
        let y = place / p.columns * p.stride - p.padding + tap / kernel
        let x = place % p.columns * p.stride - p.padding + tap % kernel
        let isInside = (0..<p.height).contains(y) && (0..<p.width).contains(x)
        for channel in 0..<p.channels {
          matrix.append(isInside ? images[((item * p.height + y) * p.width + x) * p.channels + channel] : 0)
        }
      }
    }
    return matrix
  }

  private func multiply(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: FencedMatrix, depth: Int,
    accumulates: Bool, _ kernels: SamTileKernels
  ) {
    kernels.begin()
    defer { kernels.end() }
    for column in stride(from: 0, to: c.columns, by: kernels.panel_columns) {
      kernels.multiply_panel(
        a, b + column * depth, depth, c.pointer + column, c.stride, accumulates ? 1 : 0, c.rows,
        min(kernels.panel_columns, c.columns - column))
    }
  }

  /// C is a · bᵀ of rounded numbers, with what is added.
  private func expect(
    _ c: FencedMatrix, equals a: [Float], _ b: [Float], _ size: (Int, Int, Int), adding start: [Float]?
  ) {
    let (rows, columns, depth) = size
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = start.map { Double($0[row * columns + column]) } ?? 0
        var length = abs(sum)
        for k in 0..<depth {
          let term = Double(rounded(a[row * depth + k])) * Double(rounded(b[column * depth + k]))
          sum += term
          length += abs(term)
        }
        #expect(
          abs(Double(c[row * columns + column]) - sum) <= 1e-6 * length, "\(row), \(column) of \(size)")
      }
    }
  }

  private func transposed(_ matrix: [Float], rows: Int) -> [Float] {
    let columns = matrix.count / rows
    return (0..<matrix.count).map { matrix[$0 % rows * columns + $0 / rows] }
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
