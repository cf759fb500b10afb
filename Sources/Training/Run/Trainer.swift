internal import Checkpoints
internal import Datasets
internal import Evaluation
internal import Files
internal import Modeling
internal import SegmentAnything
public import Tensors

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Runs a recipe in a folder: steps, log, checkpoints, measurements; goes on where it was stopped.
public struct Trainer: Sendable {
  /// What is to be done.
  public let recipe: Recipe
  /// Where everything is written.
  public let folder: RunFolder
  private let threads: Int

  /// A trainer of a recipe.
  ///
  /// - Parameters:
  ///   - recipe: what is to be done.
  ///   - folder: where everything is written.
  ///   - threads: used at most, whatever the recipe's shards.
  public init(_ recipe: Recipe, folder: RunFolder, threads: Int = Compute.processorCount) {
    self.recipe = recipe
    self.folder = folder
    self.threads = max(1, threads)
  }

  /// What a training tells while it runs.
  public enum Event: Sendable {
    /// It begins, or goes on from a step.
    case started(step: Int, of: Int, parameters: Int)
    /// A step was made.
    case step(Progress)
    /// The averaged model was measured: mean IoU over the validation sets.
    case measured(step: Int, confident: Double, oracle: Double, box: Double, ninePoints: Double)
    /// A sample that cannot be used was passed over.
    case skipped(String)
    /// A file was written.
    case saved(path: String)
  }

  /// How far a training is.
  public struct Progress: Sendable {
    /// Steps made, of how many.
    public var step: Int, steps: Int
    /// The stage, from 1, and how many there are.
    public var stage: Int, stages: Int
    /// Running means: the loss, the IoU of the first and the last round.
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
    try folder.prepare(recipe, resumes: resumes)
    let sources = try recipe.sources()
    var (state, draws) = try begin()
    report(
      .started(
        step: state.step, of: recipe.steps,
        parameters: state.trainedNames.reduce(0) { $0 + (state.parameters[$1]?.count ?? 0) }))
    let shards = min(recipe.shards, threads)
    let computes = (0..<shards).map { _ in Compute(threads: max(1, threads / shards)) }
    var log = TrainingLog(folder.log, upTo: state.step)
    var meter = Meter(steps: recipe.steps, first: state.step)

    while let (stage, number, first) = recipe.stage(of: state.step) {
      state.configuration.imageSize = stage.size
      let cache = EmbeddingCache(limit: recipe.cacheBytes)
      let loader = BatchLoader(
        sources,
        BatchLoader.Settings(
          batch: stage.batch, size: stage.size, masksPerImage: recipe.masksPerImage,
          augmentation: recipe.augmentation, seed: recipe.seed, needsMasks: recipe.pretraining == nil),
        position: draws
      ) { report(.skipped($0)) }
      for step in first..<stage.steps {
        let batch = try loader.next()
        draws = batch.end
        let rate = stage.rate * stage.schedule.factor(step: step, of: stage.steps, warmup: stage.warmup)
        let outcome: TrainingStep.Outcome
        do throws(ModelError) {
          outcome = try self.step(at: state.step, cache).run(
            &state, batch.samples, rate: Float(rate), on: computes)
        } catch {
          throw .model(error)
        }
        let progress = meter.add(
          outcome, step: state.step, stage: number + 1, stages: recipe.stages.count, rate: rate,
          images: batch.samples.count)
        report(.step(progress))
        if state.step % 20 == 0 { log.append(meter.line(progress, gradient: outcome.gradientLength)) }
        let isLast = step == stage.steps - 1
        let stops = isStopped()
        if isLast || state.step % recipe.validation.every == 0,
          let summary = try recipe.validation.measure(
            foldingBatchNorms(recipe.adapters?.applied(to: state.averages) ?? state.averages),
            state.configuration)
        {
          log.append(meter.line(summary, step: state.step))
          report(
            .measured(
              step: state.step, confident: summary.points(1) ?? .nan, oracle: summary.oracle,
              box: summary.box,
              ninePoints: summary.points(9) ?? .nan))
          meter.restart()
        }
        if isLast || stops || state.step % recipe.checkpointEvery == 0 {
          try save(state, draws: draws, log)
          report(.saved(path: folder.state))
        }
        if isLast { report(.saved(path: try writeModel(state, folded: false, to: folder.stage(number + 1)))) }
        if stops { return state.step >= recipe.steps }
      }
    }
    report(.saved(path: try writeModel(state, folded: true, to: folder.model)))
    return true
  }

  /// The settings of a step, from 0.
  private func step(at index: Int, _ cache: EmbeddingCache) -> TrainingStep {
    var objective = recipe.objective
    objective.loss.crossEntropy *=
      recipe.crossEntropySteps > 0 ? max(0, 1 - Float(index) / Float(recipe.crossEntropySteps)) : 1
    var step = TrainingStep(
      objective: objective, optimizer: recipe.optimizer, mode: recipe.mode, frozen: recipe.frozen,
      shards: recipe.shards, seed: recipe.seed)
    step.cache = cache
    step.adapters = recipe.adapters
    step.pretraining = recipe.pretraining
    return step
  }

  private func begin() throws(TrainingError) -> (state: TrainingState, draws: Int) {
    var (parameters, configuration) = try recipe.startingPoint()
    if let adapters = recipe.adapters { parameters = adapters.added(to: parameters, seed: recipe.seed) }
    guard folder.hasState else { return (TrainingState(parameters, configuration), 0) }
    return try TrainingState.read(folder.state, configuration)
  }

