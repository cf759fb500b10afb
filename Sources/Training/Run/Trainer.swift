internal import Evaluation
internal import Modeling
internal import Synchronization
public import Tensors

/// Runs a recipe in a folder: steps, log, checkpoints, measurements; goes on where it was stopped.
public struct Trainer: Sendable {
  /// What is to be done.
  public let recipe: Recipe
  /// Where everything is written.
  public let folder: RunFolder
  private let threads: Int
  private let group: any ProcessGroup
  private let optimizerCompute: Compute

  /// A trainer of a recipe.
  ///
  /// - Parameters:
  ///   - recipe: what is to be done.
  ///   - folder: where everything is written.
  ///   - threads: used at most, whatever the recipe's shards.
  ///   - group: the processes that share the work. Process 0 alone writes; all see the same folder.
  public init(
    _ recipe: Recipe, folder: RunFolder, threads: Int = Compute.processorCount,
    group: any ProcessGroup = SingleProcess()
  ) {
    self.group = group
    self.recipe = recipe
    self.folder = folder
    self.threads = max(1, threads)
    optimizerCompute = Compute(threads: self.threads, roundingProducts: recipe.roundsProducts)
  }

  /// Steps in a row whose gradients are no numbers, after which a training gives up: nothing that follows would be one.
  static let patience = 20

  /// What a training tells while it runs.
  public enum Event: Sendable {
    /// It begins, or goes on from a step; so many numbers are learned.
    case started(step: Int, of: Int, parameters: Int)
    /// A step was made.
    case step(Progress)
    /// The averaged model was measured: mean IoU over the validation sets.
    case measured(step: Int, confident: Double, oracle: Double, box: Double, ninePoints: Double)
    /// A sample that cannot be used was passed over.
    case skipped(String)
    /// A step's gradient was not a number; the weights stay as they were.
    case passedOver(step: Int)
    /// A file was written.
    case saved(path: String)
  }

  /// How far a training is.
  public struct Progress: Sendable {
    /// Steps made, of how many.
    public var step: Int, steps: Int
    /// The stage, from 1, and how many there are.
    public var stage: Int, stages: Int
    /// Running means: the loss, the IoU of the first and the last round; these are no numbers in pre-training.
    public var loss: Double, firstIoU: Double, lastIoU: Double
    /// The learning rate.
    public var rate: Double
    /// Images a second.
    public var speed: Double
    /// Seconds that are left.
    public var left: Double
  }

