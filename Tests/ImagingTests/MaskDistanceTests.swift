import Imaging
import TestSupport
import Testing

@Suite("Distances inside masks")
struct MaskDistanceTests {
  @Test func areThoseOfTheNearestOutsidePixel() {
    var random = SplitMix64(seed: 3)
    for (width, height) in [(1, 1), (1, 9), (9, 1), (17, 13), (24, 31)] {
      for density in [0.5, 0.9, 0.99] {
        var mask = Mask(width: width, height: height)
        for y in 0..<height {
          for x in 0..<width where Double.random(in: 0..<1, using: &random) < density { mask[x, y] = true }
        }
        #expect(mask.squaredDistances().map(Int.init) == naive(mask))
      }
    }
  }

  @Test func theInnermostPointIsTheFirstInRowOrder() throws {
    var mask = Mask(width: 8, height: 4).inverted
    #expect(mask.innermostPoint == Mask.InnermostPoint(x: 1, y: 1, squaredDistance: 4))
    mask = Mask(width: 5, height: 5)
    #expect(mask.innermostPoint == nil)
    mask[3, 2] = true
    #expect(mask.innermostPoint == Mask.InnermostPoint(x: 3, y: 2, squaredDistance: 1))
  }

  /// The definition, written down.
  private func naive(_ mask: Mask) -> [Int] {
    (0..<mask.height).flatMap { y in
      (0..<mask.width).map { x in
        guard mask[x, y] else { return 0 }
        var best = Int.max
        for v in -1...mask.height {
          for u in -1...mask.width {
            let outside = v < 0 || u < 0 || v == mask.height || u == mask.width || !mask[u, v]
            if outside { best = min(best, (x - u) * (x - u) + (y - v) * (y - v)) }
          }
        }
        return best
      }
    }
  }
}
