import Tensors
import TestSupport
import Testing

@testable import Modeling

/// Stochastic depth (arXiv 1603.09382): while it is trained, a block's branches are dropped item by item.
@Suite("Drop path")
struct DropPathTests {
  private static let width = 8

  /// A block of each kind of the hybrid encoder, and its branches.
  private static let kinds: [(name: String, branches: Int)] = [
    ("plain", 1), ("inverted", 1), ("attention", 2),
  ]

  /// What a block makes of the same picture, once for each item of a batch.
  private func results(
    _ kind: String, depth: Float, dropPath: Float, items: Int, seed: UInt64
  ) throws -> [[Float]] {
    var random = SplitMix64(seed: 7)
    let generator = ParameterGenerator(batchNorms: false) { _, shape in
      Tensor((0..<shape.elementCount).map { _ in Float.random(in: -0.3...0.3, using: &random) }, shape: shape)
    }
    func block(_ parameters: Parameters) throws -> (Tensor) -> Tensor {
      switch kind {
      case "plain": try ConvolutionBlock(parameters, DropPathTests.width, depth: depth).callAsFunction
      case "inverted": try InvertedBottleneck(parameters, DropPathTests.width, depth: depth).callAsFunction
      default:
        try HybridAttentionBlock(parameters, DropPathTests.width, heads: 2, depth: depth).callAsFunction
      }
    }
    _ = try block(Parameters(generating: generator)["block"])
    var settings = TrainingMode.Settings()
    settings.dropPath = dropPath
    let run = try block(
      Parameters(generator.tensors, on: .shared, training: TrainingMode(settings, seed: seed))["block"])
    let picture = (0..<9 * DropPathTests.width).map { _ in Float.random(in: -1...1, using: &random) }
    let x = Tensor(
      (0..<items).flatMap { _ in picture }, shape: [items, 3, 3, DropPathTests.width])
    let y = run(x)
    return (0..<items).map { y[outermost: $0].elements }
  }

  @Test("is off where its probability is 0, and in the first block", arguments: kinds.map(\.name))
  func isOff(kind: String) throws {
    let plain = try results(kind, depth: 1, dropPath: 0, items: 3, seed: 1)
    #expect(plain[0] == plain[1] && plain[0] == plain[2])
    #expect(try results(kind, depth: 0, dropPath: 0.9, items: 3, seed: 1) == plain)
  }

  @Test("drops each branch of each item by itself, as often as it says", arguments: kinds.indices)
  func drops(index: Int) throws {
    let (kind, branches) = DropPathTests.kinds[index]
    let items = 3000
    let probability = 0.3
    let found = try results(kind, depth: 0.5, dropPath: 0.6, items: items, seed: 5)
    let counts = found.reduce(into: [[Float]: Int]()) { $0[$1, default: 0] += 1 }
    #expect(counts.count == 1 << branches)
    let expected = branches == 1 ? [0.7, 0.3] : [0.49, 0.21, 0.21, 0.09]
    for (count, share) in zip(counts.values.sorted(by: >), expected) {
      #expect(abs(Double(count) / Double(items) - share) < 0.03)
    }
    #expect(try results(kind, depth: 0.5, dropPath: 0.6, items: items, seed: 5) == found)
    #expect(try results(kind, depth: 0.5, dropPath: 0.6, items: items, seed: 6) != found)
    // What is kept counts for what is dropped: on average nothing changes.
    guard branches == 1 else { return }
    let whole = try results(kind, depth: 0.5, dropPath: 0, items: 1, seed: 5)[0]
    let kept = Double(counts.values.max() ?? 0) / Double(items) / (1 - probability)
    for (place, value) in whole.enumerated() {
      let mean = found.reduce(0.0) { $0 + Double($1[place]) } / Double(items)
      let identity = try #require(counts.min { $0.value < $1.value }).key[place]
      #expect(abs(mean - Double(identity) - kept * Double(value - identity)) < 1e-4)
    }
  }
}