  /// Trains to the end, or until `isStopped` says so; then everything is saved, to be resumed.
  ///
  /// - Parameters:
  ///   - resumes: whether a run that is in the folder goes on; else it is an error that there is one.
  ///   - isStopped: asked after each step.
  ///   - report: told what happens.
  /// - Returns: whether the recipe's last step was made.
  /// - Throws: ``TrainingError``.
  @discardableResult
  public func run(
    resumes: Bool = true, isStopped: () -> Bool = { false },
    report: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws(TrainingError) -> Bool {
    let leads = group.rank == 0
    // Of other processes all is known but what is wrong with their samples.
    let tell: (Event) -> Void = { if leads { report($0) } }
    let skip = Trainer.once { report(.skipped($0)) }
    if leads { try folder.prepare(recipe, resumes: resumes) }
    let sources = try recipe.sources()
    let validation = try leads ? recipe.validation.sources() : []
    var (state, draws) = try begin()
    tell(.started(step: state.step, of: recipe.steps, parameters: recipe.learnedCount(of: state.parameters)))
    let computes = self.computes
    var log = TrainingLog(folder.log, upTo: state.step)
    var meter = Meter(recipe.stages)
    var unusable = 0

    while let (stage, number, first) = recipe.stage(of: state.step) {
      state.configuration.imageSize = stage.size
      let cache = EmbeddingCache(limit: recipe.cacheBytes)
      let loader = BatchLoader(
        sources, settings(stage, batch: stage.batch), position: draws,
        BatchPartition(stage.batch, shards: recipe.shards, rank: group.rank, of: group.count),
        of: group, report: skip)
      for step in first..<stage.steps {
        let batch = try loader.next()
        draws = batch.end
        let rate = stage.rate * stage.schedule.factor(step: step, of: stage.steps, warmup: stage.warmup)
        let outcome = try self.step(at: state.step, of: stage, cache).run(
          &state, batch.samples, loader.partition, rate: Float(rate), on: computes, with: group)
        if outcome.isApplied {
          unusable = 0
        } else {
          unusable += 1
          tell(.passedOver(step: state.step))
          guard unusable < Trainer.patience else { throw .diverged(step: state.step, steps: unusable) }
        }
        let isLast = step == stage.steps - 1
        let progress = meter.add(outcome, step: state.step, of: number, place: step, rate: rate)
        tell(.step(progress))
        if isLast || state.step % 20 == 0 {
          log.append(meter.line(progress, gradient: outcome.gradientLength))
        }
        let isAsked = isStopped()
        let stops = try together { (group) throws(ProcessGroupError) in try group.isAny(isAsked) }
        if leads, isLast || state.step % recipe.validation.every == 0,
          let summary = try measure(state, validation, skipped: skip)
        {
          log.append(meter.line(summary, step: state.step))
          tell(
            .measured(
              step: state.step, confident: summary.points(1) ?? .nan, oracle: summary.oracle,
              box: summary.box,
              ninePoints: summary.points(9) ?? .nan))
          meter.restart()
        }
        if isLast || stops || state.step % recipe.checkpointEvery == 0 {
          try agree(on: state, draws: draws)
          if leads { try save(state, draws: draws, log) }
          tell(.saved(path: folder.state))
        }
        if isLast, leads {
          report(.saved(path: try writeModel(state, folded: false, to: folder.stage(number + 1))))
        }
        // After the last step nothing is left to stop.
        if stops, state.step < recipe.steps { return false }
      }
    }
    // A run that ended between its last state and its model comes here without a step.
    if let last = recipe.stages.last { state.configuration.imageSize = last.size }
    if leads { report(.saved(path: try writeModel(state, folded: true, to: folder.model))) }
    return true
  }

  /// Tells each text the first time only: stages and measurements come to the same samples again.
  private static func once(_ tell: @escaping @Sendable (String) -> Void) -> @Sendable (String) -> Void {
    let told = Told()
    return { text in
      if told.texts.withLock({ $0.insert(text).inserted }) { tell(text) }
    }
  }

  private final class Told: Sendable {
    let texts = Mutex<Set<String>>([])
  }

  /// One for each part of a batch that is worked on at a time.
  var computes: [Compute] {
    let shards = min((recipe.shards + group.count - 1) / group.count, threads)
    return (0..<shards).map { _ in
      Compute(threads: max(1, threads / shards), roundingProducts: recipe.roundsProducts)
    }
  }

  /// How batches of a stage are made.
  func settings(_ stage: Recipe.Stage, batch: Int) -> BatchLoader.Settings {
    BatchLoader.Settings(
      batch: batch, size: stage.size, masksPerImage: stage.masksPerImage ?? recipe.masksPerImage,
      augmentation: recipe.augmentation, seed: recipe.seed, needsMasks: recipe.pretraining == nil)
  }

  /// The settings of a step, from 0, of a stage.
  func step(at index: Int, of stage: Recipe.Stage, _ cache: EmbeddingCache) -> TrainingStep {
    var objective = recipe.objective
    objective.prompts.pointRounds = stage.pointRounds ?? objective.prompts.pointRounds
    objective.loss.crossEntropy *=
      recipe.crossEntropySteps > 0 ? max(0, 1 - Float(index) / Float(recipe.crossEntropySteps)) : 1
    var step = TrainingStep(
      objective: objective, optimizer: recipe.optimizer, mode: recipe.mode, frozen: recipe.frozen,
      shards: recipe.shards, seed: recipe.seed)
    step.cache = cache
    step.adapters = recipe.adapters
    step.pretraining = recipe.pretraining
    step.optimizerCompute = optimizerCompute
    return step
  }

  /// The state to begin with, the same in all processes.
  private func begin() throws(TrainingError) -> (state: TrainingState, draws: Int) {
    guard group.count <= recipe.shards else {
      throw .processes(.tooMany(processes: group.count, shards: recipe.shards))
    }
    // Nobody reads the folder before process 0 has prepared it.
    _ = try together { (group) throws(ProcessGroupError) in try group.isAny(false) }
    var begun = (state: try start(), draws: 0)
    if folder.hasState { begun = try TrainingState.read(folder.state, begun.state.configuration) }
    try agree(on: begun.state, draws: begun.draws)
    return begun
  }

  /// The state before the recipe's first step.
  func start() throws(TrainingError) -> TrainingState {
    var (parameters, configuration) = try recipe.startingPoint()
    if let adapters = recipe.adapters { parameters = adapters.added(to: parameters, seed: recipe.seed) }
    try recipe.check(parameters, configuration)
    return TrainingState(parameters, configuration)
  }

  /// Checks that all processes are where process 0 is, before that is written or gone on from.
  private func agree(on state: TrainingState, draws: Int) throws(TrainingError) {
    guard group.count > 1 else { return }
    try together { (group) throws(ProcessGroupError) in
      try group.agree(on: state.digest(draws: draws))
    }
  }

  private func together<Value>(
    _ body: (any ProcessGroup) throws(ProcessGroupError) -> Value
  ) throws(TrainingError) -> Value {
    do throws(ProcessGroupError) { return try body(group) } catch { throw .processes(error) }
  }
}
