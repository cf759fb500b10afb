import Kernels
import Tensors
import TestSupport
import Testing

/// Packing and multiplying panels, for every instruction set, against the definition of a product.
@Suite("Kernels: products")
struct ProductKernelTests {
  static let sizes = [
    (1, 1, 1), (1, 5, 3), (5, 1, 3), (4, 4, 1), (3, 7, 17), (12, 32, 16), (13, 33, 9), (31, 64, 65),
    (7, 90, 256),
    (96, 70, 100),
  ]

  @Test(arguments: KernelTable.all)
  func packedPanelsMultiplyToTheProduct(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    let kernels = table.kernels
    for (rows, columns, depth) in ProductKernelTests.sizes {
      for (gap, isTransposed, accumulates) in [(0, true, false), (3, false, true)] {
        let a = random(rows * depth, seed: 1), b = random(columns * depth, seed: 2)
        let left = memory.matrix(a, rows: rows, columns: depth, gap: gap)
        let right =
          isTransposed
          ? memory.matrix(b, rows: columns, columns: depth, gap: gap)
          : memory.matrix(transposed(b, rows: columns), rows: depth, columns: columns, gap: gap)
        let start = random(rows * columns, seed: 3)
        let c = memory.matrix(start, rows: rows, columns: columns, gap: gap)
        let packedA = memory.buffer([Float](repeating: .nan, count: padded(rows, kernels.panel_rows) * depth))
        let packedB = memory.buffer(
          [Float](repeating: .nan, count: padded(columns, kernels.panel_columns) * depth))
        kernels.pack_rows(left.pointer, left.stride, rows, depth, 2, packedA.pointer)
        if isTransposed {
          kernels.pack_transposed(right.pointer, right.stride, columns, depth, packedB.pointer)
        } else {
          kernels.pack_columns(right.pointer, right.stride, columns, depth, packedB.pointer)
        }
        for column in stride(from: 0, to: columns, by: kernels.panel_columns) {
          kernels.multiply_panel(
            packedA.pointer, packedB.pointer + column * depth, depth, c.pointer + column, c.stride,
            accumulates ? 1 : 0, rows, min(kernels.panel_columns, columns - column),
            // Read ahead or not, the product is the same.
            gap > 0 ? nil : UnsafePointer(packedB.pointer))
        }
        let expected = product(
          a, b, rows: rows, columns: columns, depth: depth, scale: 2, plus: accumulates ? start : nil)
        expect(c.values, expected, "\(rows)x\(columns)x\(depth)")
        #expect(c.isIntact && packedA.isIntact && packedB.isIntact, "\(rows)x\(columns)x\(depth)")
        #expect(packedA.elements.allSatisfy { !$0.isNaN } && packedB.elements.allSatisfy { !$0.isNaN })
      }
    }
  }

  @Test(arguments: KernelTable.all)
  func unpackedOperandsMultiplyToTheProduct(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (rows, columns, depth) in ProductKernelTests.sizes {
      let a = random(rows * depth, seed: 4), b = random(columns * depth, seed: 5)
      for (isTurned, accumulates) in [(false, true), (true, false)] {
        let left =
          isTurned
          ? memory.matrix(transposed(a, rows: rows), rows: depth, columns: rows, gap: 2)
          : memory.matrix(a, rows: rows, columns: depth, gap: 1)
        let right = memory.matrix(transposed(b, rows: columns), rows: depth, columns: columns, gap: 3)
        // A start that is small beside the products, whose roundings the allowance counts.
        let start = [Float](repeating: 0.125, count: rows * columns)
        let c = memory.matrix(start, rows: rows, columns: columns, gap: 1)
        table.kernels.multiply_strided(
          left.pointer, isTurned ? 1 : left.stride, isTurned ? left.stride : 1, right.pointer, right.stride,
          depth, c.pointer, c.stride, accumulates ? 1 : 0, rows, columns)
        expect(
          c.values,
          product(
            a, b, rows: rows, columns: columns, depth: depth, scale: 1, plus: accumulates ? start : nil),
          "\(rows)x\(columns)x\(depth) turned \(isTurned)")
        #expect(c.isIntact)
      }
    }
  }

