internal import Checkpoints
internal import Modeling
internal import Tensors

extension TrainingState {
  private static let marker = "sam-training-state"

  /// Writes all that a resumed training needs, so that it goes on bit for bit as if it had not been stopped.
  ///
  /// - Parameters:
  ///   - path: where to write.
  ///   - draws: samples drawn so far.
  func write(to path: String, draws: Int) throws(TrainingError) {
    var tensors: [String: Tensor] = [:]
    for (group, values) in groups {
      for (name, tensor) in values { tensors["\(group).\(name)"] = tensor }
    }
    do throws(CheckpointError) {
      try Checkpoint.write(
        tensors, metadata: ["format": TrainingState.marker, "step": String(step), "draws": String(draws)],
        to: path)
    } catch {
      throw .checkpoint(error)
    }
  }

  private var groups: [(String, [String: Tensor])] {
    [
      ("parameters", parameters), ("first", firstMoments), ("second", secondMoments), ("average", averages),
    ]
  }

  /// Reads a state back.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - configuration: the model's sizes.
  /// - Returns: the state, and samples drawn.
  static func read(
    _ path: String, _ configuration: ModelConfiguration
  ) throws(TrainingError) -> (state: TrainingState, draws: Int) {
    let checkpoint: Checkpoint
    do throws(CheckpointError) {
      checkpoint = try Checkpoint(contentsOfFile: path)
    } catch {
      throw .checkpoint(error)
    }
    guard checkpoint.metadata["format"] == marker else {
      throw .notATrainingCheckpoint(path: path, reason: "it is a checkpoint of another kind")
    }
    guard let step = checkpoint.metadata["step"].flatMap({ Int($0) }),
      let draws = checkpoint.metadata["draws"].flatMap({ Int($0) }), step >= 0, draws >= 0
    else { throw .notATrainingCheckpoint(path: path, reason: "its number of steps is missing") }
    var groups: [Substring: [String: Tensor]] = [:]
    for (name, tensor) in checkpoint.tensors {
      guard let dot = name.firstIndex(of: ".") else { continue }
      // Out of the mapped file, which is replaced while training goes on.
      groups[name[..<dot], default: [:]][String(name[name.index(after: dot)...])] = Tensor(
        tensor.elements, shape: tensor.shape)
    }
    var state = TrainingState(groups["parameters"] ?? [:], configuration)
    state.step = step
    state.firstMoments = groups["first"] ?? [:]
    state.secondMoments = groups["second"] ?? [:]
    state.averages = groups["average"] ?? [:]
    guard !state.parameters.isEmpty, Set(state.averages.keys) == Set(state.parameters.keys) else {
      throw .notATrainingCheckpoint(path: path, reason: "its parameters and their averages differ")
    }
    return (state, draws)
  }
}
