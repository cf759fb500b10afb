public import Checkpoints
public import Datasets
public import Files
public import Imaging
public import Modeling

/// Why a training cannot begin or go on.
public enum TrainingError: Error, Sendable {
  /// Nothing that is drawn can be used: all samples are damaged or have no masks.
  case noSamples
  /// A dataset cannot be opened.
  case dataset(DatasetError)
  /// A recipe cannot be understood.
  case recipe(path: String, line: Int?, RecipeProblem)
  /// A model cannot be made of the parameters.
  case model(ModelError)
  /// A checkpoint cannot be read.
  case checkpoint(CheckpointError)
  /// A training cannot go on from a checkpoint, which is of another kind or lacks something.
  case notATrainingCheckpoint(path: String, reason: String)
  /// A training cannot begin with a checkpoint: it is of no model, or of another one.
  case notAModel(path: String, reason: String)
  /// A run folder holds a run of another recipe.
  case otherRecipe(folder: String)
  /// A run folder holds a run already.
  case runExists(folder: String)
  /// The gradients of so many steps in a row, up to this one, were not numbers.
  case diverged(step: Int, steps: Int)
  /// The processes of a training do not work together.
  case processes(ProcessGroupError)
  /// A picture cannot be written.
  case image(ImageError)
  /// A file cannot be written or read.
  case file(FileError)

  /// What is wrong with a recipe.
  public enum RecipeProblem: Sendable, Equatable {
    /// It is no YAML.
    case syntax(String)
    /// A key that means nothing here.
    case unknownKey(String, known: [String])
    /// A key that is needed.
    case missing(String)
    /// A value of another kind.
    case value(key: String, expected: String)
  }
}
