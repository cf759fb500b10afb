import Tensors
import TestSupport
import Testing

/// Blocks that go through all their layers strip by strip, against the layers one by one.
@Suite("Fused blocks")
struct FusedBlockTests {
  /// Batch, height, width, channels, hidden: real ones first, then images smaller than a strip or a vector.
  static let forms = [
    (1, 48, 48, 96, 288), (1, 24, 24, 160, 480), (1, 96, 96, 48, 48), (2, 9, 13, 5, 7), (3, 1, 1, 2, 3),
    (1, 2, 120, 4, 6), (1, 67, 3, 8, 20), (2, 5, 1, 1, 1),
  ]

  @Test(arguments: forms)
  func invertedBottlenecks(batch: Int, height: Int, width: Int, channels: Int, hidden: Int) {
    let x = Tensor.random([batch, height, width, channels], seed: 1)
    let expand = (Tensor.random([hidden, channels], seed: 2), Tensor.random([hidden], seed: 3))
    let depthwise = (Tensor.random([9, hidden], seed: 4), Tensor.random([hidden], seed: 5))
    let project = (Tensor.random([channels, hidden], seed: 6), Tensor.random([channels], seed: 7))
    for hasBias in [true, false] {
      func bias(_ tensor: Tensor) -> Tensor? { hasBias ? tensor : nil }
      let expected = x.linear(expand.0, bias(expand.1), activation: .gelu)
        .depthwiseConvolution(depthwise.0, bias(depthwise.1), activation: .gelu)
        .linear(project.0, bias(project.1), adding: x)
      let found = onAnyThreads("\(height)x\(width)") {
        x.on($0).invertedBottleneck(
          expand: (expand.0, bias(expand.1)), depthwise: (depthwise.0, bias(depthwise.1)),
          project: (project.0, bias(project.1)))
      }
      #expect(found.shape == x.shape)
      expectNear(found.elements, expected.elements)
    }
  }

  @Test(arguments: forms)
  func residualConvolutions(batch: Int, height: Int, width: Int, channels: Int, hidden: Int) {
    let hidden = min(hidden, 64)
    let x = Tensor.random([batch, height, width, channels], seed: 1)
    let first = (Tensor.random([hidden, 3, 3, channels], seed: 2), Tensor.random([hidden], seed: 3))
    let second = (Tensor.random([channels, 3, 3, hidden], seed: 4), Tensor.random([channels], seed: 5))
    for hasBias in [true, false] {
      func bias(_ tensor: Tensor) -> Tensor? { hasBias ? tensor : nil }
      let expected = x.convolution(first.0, bias(first.1), padding: 1, activation: .gelu)
        .convolution(second.0, bias(second.1), padding: 1, adding: x)
      let found = onAnyThreads("\(height)x\(width)") {
        x.on($0).residualConvolutions(
          first: (first.0, bias(first.1)), second: (second.0, bias(second.1)))
      }
      #expect(found.shape == x.shape)
      expectNear(found.elements, expected.elements)
    }
  }

  /// Layers of few rows are multiplied in another order than strips are.
  private func expectNear(
    _ found: [Float], _ expected: [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let scale = expected.reduce(1) { max($0, abs($1)) }
    let largest = zip(found, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    #expect(largest <= 2e-6 * scale, sourceLocation: sourceLocation)
  }
}
