internal import Checkpoints
internal import Datasets
internal import Evaluation
internal import Files
internal import Imaging
internal import SegmentAnything

extension Trainer {
  /// Writes what happened and what a resumed run goes on from; the state last, so that it never is ahead of the log.
  func save(_ state: TrainingState, draws: Int, _ log: TrainingLog) throws(TrainingError) {
    do throws(FileError) {
      try log.save()
      try AtomicFile.write(Array(TrainingCurves(recipe, log: log.entries).svg.utf8), to: folder.curves)
    } catch {
      throw .file(error)
    }
    try state.write(to: folder.state, draws: draws)
  }

  /// Writes the averaged model in half precision: with batch norms, so that another training can begin with it, or folded.
  func writeModel(
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

  /// Measures the averaged model, and writes a sheet of samples.
  ///
  /// - Parameter skipped: told of samples that cannot be read.
  /// - Returns: the measurement; nil where there is nothing to measure on.
  func measure(
    _ state: TrainingState, _ sources: [any DatasetSource], skipped: (String) -> Void
  ) throws(TrainingError) -> PointSummary? {
    guard !sources.isEmpty else { return nil }
    let model = try Recipe.Validation.model(
      foldingBatchNorms(recipe.adapters?.applied(to: state.averages) ?? state.averages), state.configuration)
    let summary = recipe.validation.measure(model, sources, skipped: skipped)
    if let sheet = SampleSheet(model, sources) {
      let path = folder.samples(step: state.step)
      do throws(FileError) { try Folder.make(folder.path + "/samples") } catch { throw .file(error) }
      do throws(ImageError) { try sheet.image.write(to: path) } catch { throw .image(error) }
    }
    return summary
  }

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
