import Checkpoints
import Datasets
import Files
import Imaging
import Modeling
import SegmentAnything
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Training of parts of a model")
struct PartsTests {
  /// A folder of pictures without masks.
  private func pictures(_ folder: TemporaryDirectory, count: Int) throws -> String {
    let path = folder.file("pictures")
    try Folder.make(path + "/more")
    let scenes = SyntheticScenes(count: count, width: 80, height: 64, seed: 9)
    for index in 0..<count {
      try scenes.scene(at: index).image.write(to: "\(path)/\(index % 2 == 0 ? "more/" : "")\(index).png")
    }
    return path
  }

  private static let viT = """
    model: {form: vit_b, width: 32, depth: 2, heads: 2, window: 3, global_blocks: [1], decoder_width: 32, image_size: 64}
    """

  private static let hybrid =
    "model: {form: nano, stem: 8, widths: [8, 16, 32, 32], blocks: [1, 1, 1, 0], attention_blocks: [0, 0, 1, 1],"
    + " attention_heads: [1, 1, 2, 2], decoder_width: 32, image_size: 64}"

  @Test(
    "Hidden pixels are told better and better, and the encoder can be gone on from", arguments: [viT, hybrid])
  func preTrains(_ model: String) throws {
    let folder = try TemporaryDirectory()
    let data = try pictures(folder, count: 6)
    let recipe = try Recipe(
      """
      \(model)
      pretraining: {hidden: 0.6, width: 32, depth: 1, heads: 2}
      data: ["\(data)"]
      stages: [{size: 64, steps: 60, batch: 4, rate: 3.0e-3, warmup: 5}]
      optimizer: {weight_decay: 0.05}
      """, path: "recipe.yml")
    let losses = Mutex<[Double]>([])
    let run = RunFolder(folder.file("run"))
    try Trainer(recipe, folder: run).run(report: { event in
      if case .step(let progress) = event { losses.withLock { $0.append(progress.loss) } }
    })
    let seen = losses.withLock { $0 }
    #expect(seen[59] < 0.93 * seen[1], "\(seen[1]) to \(seen[59])")

    let encoder = try Checkpoint(contentsOfFile: run.model).tensors
    #expect(encoder.keys.allSatisfy { $0.hasPrefix("image_encoder.") })
    let next = try Recipe(
      """
      \(model.dropLast())\(model.hasSuffix("}") ? ", encoder: \"\(run.model)\"}" : "")
      synthetic: 1
      stages: [{size: 64, steps: 1, batch: 2, rate: 0}]
      optimizer: {weight_decay: 0}
      """, path: "recipe.yml")
    let begun = try next.startingPoint().0
    for (name, tensor) in encoder { #expect(begun[name]?.elements == tensor.elements, "\(name)") }
    let wrong = try Recipe(
      """
      \(PartsTests.viT.dropLast()), encoder: "\(folder.file("wrong.safetensors"))"}
      synthetic: 1
      stages: []
      """, path: "recipe.yml")
    try Checkpoint.write(["x": Tensor([1], shape: [1])], to: folder.file("wrong.safetensors"))
    #expect(throws: TrainingError.self) { try wrong.startingPoint() }
  }

  private func tuned(_ folder: TemporaryDirectory, _ name: String, _ lines: String) throws -> RunFolder {
    let recipe = try Recipe(
      """
      \(PartsTests.viT)
      synthetic: 1
      stages: [{size: 64, steps: 4, batch: 2, rate: 1.0e-3}]
      augmentation: {flip: 0}
      prompts: {points: 1, without_points: 0}
      \(lines)
      """, path: "recipe.yml")
    let run = RunFolder(folder.file(name))
    try Trainer(recipe, folder: run).run()
    return run
  }

  @Test("Kept embeddings change nothing but time")
  func cache() throws {
    let folder = try TemporaryDirectory()
    let kept = try tuned(folder, "kept", "freeze: image_encoder.")
    let made = try tuned(folder, "made", "freeze: image_encoder.\ncache_megabytes: 0")
    #expect(try SmallTraining.bytes(kept.state) == SmallTraining.bytes(made.state))
  }

  @Test(
    "Blocks that are computed again on the way back come to the same bits, those that were dropped included")
  func recomputes() throws {
    let folder = try TemporaryDirectory()
    let kept = try tuned(folder, "kept", "regularization: {drop_path: 0.4}")
    let again = try tuned(folder, "again", "regularization: {drop_path: 0.4, recompute_blocks: true}")
    let whole = try tuned(folder, "whole", "")
    #expect(try SmallTraining.bytes(kept.state) == SmallTraining.bytes(again.state))
    #expect(try SmallTraining.bytes(kept.state) != SmallTraining.bytes(whole.state))
  }

  @Test(
    "Dropout in the decoder is part of training, follows from the seed, and is none of the model that is saved"
  )
  func dropout() throws {
    let folder = try TemporaryDirectory()
    let runs = try [
      tuned(folder, "one", "regularization: {decoder_dropout: 0.2}"),
      tuned(folder, "two", "regularization: {decoder_dropout: 0.2}"), tuned(folder, "without", ""),
      tuned(folder, "other", "regularization: {decoder_dropout: 0.2}\nseed: 7"),
    ].map { try SmallTraining.bytes($0.state) }
    #expect(runs[0] == runs[1] && runs[0] != runs[2] && runs[0] != runs[3])
    let image = try SyntheticScenes(count: 1, width: 64, height: 48, seed: 1).scene(at: 0).image
    let model = try SAM(checkpoint: folder.file("one/model.safetensors"))
    let answers = try (0..<2).map { _ in
      try model.predict([.point(20, 20)], in: model.embed(image), multimask: true)[0].iouPredictions
    }
    #expect(answers[0] == answers[1])
  }

  @Test("Batch norms that are frozen keep their averages")
  func frozenNorms() throws {
    let folder = try TemporaryDirectory()
    for isFrozen in [true, false] {
      let recipe = try SmallTraining.recipe(
        ("checkpoint_every: 2", "regularization: {freeze_batch_norm: \(isFrozen)}"))
      let run = RunFolder(folder.file("\(isFrozen)"))
      try Trainer(recipe, folder: run).run()
      let state = try Checkpoint(contentsOfFile: run.state).tensors
      let norms = state.filter { $0.key.hasPrefix("parameters.") && $0.key.hasSuffix(".running_mean") }
      #expect(!norms.isEmpty)
      #expect(norms.values.allSatisfy { $0.elements.allSatisfy { $0 == 0 } } == isFrozen)
    }
  }

  @Test(
    "Low-rank adapters begin as no change, alone learn of the encoder, and are added to the saved weights")
  func adapters() throws {
    let folder = try TemporaryDirectory()
    let run = try tuned(folder, "run", "lora: {rank: 2, alpha: 4}")
    let state = try Checkpoint(contentsOfFile: run.state).tensors
    let saved = try Checkpoint(contentsOfFile: run.model).tensors
    #expect(!saved.keys.contains { $0.contains("lora") })
    let weight = "image_encoder.blocks.0.attn.qkv.weight"
    guard let a = state["parameters.\(weight).lora_a"], let b = state["parameters.\(weight).lora_b"],
      let base = state["parameters.\(weight)"], let merged = saved[weight]
    else {
      Issue.record("no adapters in the state")
      return
    }
    #expect(b.elements.contains { $0 != 0 })
    var largest: Float = 0
    for row in 0..<base.shape[0] {
      for column in 0..<base.shape[1] {
        let change = (0..<2).reduce(Float(0)) { $0 + b[[row, $1]] * a[[$1, column]] } * 2
        // The file is in half precision.
        largest = max(largest, abs(base[[row, column]] + change - merged[[row, column]]))
      }
    }
    #expect(largest < 2e-3)
    let other = "parameters.image_encoder.blocks.0.mlp.lin1.weight"
    let untouched = try Recipe("\(PartsTests.viT)\nsynthetic: 1\nstages: []", path: "r.yml").startingPoint().0
    #expect(state[other]?.elements == untouched[String(other.dropFirst("parameters.".count))]?.elements)
    _ = try SAM(checkpoint: run.model)
  }
}
