import Kernels
import Tensors
import TestSupport
import Testing

/// Numbers evenly drawn from −scale to scale.
func random(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in
    Float(Int32(truncatingIfNeeded: generator.next() >> 32)) * 0x1p-31 * scale
  }
}

/// At most `most` of `count` rows: all where there are so few; else the first, the last, and some between.
func sampledRows(_ count: Int, most: Int, seed: UInt64 = 5) -> [Int] {
  guard count > most else { return Array(0..<count) }
  var generator = SplitMix64(seed: seed)
  return [0, count - 1] + (2..<most).map { _ in Int.random(in: 0..<count, using: &generator) }
}

extension Tensor {
  /// A tensor of seeded random numbers.
  static func random(_ shape: Shape, seed: UInt64, scale: Float = 1, on compute: Compute = .shared) -> Tensor
  {
    Tensor(TensorsTests.random(shape.elementCount, seed: seed, scale: scale), shape: shape, on: compute)
  }
}

/// Computes with one, two and three threads.
let threadCounts = [1, 2, 3]

/// The result of an operation, which is run on computes of one, two and three threads and must give the same bits on
/// each. The recycled memory of all but the first holds NaN, so that elements never written differ.
func onAnyThreads(
  _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation,
  _ operation: (Compute) throws -> Tensor
) rethrows -> Tensor {
  var results: [Tensor] = []
  for threads in threadCounts {
    let compute = Compute(threads: threads)
    // What the operation allocates next is the memory that these tensors leave.
    if let first = results.first {
      let spoilt = (0..<3).map { _ in Tensor(repeating: .nan, shape: [first.count], on: compute) }
      withExtendedLifetime(spoilt) {}
    }
    results.append(try operation(compute))
  }
  for (index, result) in results.enumerated().dropFirst() {
    #expect(result.shape == results[0].shape, sourceLocation: sourceLocation)
    let differing = result.withUnsafeBuffer { some in
      results[0].withUnsafeBuffer { first in
        zip(first, some).filter { $0.bitPattern != $1.bitPattern }
      }
    }
    if let (first, value) = differing.first {
      Issue.record(
        "\(what()): \(differing.count) of \(result.count) elements depend on the threads: \(first) with 1, \(value) with \(threadCounts[index])",
        sourceLocation: sourceLocation)
    }
  }
  return results[0]
}

/// One instruction set's kernels.
struct KernelTable: CustomTestStringConvertible, @unchecked Sendable {
  let kernels: SamKernels
  var testDescription: String { String(cString: kernels.name) }

  /// Those that this processor can run.
  static let all: [KernelTable] = {
    var list = [UnsafePointer<SamKernels>?](repeating: nil, count: 8)
    let count = Int(sam_kernels_available(&list, 8))
    return list.prefix(count).compactMap { $0.map { KernelTable(kernels: $0.pointee) } }
  }()

  /// Around the widths of all vectors, and the channels of real layers.
  static let widths = [
    0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 31, 32, 33, 47, 64, 65, 96, 160, 288, 768, 1280,
  ]
}
