import Evaluation
import Imaging
import Statistics
import TestSupport
import Testing

/// A mask of a few discs and its bits.
func discs(_ width: Int, _ height: Int, _ random: inout Statistics.SplitMix64) -> Mask {
  var mask = Mask(width: width, height: height)
  for _ in 0..<1 + random.index(below: 3) {
    let (x, y) = (random.index(below: width), random.index(below: height))
    let radius = 1 + random.index(below: max(width, height) / 3)
    for v in 0..<height {
      for u in 0..<width where (u - x) * (u - x) + (v - y) * (v - y) <= radius * radius { mask[u, v] = true }
    }
  }
  return mask
}

@Suite("Measures of masks")
struct MaskMeasureTests {
  private static let sizes = [(1, 1), (1, 20), (20, 1), (31, 22), (70, 40)]

  @Test(arguments: sizes)
  func theNextClickIsTheDeepestErrorsInnermostPixel(width: Int, height: Int) {
    var random = SplitMix64(seed: 8)
    for _ in 0..<30 {
      let (truth, prediction) = (discs(width, height, &random), discs(width, height, &random))
      let missing = difference(truth, prediction).innermostPoint
      let excess = difference(prediction, truth).innermostPoint
      let isForeground = (missing?.squaredDistance ?? 0) > (excess?.squaredDistance ?? 0)
      let expected = isForeground ? missing : excess
      let click = SimulatedClick.correcting(BitMask(prediction), towards: BitMask(truth))
      #expect(click?.x == expected?.x && click?.y == expected?.y)
      #expect(click?.isForeground == expected.map { _ in isForeground })
    }
  }

  private func difference(_ a: Mask, _ b: Mask) -> Mask {
    var result = a
    for y in 0..<a.height { for x in 0..<a.width where b[x, y] { result[x, y] = false } }
    return result
  }

  @Test(arguments: sizes)
  func aBoundaryIsWhatLiesNearTheOutside(width: Int, height: Int) {
    var random = SplitMix64(seed: 18)
    for distance in [1, 2, 5] {
      let mask = discs(width, height, &random)
      let boundary = BitMask(mask).boundary(of: distance)
      for y in 0..<height {
        for x in 0..<width {
          let near = (-distance...distance).contains { dy in
            (-distance...distance).contains { dx in
              let (u, v) = (x + dx, y + dy)
              return u < 0 || v < 0 || u >= width || v >= height || !mask[u, v]
            }
          }
          #expect(boundary[x, y] == (mask[x, y] && near))
        }
      }
    }
  }

  @Test func emptyMasksHaveNoBoundaryIoU() {
    let empty = BitMask(Mask(width: 9, height: 9))
    #expect(BoundaryIoU(empty, truth: empty).value == nil)
    #expect(BoundaryIoU(BitMask(empty.mask.inverted), truth: empty).value == 0)
    #expect(MaskShape(empty) == nil)
  }

  @Test(arguments: sizes)
  func shapesFollowTheirDefinition(width: Int, height: Int) throws {
    var random = SplitMix64(seed: 28)
    for _ in 0..<20 {
      let mask = discs(width, height, &random)
      let shape = try #require(MaskShape(BitMask(mask)))
      var corners: [(Int, Int)] = []
      var (sumX, sumY) = (0, 0)
      for y in 0..<height {
        for x in 0..<width where mask[x, y] {
          corners += [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)]
          sumX += x
          sumY += y
        }
      }
      #expect(shape.area == mask.area && shape.sumX == sumX && shape.sumY == sumY)
      #expect(shape.doubledHullArea == hull(corners))
      #expect(shape.concavity >= 0)
      let cell = shape.cell(ofCentroidIn: 8)
      #expect(cell.column == min(7, Int(8 * shape.centroid.x / Double(width) + 1e-9)))
      #expect(cell.row == min(7, Int(8 * shape.centroid.y / Double(height) + 1e-9)))
    }
  }

  /// Twice the area of points' hull, by the edges that have all points on one side.
  private func hull(_ points: [(Int, Int)]) -> Int {
    let sorted = points.sorted { $0 < $1 }
    var chain: [(Int, Int)] = []
    for pass in [sorted, sorted.reversed()] {
      let base = chain.count
      for point in pass {
        while chain.count >= base + 2 {
          let (a, b) = (chain[chain.count - 2], chain[chain.count - 1])
          if (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) > 0 { break }
          chain.removeLast()
        }
        chain.append(point)
      }
      chain.removeLast()
    }
    var area = 0
    for (index, point) in chain.enumerated() {
      let next = chain[(index + 1) % chain.count]
      area += point.0 * next.1 - next.0 * point.1
    }
    return abs(area)
  }
}
