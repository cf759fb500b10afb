public import Modeling

/// What a training is to do: the model, its stages, the data, and all settings.
///
/// Recipes are YAML files; `Recipes/` has examples, and `docs/training.md` lists all keys.
public struct Recipe: Sendable {
  /// Where the model's values come from.
  public enum Start: Sendable, Equatable {
    /// Random values for a model of these sizes; its encoder from a checkpoint where one is named, such as a pre-trained one's.
    case random(ModelConfiguration, encoder: String?)
    /// A checkpoint of any kind that can be loaded.
    case checkpoint(path: String)
    /// The model inside.
    case embedded
  }

  /// A stretch of the training with settings of its own.
  public struct Stage: Sendable, Equatable {
    /// Side of the model input.
    public var size: Int
    /// Steps of the stage.
    public var steps: Int
    /// Images of a batch.
    public var batch: Int
    /// The learning rate at its highest.
    public var rate: Double
    /// Steps until it is reached.
    public var warmup: Int
    /// How it goes from there.
    public var schedule: Schedule
    /// Rounds from the error region in place of the recipe's ``PromptSimulation/pointRounds``.
    public var pointRounds: ClosedRange<Int>?
    /// In place of the recipe's ``Recipe/masksPerImage``.
    public var masksPerImage: Int?
  }

  /// A dataset to train on, or to measure on.
  public struct Data: Sendable, Equatable {
    /// A folder, file or archive; a `*` at its end stands for all folders there.
    public var path: String
    /// The folder of the pictures, where they do not lie beside the masks.
    public var images: String?
    /// How often it is drawn from, in proportion; nil for the root of its size.
    public var weight: Double?
  }

  /// Measurements on other data while training goes on.
  public struct Validation: Sendable, Equatable {
    /// Datasets as in ``Recipe/data``; their weights are not looked at.
    public var data: [Data] = []
    /// Steps between measurements; the last step is always measured.
    public var every = 1000
    /// Images of each dataset.
    public var images = 8
    /// Masks of each image.
    public var masks = 5
  }

  /// Where the model's values come from.
  public var start: Start
  /// Decides everything that is random.
  public var seed: UInt64 = 0
  /// How random values are drawn.
  public var initialization = Initialization()
  /// Blocks that a checkpoint's encoder gets before the training.
  public var growth = Growth()
  /// Stretches, one after the other.
  public var stages: [Stage]
  /// What is trained on.
  public var data: [Data]
  /// Generated scenes of parts and wholes, how often they are drawn in proportion to the data; 0 for none.
  public var syntheticWeight = 0.0
  /// The same for scenes of a few large things, of which each part lies in its whole.
  public var nestedWeight = 0.0
  /// Masks of an image at most, where a stage has no number of its own.
  public var masksPerImage = 6
  /// How pictures are varied.
  public var augmentation = Augmentation()
  /// What is minimised.
  public var objective = Objective()
  /// Pre-training of the encoder on pictures without masks, in place of all that concerns masks.
  public var pretraining: MaskedAutoencoding?
  /// Steps in which the cross entropy of ``MaskLoss`` falls to 0.
  public var crossEntropySteps = 0
  /// How weights follow gradients.
  public var optimizer = AdamW()
  /// Drop path and the like.
  public var mode = TrainingMode.Settings()
  /// Whether products of matrices round what is multiplied to bfloat16, on processors that multiply it in tiles. Weights, gradients and sums
  /// are floats.
  public var roundsProducts = false
  /// Parameters whose names begin with one of these rest.
  public var frozen: [String] = []
  /// Low-rank changes of the encoder's layers, in place of the layers themselves.
  public var adapters: LowRankAdapters?
  /// Memory for embeddings of pictures, where the encoder rests and pictures are not varied.
  public var cacheBytes = 2 << 30
  /// Parts of a batch that run side by side.
  public var shards = 2
  /// Measurements while training goes on.
  public var validation = Validation()
  /// Steps between checkpoints.
  public var checkpointEvery = 500
  /// The recipe as it was written.
  public internal(set) var text = ""
  /// What errors call it.
  var path = ""

  /// Steps of all stages.
  public var steps: Int { stages.reduce(0) { $0 + $1.steps } }

  /// The stage that a step, from 0, belongs to, and its place there.
  public func stage(of step: Int) -> (stage: Stage, index: Int, step: Int)? {
    var first = 0
    for (index, stage) in stages.enumerated() {
      if step < first + stage.steps { return (stage, index, step - first) }
      first += stage.steps
    }
    return nil
  }
}
