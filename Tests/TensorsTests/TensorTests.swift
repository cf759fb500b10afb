import Files
import TestSupport
import Testing

@testable import Tensors

@Suite("Tensors are values")
struct TensorTests {
  @Test func aCopyIsNotChangedByWriting() {
    let original = Tensor.random([4, 5], seed: 1)
    let before = original.elements
    var copy = original
    #expect(copy.address == original.address, "memory is shared until written")
    copy.withUnsafeMutableBuffer { $0[3] = 99 }
    #expect(original.elements == before)
    #expect(copy[[0, 3]] == 99 && copy[[0, 4]] == before[4])
    #expect(copy.address != original.address)
  }

  @Test func theOnlyOwnerWritesInPlace() {
    var x = Tensor(repeating: 1, shape: [8])
    let address = x.address
    x.withUnsafeMutableBuffer { $0[0] = 2 }
    #expect(x.address == address && x.elements[0] == 2)
  }

  @Test func slicesShareMemoryAndThenCopy() {
    let whole = Tensor((0..<24).map(Float.init), shape: [4, 3, 2])
    var slice = whole[outermost: 1..<3]
    #expect(slice.shape == [2, 3, 2] && slice.elements == (6..<18).map(Float.init))
    #expect(slice.address == whole.address + 6 * 4)
    #expect(whole[outermost: 2].shape == [3, 2] && whole[outermost: 2].elements == (12..<18).map(Float.init))
    #expect(slice[outermost: 1][outermost: 2].elements == [16, 17])
    #expect(whole[outermost: 2..<2].count == 0)
    slice.withUnsafeMutableBuffer { for index in $0.indices { $0[index] = -1 } }
    #expect(whole.elements == (0..<24).map(Float.init))
    #expect(slice.elements == [Float](repeating: -1, count: 12))
  }

  @Test func aSliceThatOutlivesItsWholeIsWrittenWithinItsBounds() {
    var slice = Tensor((0..<6).map(Float.init), shape: [3, 2])[outermost: 1..<2]
    slice.withUnsafeMutableBuffer {
      #expect($0.count == 2)
      $0[0] = 50
    }
    #expect(slice.elements == [50, 3])
    #expect((slice + slice).elements == [100, 6])
    #expect((consume slice).activated(.relu).elements == [50, 3])
  }

  @Test func aReshapedTensorHasTheSameElements() {
    let x = Tensor((0..<12).map(Float.init), shape: [3, 4])
    let y = x.reshaped([2, 6])
    #expect(y.shape == [2, 6] && y.address == x.address && y[[1, 0]] == 6 && x[[1, 0]] == 4)
  }

  @Test func mappedMemoryIsNeverWritten() throws {
    let folder = try TemporaryDirectory()
    let bytes = (0..<16).flatMap { value in withUnsafeBytes(of: Float(value)) { Array($0) } }
    try AtomicFile.write(bytes, to: folder.file("weights"))
    let file = try MappedFile(path: folder.file("weights"))
    let base = try #require(file.withBytes { $0.baseAddress?.assumingMemoryBound(to: Float.self) })
    // Read-only pages: a write would stop the test.
    var x = Tensor(borrowing: base, shape: [4, 4], keeper: file)
    #expect(x.address == UInt(bitPattern: base), "and is not copied either")
    #expect((x + x).elements == (0..<16).map { Float(2 * $0) })
    #expect(x.activated(.relu).elements == x.elements)
    #expect(x.scalingRows([1, 2, 3, 4])[[3, 3]] == 60)
    let normal = x.layerNorm(
      Tensor(repeating: 1, shape: [4]), Tensor(repeating: 0, shape: [4]), epsilon: 1e-5)
    #expect(normal.address != x.address)
    var slice = x[outermost: 3]
    slice.withUnsafeMutableBuffer { $0[0] = 5 }
    x.withUnsafeMutableBuffer { $0[0] = 7 }
    #expect(x.elements == [7] + (1..<16).map(Float.init) && slice.elements == [5, 13, 14, 15])
    #expect(file.withBytes { Array($0) } == bytes)
  }

  @Test func aBorrowedTensorKeepsItsKeeper() {
    final class Keeper {
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: 4)
      let released: () -> Void
      init(_ released: @escaping () -> Void) {
        memory.initialize(repeating: 3, count: 4)
        self.released = released
      }
      deinit {
        memory.deallocate()
        released()
      }
    }
    var isReleased = false
    do {
      var slice: Tensor?
      do {
        let keeper = Keeper { isReleased = true }
        slice =
          Tensor(borrowing: keeper.memory, shape: [2, 2], keeper: keeper).on(Compute(threads: 1))[
            outermost: 1]
      }
      #expect(!isReleased && slice?.elements == [3, 3])
      slice = nil
    }
    #expect(isReleased)
  }

  @Test func movingToAnotherComputeSharesMemoryUntilWritten() {
    let (first, second) = (Compute(threads: 1), Compute(threads: 2))
    let x = Tensor([1, 2, 3], shape: [3], on: first)
    var y = x.on(second)
    #expect(y.compute === second && x.compute === first && y.address == x.address)
    #expect(x.on(first).address == x.address)
    #expect((y + y).compute === second && (x + y).compute === first)
    y.withUnsafeMutableBuffer { $0[0] = 9 }
    #expect(x.elements == [1, 2, 3] && y.elements == [9, 2, 3] && y.compute === second)
  }

  @Test func memoryIsAlignedForVectors() {
    for count in [0, 1, 100, 5000] {
      #expect(Tensor(uninitialized: [count]).address % 64 == 0)
    }
  }

  @Test func aScalarHasOneElement() {
    #expect(Tensor([4], shape: []).elements == [4])
    #expect(Tensor([4], shape: [])[[]] == 4)
  }
}
