internal import ArgumentParser
internal import Checkpoints
internal import Datasets
internal import Foundation
internal import Modeling
internal import Tensors
internal import Training

/// A training with its starting weights and its batches, in memory or in a folder, where a twin in another framework finds them.
///
/// `start.safetensors` has the weights by their official names, batch norms included, and the settings as JSON under `settings` in its
/// metadata. `batches.safetensors` has of batch B: `B.input`, images x size x size x 3, normalised; `B.frames`, images x 3: width
/// and height of the picture in the input, and its number of masks; `B.counts`, the number of pixels of each mask; `B.pixels`, the
/// masks' pixels one after the other, each y · size + x. Step S takes batch S modulo their number.
///
/// Prompts are not in it: they come of the random numbers of seed, step and image (`PromptSession`), and, in later rounds, of
/// where the model's own mask is wrong.
struct RecordedTraining {
  let settings: TrainingSettings
  let configuration: ModelConfiguration
  let start: [String: Tensor]
  let batches: [[TrainingSample]]

  /// Makes up weights and scenes.
  init(_ settings: TrainingSettings, batches count: Int) throws {
    self.settings = settings
    configuration = try RecordedTraining.configuration(settings)
    var initialization = Initialization()
    initialization.seed = settings.seed
    start = try initialization.parameters(configuration)
    let scenes = SyntheticScenes(
      count: count * settings.batch, width: settings.size, height: settings.size * 3 / 4, seed: settings.seed)
    let loader = BatchLoader(
      [BatchLoader.Source(scenes, weight: 1)],
      BatchLoader.Settings(
        batch: settings.batch, size: settings.size, masksPerImage: settings.masks, augmentation: .none,
        seed: settings.seed), position: 0
    ) { _ in }
    var batches: [[TrainingSample]] = []
    for _ in 0..<count { batches.append(try loader.next().samples) }
    self.batches = batches
  }

  private static func configuration(_ settings: TrainingSettings) throws -> ModelConfiguration {
    guard let configuration = settings.configuration else {
      throw ValidationError(
        "no model is called \(settings.model); there are \(TrainingSettings.models.joined(separator: ", "))")
    }
    return configuration
  }

  private static func files(in folder: String) -> (start: String, batches: String) {
    (folder + "/start.safetensors", folder + "/batches.safetensors")
  }

  /// Writes the folder.
  func write(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text = String(decoding: try JSONEncoder().encode(settings), as: UTF8.self)
    let files = RecordedTraining.files(in: folder)
    try Checkpoint.write(start, metadata: ["settings": text], to: files.start)
    var tensors: [String: Tensor] = [:]
    func store(_ name: String, _ values: [Float]) { tensors[name] = Tensor(values, shape: [values.count]) }
    for (number, batch) in batches.enumerated() {
      tensors["\(number).input"] = Tensor.concatenating(
        batch.map { $0.input.reshaped([1, settings.size, settings.size, 3]) })
      store("\(number).frames", batch.flatMap { [Float($0.width), Float($0.height), Float($0.masks.count)] })
      let masks = batch.flatMap(\.masks)
      store("\(number).counts", masks.map { Float($0.pixels.count) })
      store("\(number).pixels", masks.flatMap { $0.pixels.map(Float.init) })
    }
    try Checkpoint.write(tensors, metadata: ["batches": String(batches.count)], to: files.batches)
  }

  /// Reads a folder.
  init(contentsOf folder: String) throws {
    let files = RecordedTraining.files(in: folder)
    let weights = try Checkpoint(contentsOfFile: files.start)
    guard let text = weights.metadata["settings"] else {
      throw ValidationError("\(files.start) has no settings: it is not of 'bench training --record'")
    }
    settings = try JSONDecoder().decode(TrainingSettings.self, from: Data(text.utf8))
    configuration = try RecordedTraining.configuration(settings)
    start = weights.tensors.mapValues { Tensor($0.elements, shape: $0.shape) }
    let recorded = try Checkpoint(contentsOfFile: files.batches)
    guard let count = recorded.metadata["batches"].flatMap({ Int($0) }), count > 0 else {
      throw ValidationError("\(files.batches) has no batches")
    }
    var batches: [[TrainingSample]] = []
    for number in 0..<count {
      guard let input = recorded.tensors["\(number).input"],
        let frames = recorded.tensors["\(number).frames"]?.elements.map({ Int($0) }),
        let counts = recorded.tensors["\(number).counts"]?.elements.map({ Int($0) }),
        let pixels = recorded.tensors["\(number).pixels"]?.elements.map({ Int32($0) }),
        frames.count == 3 * input.shape[0],
        stride(from: 2, to: frames.count, by: 3).reduce(0, { $0 + frames[$1] }) == counts.count,
        counts.reduce(0, +) == pixels.count
      else { throw ValidationError("\(files.batches) lacks a part of batch \(number)") }
      var masks: [TrainingMask] = []
      var at = 0
      for count in counts {
        masks.append(TrainingMask(pixels: Array(pixels[at..<at + count]), size: settings.size))
        at += count
      }
      let images = Tensor(input.elements, shape: input.shape)
      var samples: [TrainingSample] = []
      for item in 0..<images.shape[0] {
        let own = frames[3 * item + 2]
        samples.append(
          TrainingSample(
            input: images[outermost: item], width: frames[3 * item], height: frames[3 * item + 1],
            masks: Array(masks.prefix(own))))
        masks.removeFirst(own)
      }
      batches.append(samples)
    }
    self.batches = batches
  }
}