  @Test(arguments: KernelTable.all)
  func fewRowsMultiplyToTheProduct(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    for (rows, columns, depth) in ProductKernelTests.sizes {
      let a = random(rows * depth, seed: 6), b = random(columns * depth, seed: 7)
      let left = memory.matrix(a, rows: rows, columns: depth, gap: 1)
      let right = memory.matrix(b, rows: columns, columns: depth, gap: 2)
      let c = memory.matrix(
        [Float](repeating: .nan, count: rows * columns), rows: rows, columns: columns, gap: 3)
      table.kernels.multiply_few(
        left.pointer, left.stride, right.pointer, right.stride, depth, c.pointer, c.stride, rows, columns)
      expect(
        c.values, product(a, b, rows: rows, columns: columns, depth: depth, scale: 1, plus: nil),
        "\(rows)x\(columns)x\(depth)")
      #expect(c.isIntact)
    }
  }

  @Test(arguments: KernelTable.all)
  func patchesArePackedAsRows(table: KernelTable) {
    let memory = FencedMemory()
    defer { memory.release() }
    let kernels = table.kernels
    for (height, width, channels, kernel, step, padding) in [
      (5, 7, 3, 3, 1, 1), (8, 8, 2, 3, 2, 1), (6, 4, 5, 2, 2, 0), (4, 4, 1, 1, 1, 0), (9, 5, 16, 3, 1, 1),
    ] {
      let items = 2
      let image = memory.buffer(random(items * height * width * channels, seed: 8))
      let values = image.elements
      let rows = (height + 2 * padding - kernel) / step + 1
      let columns = (width + 2 * padding - kernel) / step + 1
      let depth = kernel * kernel * channels
      var patches = SamPatches(
        image: image.pointer, height: height, width: width, channels: channels, kernel_width: kernel,
        stride: step, padding: padding, rows: rows, columns: columns)
      for (first, count, from, length) in [
        (0, items * rows * columns, 0, depth),
        (1, min(5, rows * columns - 1), depth / 3, depth - depth / 3),
      ] where count > 0 {
        let packed = memory.buffer(
          [Float](repeating: .nan, count: padded(count, kernels.panel_rows) * length))
        kernels.pack_patches(&patches, first, count, from, length, packed.pointer)
        let found = packed.elements
        for row in 0..<padded(count, kernels.panel_rows) {
          for k in 0..<length {
            let (tap, channel) = ((from + k) / channels, (from + k) % channels)
            let (item, place) = (first + row).quotientAndRemainder(dividingBy: rows * columns)
            let y = place / columns * step - padding + tap / kernel
            let x = place % columns * step - padding + tap % kernel
            let isInside = row < count && (0..<height).contains(y) && (0..<width).contains(x)
            let panel = row / kernels.panel_rows * kernels.panel_rows * length
            let value = found[panel + k * kernels.panel_rows + row % kernels.panel_rows]
            #expect(value == (isInside ? values[((item * height + y) * width + x) * channels + channel] : 0))
          }
        }
        #expect(packed.isIntact)
      }
    }
  }

  private func padded(_ size: Int, _ panel: Int) -> Int { (size + panel - 1) / panel * panel }

  private func transposed(_ matrix: [Float], rows: Int) -> [Float] {
    let columns = matrix.count / rows
    return (0..<matrix.count).map { matrix[$0 % rows * columns + $0 / rows] }
  }

  /// scale · a · bᵀ + c.
  private func product(
    _ a: [Float], _ b: [Float], rows: Int, columns: Int, depth: Int, scale: Double, plus c: [Float]?
  ) -> Expected {
    var expected = Expected()
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        for row in 0..<rows {
          for column in 0..<columns {
            let value = Oracle.dot(a + row * depth, b + column * depth, depth) * scale
            expected.append(c.map { value + .exact($0[row * columns + column]) } ?? value)
          }
        }
      }
    }
    return expected
  }
}
