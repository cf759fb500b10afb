internal import Modeling
internal import Tensors
internal import Training

/// A training that is made step by step.
struct TrainingRun {
  let training: RecordedTraining
  private let shards: Int
  private let computes: [Compute]
  private(set) var state: TrainingState
  /// Parameters that rest.
  private let frozen: [String]
  /// Embeddings of pictures, where the encoder rests.
  private let cache: EmbeddingCache?

  /// - Parameters:
  ///   - shards: parts of a batch that run side by side, as in a recipe.
  ///   - onlyDecoder: whether the encoder rests, its embeddings being kept.
  init(_ training: RecordedTraining, shards: Int, threads: Int, onlyDecoder: Bool = false) {
    self.training = training
    self.shards = shards
    let parts = min(shards, threads)
    computes = (0..<parts).map { _ in Compute(threads: max(1, threads / parts)) }
    state = TrainingState(training.start, training.configuration)
    frozen = onlyDecoder ? ["image_encoder."] : []
    cache = onlyDecoder ? EmbeddingCache(limit: 2 << 30) : nil
  }

  /// The batch of the step that comes next.
  var batch: [TrainingSample] { training.batches[state.step % training.batches.count] }

  /// Makes the next step.
  mutating func step() throws(ModelError) -> TrainingStep.Outcome {
    var step = training.settings.step(at: state.step, shards: shards)
    step.frozen = frozen
    step.cache = cache
    return try step.run(&state, batch, rate: training.settings.rate(at: state.step), on: computes)
  }

  /// Milliseconds of the encoder's forward pass of each part of a batch side by side, recorded for the way back.
  func encoderTime() throws -> Double {
    let (batch, state, computes) = (batch, state, computes)
    let size = (batch.count + shards - 1) / shards
    let parts = stride(from: 0, to: batch.count, by: size).map {
      Array(batch[$0..<min(batch.count, $0 + size)])
    }
    return milliseconds {
      Compute(threads: computes.count).forEach(parts.count) { index in
        let compute = computes[index % computes.count]
        let tape = Tape()
        let variables = state.parameters.mapValues { tape.variable($0.on(compute)) }
        let parameters = Parameters(variables, on: compute, training: TrainingMode())
        let side = state.configuration.imageSize
        let images = Tensor.concatenating(
          parts[index].map { $0.input.on(compute).reshaped([1, side, side, 3]) })
        guard let encoder = try? ImageEncoder(parameters["image_encoder"], state.configuration) else {
          return
        }
        _ = try? encoder(images)
      }
    }
  }

  /// Milliseconds of the optimiser on gradients of all parameters.
  func optimizerTime() -> Double {
    var state = state
    let gradients = Dictionary(
      uniqueKeysWithValues: state.trainedNames.compactMap { name in
        state.parameters[name].map { (name, Tensor(repeating: 1e-3, shape: $0.shape)) }
      })
    let optimizer = training.settings.optimizer
    // The first step makes the moments, and copies what is shared.
    optimizer.step(&state, gradients: gradients, rate: 1e-6)
    return milliseconds { optimizer.step(&state, gradients: gradients, rate: 1e-6) }
  }
}