  private func save(_ state: TrainingState, draws: Int, _ log: TrainingLog) throws(TrainingError) {
    do throws(FileError) { try log.save() } catch { throw .file(error) }
    try state.write(to: folder.state, draws: draws)
  }

  /// Writes the averaged model in half precision: with batch norms, so that another training can begin with it, or folded.
  private func writeModel(
    _ state: TrainingState, folded: Bool, to path: String
  ) throws(TrainingError) -> String {
    guard recipe.pretraining == nil else { return try writeEncoder(state, to: path) }
    let merged = recipe.adapters?.applied(to: state.averages) ?? state.averages
    let parameters = folded ? foldingBatchNorms(merged) : merged
    do throws(CheckpointError) {
      try RecognizedModel.write(
        parameters, state.configuration, name: "trained", metadata: ["steps": String(state.step)], half: true,
        to: path)
    } catch {
      throw .checkpoint(error)
    }
    return path
  }
}

extension Trainer {
  /// What pre-training is for: the encoder alone, with its batch norms.
  private func writeEncoder(_ state: TrainingState, to path: String) throws(TrainingError) -> String {
    do throws(CheckpointError) {
      try RecognizedModel.write(
        state.averages.filter { $0.key.hasPrefix("image_encoder.") }, state.configuration,
        name: "pre-trained",
        metadata: ["steps": String(state.step)], half: true, to: path)
    } catch {
      throw .checkpoint(error)
    }
    return path
  }
}

extension Recipe {
  /// The datasets, opened.
  func sources() throws(TrainingError) -> [BatchLoader.Source] {
    var sources: [BatchLoader.Source] = []
    for item in data {
      for path in try Recipe.expanded(item.path) {
        let dataset = try source(path)
        sources.append(
          BatchLoader.Source(dataset, weight: item.weight ?? Double(dataset.count).squareRoot()))
      }
    }
    if syntheticWeight > 0 {
      let others = sources.reduce(0) { $0 + $1.weight }
      // Scenes are of the size of the largest stage, and so many that none is seen twice.
      let size = stages.map(\.size).max() ?? 256
      sources.append(
        BatchLoader.Source(
          SyntheticScenes(count: 1_000_000, width: size, height: size * 3 / 4, seed: seed),
          weight: syntheticWeight * (others > 0 ? others : 1)))
    }
    guard !sources.isEmpty else { throw .noSamples }
    return sources
  }

  /// A dataset; for pre-training all pictures in a folder.
  private func source(_ path: String) throws(TrainingError) -> any DatasetSource {
    if pretraining != nil, Folder.isFolder(path) {
      do throws(FileError) { return try PictureFolder(path) } catch { throw .file(error) }
    }
    do throws(DatasetError) { return try openDataset(path) } catch { throw .dataset(error) }
  }

  /// A path, or the folders that `PATH/*` stands for, in order.
  static func expanded(_ path: String) throws(TrainingError) -> [String] {
    guard path.hasSuffix("/*") else { return [path] }
    let parent = String(path.dropLast(2))
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: parent) else {
      throw .file(.notAFolder(path: parent))
    }
    return names.filter { !$0.hasPrefix(".") }.sorted().map { "\(parent)/\($0)" }.filter(Folder.isFolder)
  }

  /// The parameters that the training begins with.
  func startingPoint() throws(TrainingError) -> ([String: Tensor], ModelConfiguration) {
    switch start {
    case .random(let configuration, let encoder):
      var parameters: [String: Tensor]
      do throws(ModelError) {
        parameters = try initialization.parameters(configuration, pretraining: pretraining)
      } catch {
        throw .model(error)
      }
      if let encoder { try Recipe.replaceEncoder(of: &parameters, by: encoder) }
      return (parameters, configuration)
    case .checkpoint(let path):
      let checkpoint = try Recipe.checkpoint(path)
      do throws(RecognitionError) {
        let model = try RecognizedModel(checkpoint)
        return (model.parameters.mapValues { Tensor($0.elements, shape: $0.shape) }, model.configuration)
      } catch {
        throw .notATrainingCheckpoint(path: path, reason: error.description)
      }
    case .embedded:
      do throws(SAMError) {
        let model = try RecognizedModel.embedded()
        return (model.parameters.mapValues { Tensor($0.elements, shape: $0.shape) }, model.configuration)
      } catch {
        throw .notATrainingCheckpoint(path: "the model inside", reason: error.description)
      }
    }
  }

  private static func checkpoint(_ path: String) throws(TrainingError) -> Checkpoint {
    do throws(CheckpointError) { return try Checkpoint(contentsOfFile: path) } catch {
      throw .checkpoint(error)
    }
  }

  /// Puts an encoder's parameters in the place of random ones; those of other shapes are tables of positions for other sizes, which stay
  /// as they are.
  private static func replaceEncoder(
    of parameters: inout [String: Tensor], by path: String
  ) throws(TrainingError) {
    var replaced = 0
    for (name, tensor) in try checkpoint(path).tensors {
      let full = name.hasPrefix("image_encoder.") ? name : "image_encoder." + name
      guard let old = parameters[full], old.shape == tensor.shape else { continue }
      parameters[full] = Tensor(tensor.elements, shape: tensor.shape)
      replaced += 1
    }
    let count = parameters.keys.count { $0.hasPrefix("image_encoder.") }
    guard replaced > 0, 2 * replaced > count else {
      throw .notATrainingCheckpoint(
        path: path,
        reason: "\(replaced) of the encoder's \(count) tensors are in it, under their names and shapes")
    }
  }
}
