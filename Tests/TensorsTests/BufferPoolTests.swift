import TestSupport
import Testing

@testable import Tensors

@Suite("Recycled memory")
struct BufferPoolTests {
  @Test func aSizeClassHoldsItsBytesAndWastesAtMostAQuarter() {
    var previous = (index: -1, bytes: 0)
    var counts = Array(0...5000)
    for power in 13...40 {
      for boundary in [4, 5, 6, 7].map({ $0 << (power - 2) }) {
        counts += [boundary - 1, boundary, boundary + 1]
      }
    }
    for bytes in counts {
      let (index, size) = BufferPool.sizeClass(bytes: bytes)
      #expect(size >= bytes && size >= 256 && index < BufferPool.classCount)
      #expect(bytes < 256 || size * 4 <= bytes * 5 + 4)
      #expect(
        index == previous.index ? size == previous.bytes : index > previous.index && size > previous.bytes)
      #expect(BufferPool.sizeClass(bytes: size) == (index, size), "a class holds its own size")
      previous = (index, size)
    }
  }

  @Test func freedMemoryServesTheNextTensorOfItsClass() {
    let compute = Compute(threads: 1)
    let first = Tensor(uninitialized: [1000], on: compute).address
    let second = Tensor(uninitialized: [1010], on: compute)
    #expect(second.address == first)
    #expect(Tensor(uninitialized: [5000], on: compute).address != first)
  }

  @Test func anOperationRepeatedUsesNoNewMemory() {
    let compute = Compute(threads: 2)
    let (x, w) = (
      Tensor.random([64, 32], seed: 1, on: compute), Tensor.random([48, 32], seed: 2, on: compute)
    )
    let addresses = Set((0..<20).map { _ in x.linear(w).address })
    #expect(addresses.count == 1)
  }

  @Test func memoryBeyondTheLimitIsNotKept() {
    let pool = BufferPool(limit: 10_000)
    let buffers = (0..<5).map { _ in pool.take(1024) }  // 4,096 bytes each
    #expect(Set(buffers).count == 5)
    for buffer in buffers { pool.give(buffer, 1024) }
    #expect(pool.keptBytes == 8192)
    let again = [pool.take(1024), pool.take(1024)]
    #expect(pool.keptBytes == 0 && Set(again).isSubset(of: Set(buffers)))
    for buffer in again { pool.give(buffer, 1024) }
    pool.drain()
    #expect(pool.keptBytes == 0)
  }

  @Test func allMemoryComesBackWhenTensorsGo() {
    let compute = Compute(threads: 2)
    do {
      let x = Tensor.random([37, 64], seed: 3, on: compute)
      let y = x.linear(.random([96, 64], seed: 4), activation: .gelu).reshaped([1, 37, 96])
      _ = y.attention(keys: y, values: y, heads: 4) + y
      #expect(compute.pool.keptBytes < [x, y].reduce(1 << 30) { $0 + $1.count })
    }
    // Everything taken was given back: taking the same again leaves as much.
    let kept = compute.pool.keptBytes
    #expect(kept > 0)
    for _ in 0..<5 {
      let x = Tensor.random([37, 64], seed: 3, on: compute)
      let y = x.linear(.random([96, 64], seed: 4), activation: .gelu).reshaped([1, 37, 96])
      _ = y.attention(keys: y, values: y, heads: 4) + y
    }
    #expect(compute.pool.keptBytes == kept)
    compute.releaseMemory()
    #expect(compute.pool.keptBytes == 0)
    #expect(Tensor(repeating: 1, shape: [100], on: compute).elements.allSatisfy { $0 == 1 })
  }

  @Test func tensorsOfSeveralTasksNeverShareMemory() async {
    let compute = Compute(threads: 2)
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          var isIntact = true
          for round in 0..<500 {
            let tensors = (0..<4).map {
              Tensor(repeating: Float(task * 4 + $0), shape: [64 + round % 7], on: compute)
            }
            for (index, tensor) in tensors.enumerated() {
              isIntact = isIntact && tensor.elements.allSatisfy { $0 == Float(task * 4 + index) }
            }
          }
          return isIntact
        }
      }
      for await isIntact in group { #expect(isIntact) }
    }
  }
}

extension BufferPool {
  /// Bytes kept for reuse, as the free lists have them.
  var keptBytes: Int { kept }
}
