import Datasets
import Files
import Imaging
import Synchronization
import TestSupport
import Testing

@testable import Training

@Suite("Pictures of a training")
struct RunPicturesTests {
  /// A folder of pictures and masks, the first of them damaged.
  private func pictures(in folder: TemporaryDirectory) throws -> String {
    let path = folder.file("things")
    for name in ["images", "masks"] { try Folder.make("\(path)/\(name)") }
    let scenes = SyntheticScenes(count: 3, width: 80, height: 60, seed: 5)
    for index in 0..<3 {
      let sample = try scenes.sample(at: index)
      try sample.image().write(to: "\(path)/images/\(index).png")
      for (number, annotation) in sample.annotations.prefix(3).enumerated() {
        try annotation.mask.mask.write(to: "\(path)/masks/\(index)_\(number).png")
      }
    }
    try AtomicFile.write(Array("no picture".utf8), to: "\(path)/images/damaged.png")
    try Mask(width: 8, height: 8).write(to: "\(path)/masks/damaged_0.png")
    return path
  }

  @Test("come with every measurement and every checkpoint")
  func areWritten() throws {
    let folder = try TemporaryDirectory()
    let data = try pictures(in: folder)
    // Enough steps for a line of the log.
    let recipe = try SmallTraining.recipe(
      ("steps: 6, batch: 3", "steps: 21, batch: 3"),
      ("checkpoint_every: 2", "checkpoint_every: 7\nvalidation: {data: [\(data)], every: 8, images: 3}"))
    let run = RunFolder(folder.file("run"))
    try Trainer(recipe, folder: run, threads: 2).run()
    for step in [8, 16, 21, 24] {
      let sheet = try Image(contentsOfFile: run.samples(step: step))
      #expect(sheet.width > 1200 && sheet.height > 200, "step \(step)")
    }
    let curves = try String(decoding: SmallTraining.bytes(run.curves), as: UTF8.self)
    for title in ["Training loss", "IoU in training", "IoU on validation data", "Learning rate", "96 px"] {
      #expect(curves.contains(">\(title)<"), "\(title)")
    }
    #expect(curves.contains(" at step 24<"))
  }

  @Test("and their damaged ones are told of once, however often training and measurements come to them")
  func damagedOnce() throws {
    let folder = try TemporaryDirectory()
    let data = try pictures(in: folder)
    let recipe = try SmallTraining.recipe(
      ("data: []", "data: [{path: \"\(data)\", weight: 3}]"),
      ("checkpoint_every: 2", "validation: {data: \"\(data)\", every: 2, images: 4}"))
    let run = RunFolder(folder.file("run"))
    let told = Mutex<[String]>([])
    try Trainer(recipe, folder: run).run(report: { event in
      if case .skipped(let text) = event { told.withLock { $0.append(text) } }
    })
    let texts = told.withLock { $0 }
    #expect(texts.count == 1 && texts[0].contains("damaged"), "\(texts)")
    // The ends of stages are in the log, however short they are.
    let log = try String(decoding: SmallTraining.bytes(run.log), as: UTF8.self).split(separator: "\n")
    #expect(log.count { $0.contains("\"loss\"") } == 2 && log.count { $0.contains("\"validation\"") } == 5)
    #expect(log.allSatisfy { $0.hasPrefix("{\"step\": ") })
  }

  @Test("show what the log has, and pass by what is none of it")
  func drawsLog() throws {
    let recipe = try SmallTraining.recipe()
    let lines = (1...40).map {
      "{\"step\": \($0 * 20), \"loss\": \(100.0 / Double($0)), \"iou_first\": 0.2, \"iou_last\": 0.3, \"rate\": 0.001}"
    }
    let whole = TrainingCurves(recipe, log: lines + ["", "{", "[1]", "{\"step\": null}"])
    #expect(whole.svg == TrainingCurves(recipe, log: lines).svg)
    #expect(!whole.svg.contains("validation"))
    let pretraining = TrainingCurves(
      recipe, log: ["{\"step\": 20, \"loss\": 0.5, \"iou_first\": 0, \"iou_last\": 0}"])
    #expect(!pretraining.svg.contains("IoU"))
    #expect(TrainingCurves(recipe, log: []).svg.hasPrefix("<svg"))
  }
}
