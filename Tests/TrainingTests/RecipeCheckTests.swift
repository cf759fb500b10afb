import Checkpoints
import Files
import Imaging
import Modeling
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Recipes, before their first step,")
struct RecipeCheckTests {
  private static let small =
    "model: {form: nano, stem: 8, widths: [8, 16, 32, 32], blocks: [1, 1, 1, 0], attention_blocks: [0, 0, 1, 1],"
    + " attention_heads: [1, 1, 2, 2], decoder_width: 32, image_size: 64}"
  private static let stages = "stages: [{size: 64, steps: 2, batch: 2, rate: 1.0e-3}]"

  static let mistakes: [(text: String, problem: String)] = [
    ("\(small)\nstages: []", "stages must be at least one stage"),
    (
      "\(small)\nstages: [{size: 64, steps: 2, batch: 2, rate: 0.1}, {size: 48, steps: 2, batch: 2, rate: 0.1}]",
      "stages[1].size must be one that the model takes: an input of 48 pixels is not a multiple of 32"
    ),
    (
      "\(small)\n\(stages)\nfreeze: [image_encoder., mask_decodr.]",
      "freeze must be beginnings of parameters' names; none begins with mask_decodr."
    ),
    (
      "\(small)\n\(stages)\nfreeze: [image_encoder., prompt_encoder., mask_decoder.]",
      "freeze must be less than all parameters"
    ),
    (
      "\(small)\n\(stages)\nlora: {layers: [attn.qkv, attn.projection]}",
      "lora.layers must be ends of names of the encoder's linear layers; none ends with attn.projection"
    ),
    (
      "\(small)\npretraining: {width: 32, depth: 1, heads: 2}\nstages: [{size: 96, steps: 2, batch: 2, rate: 0.1}]",
      "stages[0].size must be model.image_size, 64, in pre-training"
    ),
  ]

