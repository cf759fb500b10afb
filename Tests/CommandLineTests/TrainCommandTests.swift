import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// The commands that train, on models and pictures so small that each run takes a moment.
@Suite("sam train, pretrain and finetune")
struct TrainCommandTests {
  private static let model = """
    model: {form: nano, stem: 8, widths: [8, 16, 32, 32], blocks: [1, 1, 1, 0], attention_blocks: [0, 0, 1, 1],
      attention_heads: [1, 1, 2, 2], decoder_width: 32, image_size: 64}
    """

  /// A folder with made scenes in SA-1B's form in it.
  private func scenes() throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    let scenes = SyntheticScenes(count: 4, width: 96, height: 80, seed: 5)
    try FileManager.default.createDirectory(
      atPath: folder.file("scenes"), withIntermediateDirectories: false)
    for index in 0..<scenes.count {
      let scene = scenes.scene(at: index)
      try scene.image.write(to: folder.file("scenes/\(index).png"))
      let record = SA1BRecord(
        width: 96, height: 80, fileName: "\(index).png",
        annotations: scene.masks.prefix(3).enumerated().map { Annotation(id: $0, mask: $1) })
      try Data(record.json).write(to: URL(filePath: folder.file("scenes/\(index).json")))
    }
    return folder
  }

  private func write(_ text: String, to name: String, in folder: TemporaryDirectory) throws {
    try Data(text.utf8).write(to: URL(filePath: folder.file(name)))
  }

  private func recipe(_ more: String = "") -> String {
    """
    \(TrainCommandTests.model)
    data: [scenes]
    stages: [{size: 64, steps: 3, batch: 2, rate: 1.0e-3}]
    prompts: {points: 1, without_points: 0}
    checkpoint_every: 2
    \(more)
    """
  }

  private func has(_ names: [String], in folder: TemporaryDirectory) -> Bool {
    names.allSatisfy { FileManager.default.fileExists(atPath: folder.file($0)) }
  }

  @Test func aRecipeIsRunToItsEndAndNotAgain() throws {
    let folder = try scenes()
    try write(
      recipe("validation: {data: scenes, every: 2, images: 1, masks: 1}"), to: "recipe.yml", in: folder)
    let outcome = try Sam.run(["train", "recipe.yml", "-o", "run", "--threads", "2"], in: folder)
    #expect(outcome.status == 0 && outcome.text.isEmpty)
    #expect(outcome.messages.first?.hasPrefix("training 3 steps, 0.") == true, "\(outcome.errors)")
    #expect(
      outcome.messages.contains { $0.hasPrefix("step 3/3 (stage 1/1)  loss ") }, "\(outcome.errors)")
    #expect(outcome.messages.contains { $0.hasPrefix("step 2: one point ") }, "\(outcome.errors)")
    #expect(outcome.messages.last == "done: run/model.safetensors")
    #expect(
      has(
        [
          "recipe.yml", "log.jsonl", "curves.svg", "samples/step-2.png", "samples/step-3.png",
          "state.safetensors", "stage-1.safetensors", "model.safetensors",
        ].map { "run/" + $0 }, in: folder))

    let again = try Sam.run(["train", "recipe.yml", "-o", "run"], in: folder)
    #expect(again.status == 0 && again.messages.count == 2, "\(again.errors)")
    #expect(again.messages.first?.hasPrefix("resuming at step 3 of 3 steps") == true)
    let fresh = try Sam.run(["train", "recipe.yml", "-o", "run", "--fresh"], in: folder)
    #expect(fresh.status == 1)
    #expect(fresh.messages == ["sam: run: holds a run already; resume it, or give another folder"])
    try write(recipe("seed: 2"), to: "recipe.yml", in: folder)
    let other = try Sam.run(["train", "recipe.yml", "-o", "run"], in: folder)
    #expect(other.status == 1 && other.messages.count == 1, "\(other.errors)")
    #expect(other.messages.first?.hasPrefix("sam: run: holds a run of another recipe") == true)
  }

  @Test func aRunThatIsStoppedGoesOnToTheSameWeights() throws {
    let folder = try scenes()
    try write(
      recipe().replacing("steps: 3", with: "steps: 60").replacing("every: 2", with: "every: 1"),
      to: "recipe.yml", in: folder)
    let arguments = ["train", "recipe.yml", "-o"]
    #expect(try Sam.run(arguments + ["whole"], in: folder).status == 0)
    let whole = try Data(contentsOf: URL(filePath: folder.file("whole/model.safetensors")))
    // Ctrl-C ends it in order, a kill at any place.
    for (signal, status) in [(SIGINT, Int32(130)), (SIGKILL, -SIGKILL)] {
      let run = "run-\(signal)"
      let outcome = try Sam.run(
        arguments + [run], in: folder, signal: signal, whenWritten: folder.file(run + "/state.safetensors"),
        bytes: 1)
      // A fast machine may have been done before.
      #expect([status, 0].contains(outcome.status), "\(outcome.errors)")
      if outcome.status == 130 { #expect(outcome.messages.last == "stopped; the same command goes on") }
      let again = try Sam.run(arguments + [run], in: folder)
      #expect(again.status == 0 && again.messages.first?.hasPrefix("resuming at step ") == true)
      #expect(try Data(contentsOf: URL(filePath: folder.file(run + "/model.safetensors"))) == whole)
    }
  }

  @Test func aTrialTellsWhatARecipeCostsAndWritesNothing() throws {
    let folder = try scenes()
    try write(recipe("shards: 4"), to: "recipe.yml", in: folder)
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let outcome = try Sam.run(["train", "recipe.yml", "--trial", "2"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let rows = outcome.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.count == 3, "\(outcome.text)")
    #expect(rows.first == ["stage", "input", "batch", "steps", "tried", "s/step", "images/s", "in", "all"])
    #expect(rows[1].prefix(4) == ["1", "64", "2", "3"])
    #expect(rows[2].first == "memory:" && rows[2].last == "most")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
  }

  @Test func anEncoderIsPreTrainedAndGoneOnFrom() throws {
    let folder = try scenes()
    let stages = "stages: [{size: 64, steps: 2, batch: 2, rate: 1.0e-3}]"
    try write(
      """
      \(TrainCommandTests.model)
      pretraining: {width: 32, depth: 1, heads: 2}
      data: [scenes]
      \(stages)
      """, to: "encoder.yml", in: folder)
    let first = try Sam.run(["pretrain", "encoder.yml", "-o", "encoder"], in: folder)
    #expect(first.status == 0, "\(first.errors)")
    // There are no masks, and no word of them.
    #expect(!first.errors.contains("IoU"), "\(first.errors)")
    try write(
      recipe().replacing("image_size: 64}", with: "image_size: 64, encoder: encoder/model.safetensors}"),
      to: "recipe.yml", in: folder)
    let second = try Sam.run(["train", "recipe.yml", "-o", "run"], in: folder)
    #expect(second.status == 0, "\(second.errors)")
    let without = try Sam.run(["pretrain", "recipe.yml", "-o", "other"], in: folder)
    #expect(without.status == 1)
    #expect(without.messages == ["sam: recipe.yml: pretraining is missing"])
  }

  @Test(arguments: ["decoder", "lora", "all"]) func aModelIsFineTunedAndSegments(part: String) throws {
    let folder = try scenes()
    let tuning = [
      "finetune", "scenes", "-o", "run", "--part", part, "--image-size", "64", "--images", "4", "--batch",
      "2",
    ]
    let outcome = try Sam.run(tuning, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.messages.last == "done: run/model.safetensors")
    let answer = try Sam.run(
      [
        "segment", "scenes/0.png", "--point", "40,40", "-o", "mask.png", "--checkpoint",
        "run/model.safetensors",
      ], in: folder)
    #expect(answer.status == 0, "\(answer.errors)")
    // The recipe that was made is one that 'sam train' goes on with.
    let again = try Sam.run(["train", "run/recipe.yml", "-o", "run"], in: folder)
    #expect(again.status == 0, "\(again.errors)")
  }

  @Test func picturesOfACOCOFileMayLieElsewhere() throws {
    let folder = try scenes()
    try FileManager.default.createDirectory(
      atPath: folder.file("labels"), withIntermediateDirectories: false)
    let made = try Sam.run(["convert", "scenes", "labels/instances.json", "--to", "coco"], in: folder)
    #expect(made.status == 0, "\(made.errors)")
    let tuning = [
      "finetune", "labels/instances.json", "-o", "run", "--image-size", "64", "--images", "2", "--batch", "1",
      "--validate", "labels/instances.json",
    ]
    let without = try Sam.run(tuning, in: folder)
    #expect(without.status == 1)
    #expect(without.messages.last == "sam: no image with masks among the samples drawn")
    let outcome = try Sam.run(tuning + ["--pictures", "scenes", "-o", "other"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.messages.contains { $0.hasPrefix("skipped") })
    #expect(has(["other/samples/step-2.png"], in: folder))
  }

  @Test(arguments: [
    (["train", "none.yml", "-o", "run"], "none.yml: cannot open: No such file or directory", Int32(1)),
    (["train", "recipe.yml"], "Missing expected argument '--output <folder>'", 64),
    (
      ["train", "recipe.yml", "-o", "run", "--threads", "0"], "--threads 0: expected 1 to 1024", 64
    ),
    (["train", "recipe.yml", "--trial", "0"], "--trial 0: expected 1 or more", 64),
    (["finetune", "scenes"], "Missing expected argument '--output <folder>'", 64),
    (["train", "bad.yml", "-o", "run"], "bad.yml:4: unknown key stages[0].stepps; there are ", 1),
    (["train", "nothing.yml", "-o", "run"], "empty: ", 1),
    (["finetune", "none", "-o", "run"], "none: cannot open: No such file or directory", 1),
    (["finetune", "-o", "run"], "Missing expected argument '<data> ...'", 64),
    (
      ["finetune", "scenes", "-o", "run", "--part", "head"],
      "The value 'head' is invalid for '--part <part>'", 64
    ),
    (["finetune", "scenes", "-o", "run", "--images", "0"], "--images 0: expected 1 or more", 64),
    (["finetune", "scenes", "-o", "run", "--batch", "0"], "--batch 0: expected 1 or more", 64),
    (["finetune", "scenes", "-o", "run", "--rate=-1"], "--rate -1.0: expected a number above 0", 64),
    (
      ["finetune", "scenes", "-o", "run", "--checkpoint", "recipe.yml"], "recipe.yml: ", 1
    ),
  ])
  func whatIsWrongIsOneLine(arguments: [String], message: String, status: Int32) throws {
    let folder = try scenes()
    try FileManager.default.createDirectory(atPath: folder.file("empty"), withIntermediateDirectories: false)
    try write(recipe(), to: "recipe.yml", in: folder)
    try write(recipe().replacing("steps: 3", with: "steps: 3, stepps: 3"), to: "bad.yml", in: folder)
    try write(recipe().replacing("[scenes]", with: "[empty]"), to: "nothing.yml", in: folder)
    let outcome = try Sam.run(arguments, in: folder)
    #expect(outcome.status == status)
    #expect(
      outcome.messages.count == 1 && outcome.messages[0].hasPrefix("sam: " + message), "\(outcome.errors)")
  }
}
