import Tensors
import Testing

@Suite("Shape")
struct ShapeTests {
  @Test(
    arguments: [
      ([], 1, 1, 1, "scalar"), ([7], 7, 7, 1, "7"), ([2, 3], 6, 3, 2, "2x3"),
      ([64, 64, 256], 1_048_576, 256, 4096, "64x64x256"),
      ([4, 0, 3], 0, 3, 0, "4x0x3"), ([3, 0], 0, 0, 0, "3x0"), ([1, 2, 3, 4, 5], 120, 5, 24, "1x2x3x4x5"),
    ] as [([Int], Int, Int, Int, String)])
  func sizesAreKept(sizes: [Int], count: Int, innermost: Int, rows: Int, description: String) throws {
    let shape = try #require(Shape(checking: sizes))
    #expect(Array(shape) == sizes && shape.count == sizes.count)
    #expect(shape.elementCount == count && shape.innermost == innermost && shape.rows == rows)
    #expect("\(shape)" == description)
  }

  @Test(
    arguments: [
      [1, 1, 1, 1, 1, 1], [-1], [2, -3], [-2, -3], [0, -1], [.max, 2], [2, .max], [1 << 32, 1 << 31],
      [1 << 21, 1 << 21, 1 << 21], [.min], [1, .min, 1], [.max, .max, .max, .max, .max],
    ] as [[Int]])
  func whatIsNoShapeIsRefused(sizes: [Int]) {
    #expect(Shape(checking: sizes) == nil)
  }

  @Test func theLargestCountIsAccepted() {
    #expect(Shape(checking: [.max])?.elementCount == .max)
    #expect(Shape(checking: [1 << 31, 1 << 31])?.elementCount == 1 << 62)
  }

  @Test func aZeroDoesNotHideAnOverflow() {
    // Whatever the order, or the count of a part of the shape would overflow.
    #expect(Shape(checking: [.max, .max, 0]) == nil)
    #expect(Shape(checking: [0, 5])?.elementCount == 0)
  }

  @Test func shapesAreEqualWhenSizesAndRankAre() {
    #expect(([2, 3] as Shape) == [2, 3])
    #expect(([2, 3] as Shape) != [3, 2])
    #expect(([2] as Shape) != [2, 1])
    #expect(([] as Shape) != [1])
    #expect(Set([[2, 3], [2, 3], [2, 3, 1]] as [Shape]).count == 2)
  }

  @Test func aSizeIsReplaced() {
    var shape: Shape = [2, 3, 4]
    shape[1] = 7
    #expect(shape == [2, 7, 4])
  }
}
