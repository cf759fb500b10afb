import Foundation
import Kernels
import Testing

/// Softmax down few rows and the way back, and rows copied, in every instruction set of this processor.
@Suite("Kernels: softmax of columns")
struct ColumnSoftmaxKernelTests {
  static let sizes = [(1, 1), (7, 16), (7, 256), (2, 31), (12, 33), (16, 100), (5, 0)]

  @Test(arguments: TrainingTable.all, sizes)
  func equalsTheNaiveForm(table: TrainingTable, size: (Int, Int)) {
    let (rows, columns) = size
    let memory = FencedMemory()
    defer { memory.release() }
    let input = random(rows * columns, seed: 40, scale: 6), gradient = random(rows * columns, seed: 41)
    let s = memory.matrix(input, rows: rows, columns: columns, gap: 3)
    let d = memory.matrix(gradient, rows: rows, columns: columns, gap: 1)
    table.kernels.softmax_down(s.pointer, s.stride, rows, columns)
    table.kernels.softmax_down_backward(s.pointer, s.stride, d.pointer, d.stride, 0.5, rows, columns)
    for column in 0..<columns {
      let places = (0..<rows).map { $0 * columns + column }
      let exponentials = places.map { exp(Double(input[$0])) }
      let sum = exponentials.reduce(0, +)
      let p = exponentials.map { $0 / sum }
      let mean = zip(p, places).reduce(0) { $0 + $1.0 * Double(gradient[$1.1]) }
      for (row, place) in places.enumerated() {
        #expect(abs(Double(s[place]) - p[row]) < 2e-6)
        #expect(abs(Double(d[place]) - 0.5 * p[row] * (Double(gradient[place]) - mean)) < 4e-6)
      }
    }
    #expect(s.isIntact && d.isIntact)
  }

  @Test(arguments: TrainingTable.all, sizes)
  func rowsAreCopied(table: TrainingTable, size: (Int, Int)) {
    let (rows, columns) = size
    let memory = FencedMemory()
    defer { memory.release() }
    let values = random(rows * columns, seed: 42)
    let x = memory.matrix(values, rows: rows, columns: columns, gap: 5)
    let y = memory.matrix([Float](repeating: 0, count: values.count), rows: rows, columns: columns, gap: 2)
    table.kernels.copy_rows(x.pointer, x.stride, y.pointer, y.stride, rows, columns)
    #expect(y.values == values && y.isIntact)
  }
}

/// The training kernels of an instruction set.
struct TrainingTable: CustomTestStringConvertible, @unchecked Sendable {
  let kernels: SamTrainingKernels
  let testDescription: String

  /// Those that this processor has, with the names of the others of the same place.
  static let all: [TrainingTable] = {
    var list = [UnsafePointer<SamTrainingKernels>?](repeating: nil, count: 8)
    let count = Int(sam_training_kernels_available(&list, 8))
    return zip(list.prefix(count), KernelTable.all).compactMap { table, other in
      table.map { TrainingTable(kernels: $0.pointee, testDescription: other.testDescription) }
    }
  }()
}
