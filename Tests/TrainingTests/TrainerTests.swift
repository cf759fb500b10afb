import Checkpoints
import Files
import Foundation
import Imaging
import Modeling
import SegmentAnything
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("A training")
struct TrainerTests {
  @Test("that is stopped and resumed comes to the same bits as one that is not")
  func resumesBitForBit() throws {
    let folder = try TemporaryDirectory()
    let recipe = try SmallTraining.recipe()
    let whole = RunFolder(folder.file("whole"))
    #expect(try Trainer(recipe, folder: whole, threads: 2).run())

    let parts = RunFolder(folder.file("parts"))
    for stop in [1, 3, 4, 7] {
      let made = Mutex(0)
      let isDone = try Trainer(recipe, folder: parts, threads: 1).run(
        isStopped: { made.withLock { $0 } >= stop },
        report: { event in
          if case .step(let progress) = event { made.withLock { $0 = progress.step } }
        })
      #expect(!isDone)
    }
    #expect(try Trainer(recipe, folder: parts, threads: 2).run())
    for name in ["state.safetensors", "stage-1.safetensors", "stage-2.safetensors", "model.safetensors"] {
      #expect(
        try SmallTraining.bytes(whole.path + "/" + name) == SmallTraining.bytes(parts.path + "/" + name),
        "\(name)")
    }
  }

  @Test(
    "that ends at its last step, or between that and its model, has the model of its last stage's size all the same"
  )
  func endsAtTheLastStep() throws {
    let folder = try TemporaryDirectory()
    let recipe = try SmallTraining.recipe()
    let run = RunFolder(folder.file("run"))
    #expect(try Trainer(recipe, folder: run).run())
    let model = try SmallTraining.bytes(run.model)
    #expect(try RecognizedModel(Checkpoint(contentsOfFile: run.model)).configuration.imageSize == 96)

    try FileManager.default.removeItem(atPath: run.model)
    #expect(try Trainer(recipe, folder: run).run())
    #expect(try SmallTraining.bytes(run.model) == model)

    let stopped = RunFolder(folder.file("stopped"))
    let made = Mutex(0)
    let isDone = try Trainer(recipe, folder: stopped).run(
      isStopped: { made.withLock { $0 } == recipe.steps },
      report: { event in
        if case .step(let progress) = event { made.withLock { $0 = progress.step } }
      })
    #expect(isDone)
    #expect(try SmallTraining.bytes(stopped.model) == model)
  }

  @Test("lowers its loss on scenes that it sees again and again")
  func learns() throws {
    let recipe = try SmallTraining.recipe(
      ("steps: 6, batch: 3", "steps: 60, batch: 4"), ("rate: 1.0e-3", "rate: 3.0e-3"),
      ("cross_entropy_steps: 5", "cross_entropy_steps: 1000"))
    let folder = try TemporaryDirectory()
    let losses = Mutex<[Double]>([])
    try Trainer(recipe, folder: RunFolder(folder.file("run"))).run(report: { event in
      if case .step(let progress) = event, progress.stage == 1 {
        losses.withLock { $0.append(progress.loss) }
      }
    })
    let seen = losses.withLock { $0 }
    #expect(seen.count == 60)
    #expect(seen[59] < 0.75 * seen[4], "\(seen[4]) to \(seen[59])")
  }

  @Test("saves a model that answers prompts, the same folded or with its batch norms")
  func savesModels() throws {
    let folder = try TemporaryDirectory()
    let run = RunFolder(folder.file("run"))
    try Trainer(SmallTraining.recipe(), folder: run).run()
    let image = try Image(width: 50, height: 40, pixels: (0..<6000).map { UInt8($0 * 37 % 251) })
    let folded = try SAM(checkpoint: run.model)
    #expect(folded.configuration.imageSize == 96)
    let whole = try SAM(checkpoint: run.stage(2))
    func answer(_ model: SAM) throws -> [Float] {
      try model.predict([.point(20, 20)], in: model.embed(image), multimask: true)[0].iouPredictions
    }
    for (one, other) in zip(try answer(folded), try answer(whole)) {
      #expect(abs(one - other) < 0.02 * max(1, abs(one)))
    }
  }

  @Test("begins from a checkpoint, and leaves frozen parts alone")
  func fineTunes() throws {
    let folder = try TemporaryDirectory()
    let first = RunFolder(folder.file("first"))
    try Trainer(SmallTraining.recipe(), folder: first).run()
    let start = SmallTraining.recipe.firstRange(of: "model:")!.lowerBound
    let end = SmallTraining.recipe.firstRange(of: "seed:")!.lowerBound
    var text = SmallTraining.recipe
    text.replaceSubrange(start..<end, with: "model: {checkpoint: \(first.model)}\nfreeze: image_encoder.\n")
    let second = RunFolder(folder.file("second"))
    try Trainer(Recipe(text, path: "recipe.yml"), folder: second).run()
    let (before, after) = (
      try Checkpoint(contentsOfFile: first.model).tensors,
      try Checkpoint(contentsOfFile: second.model).tensors
    )
    #expect(before.keys.sorted() == after.keys.sorted())
    let changed = after.filter { $0.value.elements != before[$0.key]?.elements }.keys
    #expect(changed.allSatisfy { !$0.hasPrefix("image_encoder.") && !$0.hasSuffix("gaussian_matrix") })
    // A mask that is never the best of three learns nothing in so few steps.
    #expect(changed.count > after.keys.count { !$0.hasPrefix("image_encoder.") } / 2)
  }

  @Test("leaves everything as it is where a gradient is not a number, and gives up after many in a row")
  func passesOver() throws {
    let folder = try TemporaryDirectory()
    let (text, steps) = (SmallTraining.recipe, 40)
    let run = RunFolder(folder.file("run"))
    try Trainer(SmallTraining.recipe(), folder: run).run()
    let whole = try Checkpoint(contentsOfFile: run.stage(2))
    var broken = whole.tensors
    let name = "mask_decoder.iou_token.weight"
    broken[name] = Tensor(repeating: .nan, shape: try #require(broken[name]).shape)
    try Checkpoint.write(broken, metadata: whole.metadata, to: folder.file("broken.safetensors"))

    let start = try #require(text.firstRange(of: "model:")).lowerBound
    let end = try #require(text.firstRange(of: "seed:")).lowerBound
    let recipe = try Recipe(
      text.replacingCharacters(start..<end, by: "model: {checkpoint: \(folder.file("broken.safetensors"))}\n")
        .replacingFirst("steps: 6,", by: "steps: \(steps),"), path: "recipe.yml")
    let told = Mutex<[Int]>([])
    #expect {
      try Trainer(recipe, folder: RunFolder(folder.file("lost"))).run(report: { event in
        if case .passedOver(let step) = event { told.withLock { $0.append(step) } }
        if case .step(let progress) = event { #expect(!progress.loss.isInfinite) }
      })
    } throws: { error in
      guard case .diverged(20, 20) = error as? TrainingError else { return false }
      return true
    }
    #expect(told.withLock { $0 } == Array(1...20))
    // Of the batch norms' averages nothing was lost.
    let state = try Checkpoint(contentsOfFile: folder.file("lost/state.safetensors")).tensors
    for (name, tensor) in broken where name.contains("running_") {
      #expect(state["parameters." + name]?.elements == tensor.elements, "\(name)")
    }
    #expect(broken.keys.contains { $0.contains("running_") })
  }

  @Test("tells how long it will take from what a pixel took, unimpressed by one long pause")
  func estimates() {
    func stage(_ size: Int, _ steps: Int) -> Recipe.Stage {
      Recipe.Stage(size: size, steps: steps, batch: 2, rate: 1, warmup: 0, schedule: .constant)
    }
    let clock = Mutex(ContinuousClock.now)
    var meter = Meter([stage(64, 100), stage(128, 50)]) { clock.withLock { $0 } }
    func step(_ index: Int, taking seconds: Double) -> Trainer.Progress {
      clock.withLock { $0 += .seconds(seconds) }
      let stage = index / 100
      return meter.add(.init(), step: index + 1, of: stage, place: index - 100 * stage, rate: 1)
    }
    var progress = step(0, taking: 1)
    for index in 1..<50 { progress = step(index, taking: 0.5) }
    // 50 more steps of half a second, and 50 of four times the pixels.
    #expect(abs(progress.left - (25 + 100)) < 15 && abs(progress.speed - 4) < 0.5, "\(progress)")
    let before = progress.left
    progress = step(50, taking: 3600)
    #expect(progress.left < 1.2 * before)
    for index in 51..<100 { progress = step(index, taking: 0.5) }
    #expect(abs(progress.left - 100) < 10)
    progress = step(100, taking: 3)
    #expect(abs(progress.left - 147) < 1 && progress.stage == 2)
  }

  @Test("does not go on with another recipe, a damaged state, or against the user's wish")
  func refuses() throws {
    let folder = try TemporaryDirectory()
    let run = RunFolder(folder.file("run"))
    let recipe = try SmallTraining.recipe()
    try Trainer(recipe, folder: run).run(isStopped: { true })
    #expect(throws: TrainingError.self) { try Trainer(recipe, folder: run).run(resumes: false) }
    let other = try SmallTraining.recipe(("seed: 3", "seed: 4"))
    #expect {
      try Trainer(other, folder: run).run()
    } throws: { error in
      guard case .otherRecipe(run.path) = error as? TrainingError else { return false }
      return true
    }
    let state = try SmallTraining.bytes(run.state)
    try AtomicFile.write(Array(state.prefix(state.count / 2)), to: run.state)
    #expect(throws: TrainingError.self) { try Trainer(recipe, folder: run).run() }
    try Checkpoint.write(["x": Tensor([1], shape: [1])], to: run.state)
    #expect {
      try Trainer(recipe, folder: run).run()
    } throws: {
      "\($0)" == "\(run.state): not the state of a training: it is a checkpoint of another kind"
    }
  }
}

extension String {
  fileprivate func replacingFirst(_ part: String, by other: String) -> String {
    firstRange(of: part).map { replacingCharacters($0, by: other) } ?? self
  }

  fileprivate func replacingCharacters(_ range: Range<String.Index>, by other: String) -> String {
    self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}