  @Test("are refused where nothing of their model is meant", arguments: mistakes)
  func mistake(_ item: (text: String, problem: String)) throws {
    let folder = try TemporaryDirectory()
    let recipe = try Recipe(item.text + "\nsynthetic: 1", path: "r.yml")
    let steps = Mutex(0)
    #expect {
      try Trainer(recipe, folder: RunFolder(folder.file("run"))).run(report: { event in
        if case .step = event { steps.withLock { $0 += 1 } }
      })
    } throws: {
      let isSaid = "\($0)" == "r.yml: " + item.problem
      if !isSaid { print("\($0)") }
      return isSaid
    }
    #expect(steps.withLock { $0 } == 0)
  }

  @Test("tell how many numbers they learn")
  func learned() throws {
    func count(_ lines: String) throws -> Int {
      let recipe = try Recipe("\(RecipeCheckTests.small)\n\(lines)\nsynthetic: 1", path: "r.yml")
      return recipe.learnedCount(of: try Trainer(recipe, folder: RunFolder("none")).start().parameters)
    }
    let all = try count(RecipeCheckTests.stages)
    let decoder = try count("\(RecipeCheckTests.stages)\nfreeze: image_encoder.")
    let adapted = try count("\(RecipeCheckTests.stages)\nlora: {rank: 2, layers: [attn.proj]}")
    #expect(decoder > 0 && decoder < all)
    // Two attention blocks of width 32: A of 2 x 32 and B of 32 x 2 each.
    #expect(adapted == decoder + 2 * 2 * 64)
  }

  @Test("take an encoder that was trained at another size, its tables of positions interpolated")
  func otherSize() throws {
    let folder = try TemporaryDirectory()
    func start(_ size: Int, _ more: String = "") throws -> [String: Tensor] {
      try Recipe(
        """
        model: {form: vit_b, width: 32, depth: 2, heads: 2, window: 3, global_blocks: [1], decoder_width: 32,
          image_size: \(size)\(more)}
        seed: \(size)
        synthetic: 1
        \(RecipeCheckTests.stages)
        """, path: "r.yml"
      ).startingPoint().0
    }
    var encoder = try start(64).filter { $0.key.hasPrefix("image_encoder.") }
    // A slope stays one.
    let positions = "image_encoder.pos_embed"
    let slope: [Float] = (0..<4 * 4 * 32).map { Float($0 / 32 % 4) }
    encoder[positions] = Tensor(slope, shape: [1, 4, 4, 32])
    let path = folder.file("encoder.safetensors")
    try Checkpoint.write(encoder, metadata: [:], to: path)
    let larger = try start(128, ", encoder: \"\(path)\"")
    let table = try #require(larger[positions])
    #expect(table.shape == [1, 8, 8, 32])
    let row = (0..<8).map { table.elements[$0 * 32] }
    #expect(zip(row, row.dropFirst()).allSatisfy { $0 <= $1 } && row[7] - row[0] > 2, "\(row)")
    #expect(larger["image_encoder.blocks.1.attn.rel_pos_h"]?.shape == [15, 16])
    for (name, tensor) in encoder where larger[name]?.shape == tensor.shape {
      #expect(larger[name]?.elements == tensor.elements, "\(name)")
    }
    // One of another width is refused.
    #expect {
      try Recipe(
        """
        model: {form: vit_b, width: 64, depth: 2, heads: 2, global_blocks: [1], image_size: 64, encoder: "\(path)"}
        synthetic: 1
        \(RecipeCheckTests.stages)
        """, path: "r.yml"
      ).startingPoint()
    } throws: { "\($0)".hasPrefix("\(path): cannot be begun with: ") }
  }

  @Test("begin with models only", arguments: ["state", "picture"])
  func noModel(kind: String) throws {
    let folder = try TemporaryDirectory()
    let path = folder.file("x.safetensors")
    if kind == "state" {
      try Checkpoint.write(["parameters.x": Tensor([1], shape: [1])], metadata: [:], to: path)
    } else {
      try AtomicFile.write(Array("no checkpoint".utf8), to: path)
    }
    let recipe = try Recipe(
      "model: {checkpoint: \"\(path)\"}\nsynthetic: 1\n\(RecipeCheckTests.stages)", path: "r.yml")
    #expect { try recipe.startingPoint() } throws: {
      let text = "\($0)"
      // The path once, and nothing of states.
      return text.hasPrefix(path + ": ") && text.components(of: path) == 1 && !text.contains("state of")
    }
  }

  @Test(
    "that ship can be read; the paper's have its numbers",
    arguments: ["vit_b", "vit_l", "vit_h", "nano", "nano-pretraining"] + (2...9).map { "nano-\($0)" })
  func shipped(name: String) throws {
    let path = "\(Package.root)/Recipes/\(name).yml"
    let recipe = try Recipe(String(decoding: SmallTraining.bytes(path), as: UTF8.self), path: path)
    #expect(recipe.steps > 250)
    guard name.hasPrefix("vit_") else { return }
    let stage = recipe.stages[0]
    #expect(recipe.objective.prompts == PromptSimulation() && recipe.objective.loss == MaskLoss())
    #expect(stage.size == 1024 && stage.warmup == 250 && recipe.masksPerImage == 64)
    #expect(recipe.mode.decoderDropout == 0.1 && recipe.augmentation.largestMask == 0.9)
    #expect(recipe.augmentation.keepsPictures)
    #expect(recipe.optimizer.weightDecay == 0.1 && recipe.optimizer.beta2 == 0.999)
    let isHuge = name == "vit_h"
    #expect(stage.batch == (isHuge ? 256 : 128) && stage.steps == (isHuge ? 90_000 : 180_000))
    #expect(stage.rate == (name == "vit_l" ? 4e-4 : 8e-4))
    #expect(recipe.optimizer.layerDecay == (name == "vit_b" ? 0.6 : 0.8))
    #expect(recipe.mode.dropPath == (name == "vit_b" ? 0.6 : 0.4))
    // Ten times lower after 60,000 and 86,666 of 90,000 steps.
    let factors = [59_000, 61_000, 86_000, 87_000].map {
      stage.schedule.factor(step: $0 * stage.steps / 90_000, of: stage.steps, warmup: stage.warmup)
    }
    #expect(zip(factors, [1, 0.1, 0.1, 0.01]).allSatisfy { abs($0 - $1) < 1e-12 })
  }
}

extension String {
  /// How often a text is in this one.
  fileprivate func components(of part: String) -> Int {
    var (count, rest) = (0, self[...])
    while let range = rest.firstRange(of: part) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
