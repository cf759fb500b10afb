import Kernels
import TestSupport
import Testing

/// One instruction set's integer kernels.
struct IntegerTable: CustomTestStringConvertible, @unchecked Sendable {
  let kernels: SamIntegerKernels
  var testDescription: String { String(cString: kernels.name) }

  /// Those that this processor can run.
  static let all: [IntegerTable] = {
    var list = [UnsafePointer<SamIntegerKernels>?](repeating: nil, count: 8)
    let count = Int(sam_integer_kernels_available(&list, 8))
    return list.prefix(count).compactMap { $0.map { IntegerTable(kernels: $0.pointee) } }
  }()

  /// A * B by these kernels, A rows x depth and B columns x depth, in memory where going beyond the end stops the test.
  func product(_ a: [Float], _ b: [Float], rows: Int, columns: Int, depth: Int, gap: Int) -> [Float] {
    let memory = FencedMemory()
    defer { memory.release() }
    let left = memory.matrix(a, rows: rows, columns: depth, gap: gap)
    let right = memory.matrix(b, rows: columns, columns: depth, gap: 2 * gap)
    let (height, width) = (kernels.panel_rows, kernels.panel_columns)
    let (rowBytes, columnBytes) = withUnsafePointer(to: kernels) {
      (sam_row_panel_bytes($0, depth), sam_column_panel_bytes($0, depth))
    }
    let (rowPanels, columnPanels) = ((rows + height - 1) / height, (columns + width - 1) / width)
    // Floats, so that scales are aligned.
    let packedRows = memory.buffer([Float](repeating: .nan, count: rowPanels * rowBytes / 4))
    let packedColumns = memory.buffer([Float](repeating: .nan, count: columnPanels * columnBytes / 4))
    let (x, w) = (packedRows.bytes, packedColumns.bytes)
    kernels.quantize_rows(left.pointer, left.stride, rows, depth, x)
    kernels.quantize_columns(right.pointer, right.stride, columns, depth, w)
    let filler = [Float](repeating: .nan, count: rows * columns)
    let result = memory.matrix(filler, rows: rows, columns: columns, gap: 3 * gap)
    for panel in 0..<columnPanels {
      kernels.multiply_panel(
        x, w + panel * columnBytes, depth, result.pointer + panel * width, result.stride, rows,
        min(width, columns - panel * width))
    }
    #expect(packedRows.isIntact && packedColumns.isIntact && result.isIntact)
    #expect(left.values.map(\.bitPattern) == a.map(\.bitPattern))
    #expect(right.values.map(\.bitPattern) == b.map(\.bitPattern))
    return result.values
  }
}

extension FencedBuffer<Float> {
  fileprivate var bytes: UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt8.self)
  }
}

@Suite("Kernels: products of matrices rounded to 8 bits")
struct IntegerKernelTests {
  /// The definition: whole numbers, and the scales that go with them.
  private static func expected(_ a: [Float], _ b: [Float], rows: Int, columns: Int, depth: Int) -> [Float] {
    let left = (0..<rows).map { row -> (numbers: [Int], scale: Float) in
      let x = a[row * depth..<(row + 1) * depth]
      let (low, high) = (min(0, x.min() ?? 0), max(0, x.max() ?? 0))
      let factor = high > low ? 255 / (high - low) : 0
      func whole(_ value: Float) -> Int { Int((value * factor).rounded(.toNearestOrEven)) }
      let zero = whole(-low)
      return (x.map { min(255, max(0, whole($0) + zero)) - zero }, (high - low) / 255)
    }
    let right = (0..<columns).map { column -> (numbers: [Int], scale: Float) in
      let w = b[column * depth..<(column + 1) * depth]
      let largest = w.map(abs).max() ?? 0
      let factor = largest > 0 ? 127 / largest : 0
      return (w.map { min(127, max(-127, Int(($0 * factor).rounded(.toNearestOrEven)))) }, largest / 127)
    }
    return left.flatMap { x in
      right.map { w in
        let sum = zip(x.numbers, w.numbers).reduce(0) { $0 + $1.0 * $1.1 }
        return Float(Int32(sum)) * x.scale * w.scale
      }
    }
  }

  private static let sizes = [
    (1, 1, 1), (1, 1, 5), (3, 7, 2), (4, 8, 3), (5, 9, 4), (6, 16, 64), (7, 17, 65), (12, 32, 30),
    (13, 33, 31),
    (25, 70, 127), (96, 40, 513), (30, 65, 1029),
  ]

  @Test(arguments: IntegerTable.all)
  func everyInstructionSetGivesTheDefinitionsBits(table: IntegerTable) {
    for (rows, columns, depth) in Self.sizes {
      for gap in [0, 3] {
        // Rows of one sign and of both, and a row and a column of zeros.
        var a = random(rows * depth, seed: 80), b = random(columns * depth, seed: 81, scale: 0.1)
        for row in 0..<rows {
          let shift: Float = [0, 1.5, -1.25, 0.9][row % 4]
          for column in 0..<depth { a[row * depth + column] += shift }
        }
        for index in 0..<depth where rows > 2 { a[2 * depth + index] = 0 }
        for index in 0..<depth where columns > 3 { b[3 * depth + index] = 0 }
        let result = table.product(a, b, rows: rows, columns: columns, depth: depth, gap: gap)
        let expected = Self.expected(a, b, rows: rows, columns: columns, depth: depth)
        #expect(result == expected, "\(rows)x\(columns)x\(depth)")
      }
    }
  }

  @Test(arguments: IntegerTable.all)
  func theLargestSumsDoNotSaturate(table: IntegerTable) {
    let depth = 65536
    // Every product is 255 · 127 or its negative; a saturating sum of two would stop at 32,767.
    for sign: Float in [1, -1] {
      let a = [Float](repeating: 1, count: depth), b = [Float](repeating: sign, count: depth)
      #expect(
        table.product(a, b, rows: 1, columns: 1, depth: depth, gap: 0)
          == [sign * Float(Int32(depth * 255 * 127)) * (1 / Float(255)) * (1 / Float(127))])
    }
    let mixed = (0..<depth).map { $0 % 2 == 0 ? Float(1) : -1 }
    let result = table.product(mixed, mixed, rows: 1, columns: 1, depth: depth, gap: 0)
    #expect(abs(result[0] - Float(depth)) < Float(depth) / 100)
  }

  @Test(arguments: IntegerTable.all)
  func numbersThatAreNoneDoNoHarm(table: IntegerTable) {
    let values: [Float] = [
      .infinity, -.infinity, .nan, .greatestFiniteMagnitude, -0.0, .leastNonzeroMagnitude, 3, -2,
    ]
    // What comes out has no meaning, but nothing is read or written out of place.
    let result = table.product(values, values, rows: 4, columns: 4, depth: 2, gap: 1)
    #expect(result.count == 16)
  }
}
