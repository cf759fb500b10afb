import Checkpoints
import Files
import Imaging
import Modeling
import SegmentAnything
import Tensors

/// Runs tasks with one model.
struct Segmenter {
  let model: SAM
  let format: MaskFormat
  /// Whether the picture with its masks is wanted even where it is not written by itself.
  let drawsOverlays: Bool

  /// Reads, encodes, answers and writes.
  ///
  /// - Returns: the answers, and the picture with the masks painted on it where it was asked for.
  func run(_ task: SegmentTask) throws -> (result: SegmentedImage, overlay: Image?) {
    var times = StepTimes()
    var watch = Stopwatch()

    let image = try task.image.map(InputFile.image)
    times.read = watch.lap()
    let embedding = try embedding(for: task, image)
    times.encode = watch.lap()
    let masks = try answer(task, in: embedding)
    times.decode = watch.lap()

    var result = SegmentedImage(width: embedding.width, height: embedding.height, masks: masks, times: times)
    try write(&result, of: task, image)
    var overlay: Image?
    if let image, drawsOverlays || task.overlay != nil {
      overlay = try Image(image, masks: masks, prompts: task.prompts)
    }
    if let overlay, let path = task.overlay { try overlay.write(to: path) }
    result.times.write = watch.lap()
    return (result, overlay)
  }

  private func embedding(for task: SegmentTask, _ image: Image?) throws -> ImageEmbedding {
    if let path = task.embedding {
      let embedding = try ImageEmbedding(contentsOfFile: path, compute: model.compute)
      if let image, image.width != embedding.width || image.height != embedding.height {
        throw CommandError.otherImage(
          embedding: path, width: embedding.width, height: embedding.height, image: task.name,
          imageWidth: image.width, imageHeight: image.height)
      }
      // Another model's embedding is refused when it is used.
      let isOfThisModel = embedding.fingerprint == model.info.fingerprint
      guard !isOfThisModel || embedding.imageSize == model.configuration.imageSize else {
        throw CommandError.otherInputSize(
          embedding: path, size: embedding.imageSize, modelSize: model.configuration.imageSize)
      }
      return embedding
    }
    guard let image else { throw CommandError.noImage }
    return try model.embed(image)
  }

  /// The answers in the order of the prompts; prompts that want candidates run side by side, and so do the others.
  private func answer(_ task: SegmentTask, in embedding: ImageEmbedding) throws -> [SegmentedMask] {
    let prompts = try task.prompts.map { try $0.prompt() }
    var predictions = [Prediction?](repeating: nil, count: prompts.count)
    for multimask in [true, false] {
      let chosen = prompts.indices.filter {
        (task.prompts[$0].multimask || task.prompts[$0].isSinglePoint) == multimask
      }
      guard !chosen.isEmpty else { continue }
      let answers: [Prediction]
      do {
        answers = try model.predict(chosen.map { prompts[$0] }, in: embedding, multimask: multimask)
      } catch {
        throw CommandError.naming(task.name, error)
      }
      for (index, answer) in zip(chosen, answers) { predictions[index] = answer }
    }
    return zip(task.prompts, predictions).enumerated().flatMap { index, pair -> [SegmentedMask] in
      guard let prediction = pair.1 else { return [] }
      let kept = pair.0.multimask ? Array(prediction.masks.indices) : [prediction.mostConfident]
      return kept.map {
        SegmentedMask(
          prompt: index, name: pair.0.name, mask: prediction.masks[$0],
          predictedIoU: prediction.iouPredictions[$0], logits: prediction.lowResolutionLogits[outermost: $0])
      }
    }
  }

  private func write(_ result: inout SegmentedImage, of task: SegmentTask, _ image: Image?) throws {
    guard let output = task.output else { return }
    let paths = output.paths(count: result.masks.count)
    guard output.base != "-" || paths.count == 1 else {
      throw CommandError.severalToStandardOutput(count: paths.count)
    }
    for (index, path) in paths.enumerated() {
      let bytes = try format.bytes(of: result.masks[index], image: image)
      if path == "-" {
        try Console.write(bytes)
      } else {
        try AtomicFile.write(bytes, to: path)
      }
      result.masks[index].file = path
    }
  }
}

extension PromptRequest {
  /// Whether it is one point and nothing else: it may mean the whole, a part or a subpart, and of the model's three
  /// candidates the most confident is taken.
  var isSinglePoint: Bool { points.count == 1 && box == nil && mask == nil }

  /// The library's prompt, with the mask read from its file.
  func prompt() throws -> Prompt {
    Prompt(points: points, box: box, mask: try mask.map(InputFile.maskPrompt))
  }
}
