import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Fourier features")
struct FourierFeaturesTests {
  /// sin and cos of 2π(2p − 1)·matrix. The location is brought to [−1, 1] in single precision, as the reference does.
  private static func naive(_ points: [Float], _ matrix: [Float]) -> [Double] {
    let features = matrix.count / 2
    return stride(from: 0, to: points.count, by: 2).flatMap { point in
      let (x, y) = (Double(2 * points[point] - 1), Double(2 * points[point + 1] - 1))
      let angles = (0..<features).map {
        2 * Double.pi * (x * Double(matrix[$0]) + y * Double(matrix[features + $0]))
      }
      return angles.map { sin($0) } + angles.map { cos($0) }
    }
  }

  @Test(arguments: [(1, 1), (3, 5), (4096, 128), (100, 64)])
  func sinesAndCosinesAreRoundedOnce(count: Int, features: Int) {
    // Also beyond the image.
    let points = random(2 * count, seed: 150, scale: 1.5).map { $0 + 0.5 }
    let matrix = random(2 * features, seed: 151, scale: 4)
    let result = onAnyThreads {
      Tensor(points, shape: [count, 2], on: $0).fourierFeatures(Tensor(matrix, shape: [2, features]))
    }
    #expect(result.shape == [count, 2 * features])
    var expected = Expected()
    for value in FourierFeaturesTests.naive(points, matrix) {
      expected.append(
        Approximate(value: value, tolerance: 1.001 * Approximate.rounding * max(abs(value), 1e-5)))
    }
    expect(result.elements, expected)
  }

  @Test func wholeAndQuarterTurnsAreExact() {
    // (2p − 1) · 1 is -1, -3/4, … 1 turns.
    let points = (0...8).flatMap { [Float($0) / 8, Float(0.5)] }
    let result = Tensor(points, shape: [9, 2]).fourierFeatures(Tensor([1, 0], shape: [2, 1]))
    #expect(result.elements == [0, 1, 1, 0, 0, -1, -1, 0, 0, 1, 1, 0, 0, -1, -1, 0, 0, 1])
  }

  @Test func farCoordinatesGiveSinesAndCosines() {
    let points: [Float] = [1e6, -1e6, -1e30, 1e30, 3.4e38, 3.4e38]
    let result = Tensor(points, shape: [3, 2]).fourierFeatures(.random([2, 32], seed: 152))
    // What lies beyond all floats when doubled is no angle.
    #expect(result[outermost: 0..<2].elements.allSatisfy { abs($0) <= 1 })
    let nan = Tensor([.nan, 0], shape: [1, 2]).fourierFeatures(.random([2, 32], seed: 153))
    #expect(nan.elements.allSatisfy { $0.isNaN })
  }
}
