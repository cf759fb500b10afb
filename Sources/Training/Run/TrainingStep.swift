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
  /// Where the optimiser runs.
  public var optimizerCompute = Compute.shared
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
    /// Whether anything was learned. A step whose gradient is not a number leaves all as it is, but for the count of steps.
    public var isApplied = true
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
    try run(
      &state, samples, BatchPartition(samples.count, shards: shards), rate: rate, on: computes)
  }

  private func run(
    _ state: inout TrainingState, _ samples: [TrainingSample], _ partition: BatchPartition, rate: Float,
    on computes: [Compute]
  ) throws(ModelError) -> Outcome {
    let ordered = Mutex(OrderedSums())
    try forEachPart(state, samples, partition, on: computes) { index, part in
      ordered.withLock { $0.add(part, at: index) }
    }
    return update(&state, ordered.withLock { $0.sums }, rate: rate)
  }

  /// Makes a step together with other processes, each of which has a part of the batch; all come to the same state.
  ///
  /// - Parameters:
  ///   - samples: this process's, in their order.
  ///   - partition: which of the batch they are.
  ///   - group: the processes.
  func run(
    _ state: inout TrainingState, _ samples: [TrainingSample], _ partition: BatchPartition, rate: Float,
    on computes: [Compute], with group: any ProcessGroup
  ) throws(TrainingError) -> Outcome {
    let found = Mutex<[Int: StepSums.Part]>([:])
    do throws(ModelError) {
      guard group.count > 1 else { return try run(&state, samples, partition, rate: rate, on: computes) }
      // Sums of others' parts come first, so that this process's are kept until those are here.
      try forEachPart(state, samples, partition, on: computes) { index, part in
        found.withLock { $0[index] = part }
      }
    } catch {
      throw .model(error)
    }
    let parts = found.withLock { found in partition.parts.indices.compactMap { found[$0] } }
    do throws(ProcessGroupError) {
      return update(
        &state, try StepSums(parts, over: group, parameters: state.parameters), rate: rate)
    } catch {
      throw .processes(error)
    }
  }

  /// The optimiser's part of a step.
  private func update(_ state: inout TrainingState, _ sums: StepSums, rate: Float) -> Outcome {
    let gradients = sums.tensors.filter { TrainingState.isTrained($0.key) }.mapValues {
      $0.on(optimizerCompute)
    }
    let length = optimizer.step(&state, gradients: gradients, rate: rate)
    let outcome = Outcome(objective: sums.outcome, gradientLength: length, isApplied: length.isFinite)
    // What batch norms found is then no number either, and would stay in their averages for good.
    guard outcome.isApplied else { return outcome }
    // Running averages of batch norms follow those of the batch, as in PyTorch a tenth of the way.
    for (name, tensor) in sums.tensors where !TrainingState.isTrained(name) {
      guard var running = state.parameters.removeValue(forKey: name) else { continue }
      running.approach(tensor, by: 0.1)
      state.parameters[name] = running
    }
    return outcome
  }

  /// Runs the parts side by side.
  ///
  /// - Parameters:
  ///   - samples: those of the partition's places.
  ///   - take: gets what each came to, in any order, from any thread.
  private func forEachPart(
    _ state: TrainingState, _ samples: [TrainingSample], _ partition: BatchPartition,
    on computes: [Compute], _ take: @Sendable (_ index: Int, _ part: StepSums.Part) -> Void
  ) throws(ModelError) {
    let failure = Mutex<ModelError?>(nil)
    let begin = partition.places.lowerBound
    Compute(threads: computes.count).forEach(partition.parts.count) { index in
      let range = partition.parts[index]
      do throws(ModelError) {
        take(
          index,
          try part(
            state, Array(samples[range.lowerBound - begin..<range.upperBound - begin]),
            first: range.lowerBound, total: partition.total, on: computes[index % computes.count]))
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  private func part(
    _ state: TrainingState, _ samples: [TrainingSample], first: Int, total: Int, on compute: Compute
  ) throws(ModelError) -> StepSums.Part {
    let tape = Tape()
    var values: [String: Tensor] = [:]
    var variables: [String: Tensor] = [:]
    for (name, tensor) in state.parameters {
      let here = tensor.on(compute)
      if isTrained(name) {
        let variable = tape.variable(here)
        variables[name] = variable
        values[name] = variable
      } else {
        values[name] = here
      }
    }
    if let adapters { values = adapters.applied(to: values) }
    let encoderRests = !variables.keys.contains { $0.hasPrefix("image_encoder.") }
    var random = SplitMix64(seed: seed, 4, state.step, first)
    var settings = self.mode
    // A part that rests does as at inference.
    settings.freezesBatchNorm = settings.freezesBatchNorm || encoderRests
    if encoderRests { settings.dropPath = 0 }
    let mode = TrainingMode(settings, seed: random.next())
    let parameters = Parameters(values, on: compute, training: mode)
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
    var tensors: [String: Tensor] = [:]
    for (name, variable) in variables {
      if let gradient = tape.gradient(of: variable) { tensors[name] = gradient }
    }
    // A part counts in a batch norm's averages by its images.
    let share = Float(samples.count) / Float(total)
    for (prefix, found) in mode.statistics {
      for (name, tensor) in [("running_mean", found.mean), ("running_var", found.variance)] {
        tensors[prefix + name] = Tensor(tensor.elements.map { $0 * share }, shape: tensor.shape)
      }
    }
    return StepSums.Part(outcome: outcome, tensors: tensors)
  }

  /// Whether a parameter is learned in this training.
  private func isTrained(_ name: String) -> Bool {
    TrainingState.isTrained(name, frozen: frozen, adapters: adapters)
  }
}
