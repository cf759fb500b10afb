import Modeling
import Statistics
import Tensors
import Testing

@testable import Training

/// Blocks that a checkpoint's encoder gets before a training.
@Suite("Growth")
struct GrowthTests {
  private let configuration: ModelConfiguration
  private let parameters: [String: Tensor]
  private let input: Tensor

  init() throws {
    (parameters, configuration) = try SmallTraining.recipe().startingPoint()
    var random = SplitMix64(seed: 6)
    input = Tensor((0..<64 * 64 * 3).map { _ in Float(random.uniform(-1...1)) }, shape: [1, 64, 64, 3])
  }

  private func growth(blocks: [Int]?, attention: [Int]?) -> Growth {
    var growth = Growth()
    (growth.blocks, growth.attentionBlocks) = (blocks, attention)
    return growth
  }

  private func embedding(_ parameters: [String: Tensor], _ configuration: ModelConfiguration) throws
    -> [Float]
  {
    try ImageEncoder(Parameters(parameters)["image_encoder"], configuration)(input).embedding.elements
  }

  static let sizes: [(blocks: [Int]?, attention: [Int]?)] = [
    (nil, [0, 0, 2, 4]), ([2, 2, 3, 1], nil), ([1, 1, 1, 0], [0, 1, 1, 2]), ([2, 1, 2, 0], [0, 0, 2, 1]),
  ]

  @Test("A grown model answers as before, with batch norms and without", arguments: sizes, [true, false])
  func same(sizes: (blocks: [Int]?, attention: [Int]?), isFolded: Bool) throws {
    let old = isFolded ? foldingBatchNorms(parameters) : parameters
    let (grown, grownConfiguration) = try #require(
      try growth(blocks: sizes.blocks, attention: sizes.attention).grown(
        old, configuration, by: Initialization()))
    guard case .hybrid(let hybrid) = grownConfiguration.encoder else {
      Issue.record("another encoder")
      return
    }
    #expect(hybrid.blocks == sizes.blocks ?? [1, 1, 1, 0])
    #expect(hybrid.attentionBlocks == sizes.attention ?? [0, 0, 1, 1])
    #expect(grown.count > old.count && old.allSatisfy { grown[$0.key]?.elements == $0.value.elements })
    #expect(grown.keys.contains { $0.contains(".bn.") } == !isFolded)
    #expect(try embedding(grown, grownConfiguration) == embedding(old, configuration))
  }

  @Test("Every new parameter that joins the stream has a gradient, so that all of them will learn")
  func learns() throws {
    let (grown, grownConfiguration) = try #require(
      try growth(blocks: [2, 2, 2, 0], attention: [0, 0, 2, 2]).grown(
        parameters, configuration, by: Initialization()))
    let tape = Tape()
    let variables = grown.filter { TrainingState.isTrained($0.key) }.mapValues { tape.variable($0) }
    let encoder = try ImageEncoder(
      Parameters(grown.merging(variables) { $1 }, on: .shared, training: TrainingMode())["image_encoder"],
      grownConfiguration)
    let output = try encoder(input).embedding
    var random = SplitMix64(seed: 7)
    let gradient = Tensor((0..<output.count).map { _ in Float(random.uniform(-1...1)) }, shape: output.shape)
    tape.backward(from: [(output, gradient)])
    let new = variables.filter { parameters[$0.key] == nil }
    #expect(new.count > 20)
    for (name, tensor) in new where tensor.elements.allSatisfy({ $0 == 0 }) {
      // Biases that pass zeros on, such as those within a block, wait for the layer behind them.
      guard name.hasSuffix(".weight") else { continue }
      let gradient = try #require(tape.gradient(of: tensor)).elements
      #expect(gradient.contains { $0 != 0 }, "\(name)")
    }
    for (name, tensor) in new where name.hasSuffix(".c.weight") {
      #expect(tensor.elements.contains { $0 != 0 }, "\(name)")
    }
  }

  @Test("Nothing asked for is nothing changed; fewer blocks, or another encoder, cannot be")
  func refusals() throws {
    let same = try #require(try Growth().grown(parameters, configuration, by: Initialization()))
    #expect(same.0.count == parameters.count && same.1 == configuration)
    for fewer in [
      growth(blocks: [0, 1, 1, 0], attention: nil), growth(blocks: nil, attention: [0, 0, 1, 0]),
    ] {
      let none = try fewer.grown(parameters, configuration, by: Initialization())
      #expect(none == nil)
    }
    var other = configuration
    other.encoder = .viT(ViTConfiguration(width: 32, depth: 2, heads: 2, mlpWidth: 64, globalBlocks: [1]))
    let none = try growth(blocks: nil, attention: [0, 0, 2, 2]).grown(parameters, other, by: Initialization())
    #expect(none == nil)
  }

  @Test("A recipe grows the model inside, and says so where it would shrink")
  func recipes() throws {
    func recipe(_ sizes: String) throws -> Recipe {
      try Recipe(
        "model: {checkpoint: embedded\(sizes)}\nsynthetic: 1\nstages: [{size: 64, steps: 1, batch: 1, rate: 1}]",
        path: "r.yml")
    }
    let (plain, plainConfiguration) = try recipe("").startingPoint()
    guard case .hybrid(let old) = plainConfiguration.encoder else {
      Issue.record("another encoder")
      return
    }
    var more = old.attentionBlocks
    more[3] += 1
    let (grown, _) = try recipe(", attention_blocks: \(more)").startingPoint()
    #expect(grown.count > plain.count)
    more[3] = 0
    let error = #expect(throws: TrainingError.self) {
      _ = try recipe(", attention_blocks: \(more)").startingPoint()
    }
    #expect(
      error?.description
        == "r.yml: model.attention_blocks must be no fewer than the checkpoint's, whose encoder must be of the nano form"
    )
  }
}
