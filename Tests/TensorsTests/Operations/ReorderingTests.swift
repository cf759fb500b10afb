import Tensors
import TestSupport
import Testing

@Suite("Reordering and gathering")
struct ReorderingTests {
  @Test(
    arguments: [
      ([5], [0]), ([2, 3], [0, 1]), ([2, 3], [1, 0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4, 5], [0, 3, 1, 2]),
      ([2, 3, 4, 5, 6], [4, 2, 0, 3, 1]), ([3, 0, 2], [2, 1, 0]), ([64, 64, 33], [2, 0, 1]), ([], []),
    ] as [(Shape, [Int])])
  func dimensionsArePermuted(shape: Shape, order: [Int]) {
    let x = Tensor.random(shape, seed: 130)
    let result = onAnyThreads { x.on($0).permuted(order) }
    #expect(Array(result.shape) == order.map { shape[$0] })
    let elements = x.elements
    var expected = [Float]()
    for position in 0..<x.count {
      // The index in the result, and the element it stands for.
      var (rest, at) = (position, 0)
      for dimension in order.indices.reversed() {
        let size = shape[order[dimension]]
        let stride = shape[(order[dimension] + 1)...].reduce(1, *)
        at += rest % size * stride
        rest /= size
      }
      expected.append(elements[at])
    }
    #expect(result.elements == expected)
  }

  @Test func tensorsAreConcatenated() {
    let parts = [
      Tensor.random([2, 3], seed: 131), Tensor([], shape: [0, 3]), Tensor.random([1, 3], seed: 132),
    ]
    let result = Tensor.concatenating(parts)
    #expect(result.shape == [3, 3] && result.elements == parts.flatMap(\.elements))
    #expect(Tensor.concatenating([]).count == 0)
    #expect(Tensor.concatenating([parts[0]]).elements == parts[0].elements)
  }

  @Test func rowsAreGatheredByNumber() {
    let x = Tensor((0..<12).map(Float.init), shape: [2, 2, 3])
    let result = x.gatheringRows([3, 0, 0])
    #expect(result.shape == [3, 3] && result.elements == [9, 10, 11, 0, 1, 2, 0, 1, 2])
    #expect(x.gatheringRows([]).shape == [0, 3])
  }

  @Test func rowsAreScaled() {
    let x = Tensor((0..<6).map(Float.init), shape: [3, 1, 2])
    #expect(x.scalingRows([0, -1, 0.5]).elements == [0, 0, -2, -3, 2, 2.5])
    #expect(x.elements == (0..<6).map(Float.init))
  }

  @Test(arguments: [0, 1, 2, 5])
  func oneItemIsRepeated(batch: Int) {
    let x = Tensor.random([1, 3, 4], seed: 133)
    let result = x.repeated(batch)
    #expect(result.shape == [batch, 3, 4])
    #expect(result.elements == (0..<batch).flatMap { _ in x.elements })
  }

  @Test(arguments: [(1, 2, 3), (3, 5, 2), (2, 0, 3), (2, 3, 0)])
  func tokensAreAppendedItemByItem(batch: Int, first: Int, second: Int) {
    let (x, y) = (Tensor.random([batch, first, 4], seed: 134), Tensor.random([batch, second, 4], seed: 135))
    let result = x.appendingTokens(y)
    #expect(result.shape == [batch, first + second, 4])
    #expect(result.elements == (0..<batch).flatMap { x[outermost: $0].elements + y[outermost: $0].elements })
    #expect(result.tokens(0..<first).elements == x.elements)
    #expect(result.tokens(first..<first + second).elements == y.elements)
    #expect(result.tokens(0..<0).shape == [batch, 0, 4])
  }
}
