internal import Checkpoints
internal import Datasets
internal import Files
internal import Imaging
internal import Modeling

extension TrainingError: CustomStringConvertible {
  /// One line that names the file, where there is one.
  public var description: String {
    switch self {
    case .noSamples: "no image with masks among the samples drawn"
    case .dataset(let error): error.description
    case .recipe(let path, let line, let problem):
      "\(path)\(line.map { ":\($0)" } ?? ""): \(problem.description)"
    case .model(let error): error.description
    case .checkpoint(let error): error.description
    case .notATrainingCheckpoint(let path, let reason): "\(path): not the state of a training: \(reason)"
    case .notAModel(let path, let reason): "\(path): cannot be begun with: \(reason)"
    case .otherRecipe(let folder):
      "\(folder): holds a run of another recipe; give another folder, or the recipe that is in it"
    case .runExists(let folder): "\(folder): holds a run already; resume it, or give another folder"
    case .diverged(let step, let steps):
      "step \(step): the gradients of \(steps) steps in a row are not numbers; "
        + "lower the learning rate or give the optimizer a clip, and begin anew or from the last stage"
    case .processes(let error): error.description
    case .image(let error): error.description
    case .file(let error): error.description
    }
  }
}

extension TrainingError.RecipeProblem: CustomStringConvertible {
  /// A part of a line.
  public var description: String {
    switch self {
    case .syntax(let text): text
    case .unknownKey(let key, let known): "unknown key \(key); there are \(known.joined(separator: ", "))"
    case .missing(let key): "\(key) is missing"
    case .value(let key, let expected): "\(key) must be \(expected)"
    }
  }
}
