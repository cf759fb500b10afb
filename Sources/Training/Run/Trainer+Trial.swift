internal import Datasets
internal import Modeling
internal import Tensors

extension Trainer {
  /// What a stage of a recipe costs on this machine.
  public struct Trial: Sendable {
    /// The stage.
    public var stage: Recipe.Stage
    /// Images of a step that was tried.
    public var images: Int
    /// Seconds that a step on the stage's whole batch takes, by what those images took.
    public var seconds: Double
  }

  /// Makes some steps of each stage to find what they cost, and writes nothing.
  ///
  /// A step is tried on as many images as are worked on side by side: the others of a batch follow them, and take their time, but not more
  /// memory.
  ///
  /// - Parameters:
  ///   - steps: of each stage; the shortest counts, because the first ones find nothing ready.
  ///   - report: told what happens, and of each stage when it has been tried.
  /// - Throws: ``TrainingError`` as ``run(resumes:isStopped:report:)`` does.
  public func trial(
    steps: Int, report: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws(TrainingError) -> [Trial] {
    let sources = try recipe.sources()
    var state = try start()
    report(
      .started(
        step: 0, of: steps * recipe.stages.count, parameters: recipe.learnedCount(of: state.parameters)))
    let computes = self.computes
    var trials: [Trial] = []
    var draws = 0
    for stage in recipe.stages {
      state.configuration.imageSize = stage.size
      let part = (stage.batch + recipe.shards - 1) / recipe.shards
      let images = min(stage.batch, computes.count * part)
      let partition = BatchPartition(images, shards: computes.count)
      let loader = BatchLoader(sources, settings(stage, batch: images), position: draws) {
        report(.skipped($0))
      }
      let cache = EmbeddingCache(limit: recipe.cacheBytes)
      var seconds = Double.infinity
      for _ in 0..<max(1, steps) {
        let batch = try loader.next()
        draws = batch.end
        let begin = ContinuousClock.now
        _ = try step(at: state.step, of: stage, cache).run(
          &state, batch.samples, partition, rate: 0, on: computes, with: SingleProcess())
        seconds = min(seconds, (ContinuousClock.now - begin) / .seconds(1))
      }
      trials.append(
        Trial(stage: stage, images: images, seconds: seconds * Double(stage.batch) / Double(images)))
    }
    return trials
  }
}
