public import Modeling
internal import Statistics
internal import Synchronization
public import Tensors

/// One step of a training: forward and back on a batch, then the optimiser.
public struct TrainingStep: Sendable {
  /// What is minimised.
  public var objective: Objective
  /// Pre-training of the encoder in place of ``objective``.
  public var pretraining: MaskedAutoencoding?
  /// How weights follow gradients.
  public var optimizer: AdamW
  /// Drop path, recomputation, …
  public var mode: TrainingMode.Settings
  /// Parameters whose names begin with one of these rest.
  public var frozen: [String]
  /// Parts of a batch that run side by side, each on its own threads. What batch norms see is one part. The numbers that come out
  /// depend on it, and not on the number of threads.
  public var shards: Int
  /// Decides on prompts and what is dropped.
  public var seed: UInt64
  /// Keeps what a frozen encoder makes of pictures that are always prepared alike.
  public var cache: EmbeddingCache?
  /// Low-rank changes of the encoder's layers, in place of the layers themselves.
  public var adapters: LowRankAdapters?

  /// A step of the given parts.
  public init(
    objective: Objective, optimizer: AdamW, mode: TrainingMode.Settings = .init(), frozen: [String] = [],
    shards: Int = 1, seed: UInt64 = 0
  ) {
    self.objective = objective
    self.optimizer = optimizer
    self.mode = mode
    self.frozen = frozen
    self.shards = max(1, shards)
    self.seed = seed
  }

  /// What a step came to.
  public struct Outcome: Sendable {
    /// Loss and IoUs, means over the batch.
    public var objective = Objective.Outcome()
    /// The length of the gradient before it was clipped.
    public var gradientLength = 0.0
  }

  /// What one part of the batch came to.
  private struct Part: Sendable {
    var outcome: Objective.Outcome
    var gradients: [String: Tensor]
    var statistics: [String: Tensor.BatchStatistics]
    var share: Float
  }

  /// Makes a step.
  ///
  /// - Parameters:
  ///   - state: is brought up to date.
  ///   - samples: the batch.
  ///   - rate: the learning rate.
  ///   - computes: one for each part of the batch.
  /// - Throws: ``ModelError`` where the parameters are no model.
  public func run(
    _ state: inout TrainingState, _ samples: [TrainingSample], rate: Float, on computes: [Compute]
  ) throws(ModelError) -> Outcome {
    let parts = try self.parts(state, samples, on: computes)
    var outcome = Outcome()
    var gradients: [String: Tensor] = [:]
    for part in parts {
      outcome.objective.loss += part.outcome.loss
      outcome.objective.firstIoU += part.outcome.firstIoU
      outcome.objective.lastIoU += part.outcome.lastIoU
      outcome.objective.iouError += part.outcome.iouError
      for (name, gradient) in part.gradients {
        let gathered = gradients.removeValue(forKey: name)
        gradients[name] = gathered.map { $0.adding(gradient) } ?? gradient
      }
    }
    gradients = gradients.mapValues { $0.on(.shared) }
    outcome.gradientLength = optimizer.step(&state, gradients: gradients, rate: rate)
    updateStatistics(&state, parts)
    return outcome
  }

  private func parts(
    _ state: TrainingState, _ samples: [TrainingSample], on computes: [Compute]
  ) throws(ModelError) -> [Part] {
    let count = min(shards, samples.count)
    let size = (samples.count + count - 1) / count
    let results = Mutex<[Int: Result<Part, ModelError>]>([:])
    Compute(threads: computes.count).forEach(count) { index in
      let range = index * size..<min(samples.count, (index + 1) * size)
      let result = Result { () throws(ModelError) in
        try part(
          state, Array(samples[range]), first: range.lowerBound, total: samples.count,
          on: computes[index % computes.count])
      }
      results.withLock { $0[index] = result }
    }
    var parts: [Part] = []
    for index in 0..<count {
      if let result = results.withLock({ $0[index] }) { parts.append(try result.get()) }
    }
    return parts
  }

  private func part(
    _ state: TrainingState, _ samples: [TrainingSample], first: Int, total: Int, on compute: Compute
  ) throws(ModelError) -> Part {
    let tape = Tape()
    var tensors: [String: Tensor] = [:]
    var variables: [String: Tensor] = [:]
    for (name, tensor) in state.parameters {
      let here = tensor.on(compute)
      if isTrained(name) {
        let variable = tape.variable(here)
        variables[name] = variable
        tensors[name] = variable
      } else {
        tensors[name] = here
      }
    }
    if let adapters { tensors = adapters.applied(to: tensors) }
    let encoderRests = !variables.keys.contains { $0.hasPrefix("image_encoder.") }
    var random = SplitMix64(seed: seed, 4, state.step, first)
    var settings = self.mode
    // A part that rests does as at inference.
    settings.freezesBatchNorm = settings.freezesBatchNorm || encoderRests
    if encoderRests { settings.dropPath = 0 }
    let mode = TrainingMode(settings, seed: random.next())
    let parameters = Parameters(tensors, on: compute, training: mode)
    let local = samples.map { sample in
      var sample = sample
      sample.input = sample.input.on(compute)
      return sample
    }
    let streams = samples.indices.map { SplitMix64(seed: seed, 5, state.step, first + $0) }
    let outcome: Objective.Outcome
    if let pretraining {
      outcome = try pretraining.run(
        parameters, state.configuration, local, weight: 1 / Double(total), random: streams, on: tape)
    } else if encoderRests {
      let model = try TrainedModel(parameters, state.configuration)
      // Picture by picture, so that an embedding can be kept.
      var encoded: [ImageEncoder.Output] = []
      for sample in local {
        let input = sample.input.reshaped([1, sample.input.shape[0], sample.input.shape[1], 3])
        guard let cache else {
          encoded.append(try model.imageEncoder(input))
          continue
        }
        encoded.append(
          try cache.output(sample.identity) { () throws(ModelError) in try model.imageEncoder(input) })
      }
      outcome = objective.run(
        model, encoded, local, weight: 1 / Double(total), random: streams, on: tape)
    } else {
      let model = try TrainedModel(parameters, state.configuration)
      outcome = try objective.run(model, local, weight: 1 / Double(total), random: streams, on: tape)
    }
    var gradients: [String: Tensor] = [:]
    for (name, variable) in variables {
      if let gradient = tape.gradient(of: variable) { gradients[name] = gradient }
    }
    return Part(
      outcome: outcome, gradients: gradients, statistics: mode.statistics,
      share: Float(samples.count) / Float(total))
  }

  /// Whether a parameter is learned in this training.
  private func isTrained(_ name: String) -> Bool {
    guard TrainingState.isTrained(name), !frozen.contains(where: name.hasPrefix) else { return false }
    return adapters?.leaves(name) ?? true
  }

  /// Running averages of batch norms follow those of the batch, as in PyTorch a tenth of the way.
  private func updateStatistics(_ state: inout TrainingState, _ parts: [Part]) {
    var found: [String: Tensor] = [:]
    for part in parts {
      for (prefix, statistics) in part.statistics {
        for (name, tensor) in [("running_mean", statistics.mean), ("running_var", statistics.variance)] {
          let share = Tensor(tensor.elements.map { $0 * part.share }, shape: tensor.shape)
          found[prefix + name] = found[prefix + name].map { $0.adding(share) } ?? share
        }
      }
    }
    for (name, tensor) in found {
      guard var running = state.parameters.removeValue(forKey: name) else { continue }
      running.approach(tensor, by: 0.1)
      state.parameters[name] = running
    }
  }
}
