internal import Modeling
internal import SegmentAnything
internal import Tensors
internal import Training

/// A training whose steps are measured: model, loop and optimiser; scenes are made, and everything follows from the seed.
struct TrainingSettings: Codable {
  /// `vit` or `nano`.
  var model: String
  /// Side of the model input.
  var size: Int
  /// Images of a step.
  var batch = 8
  /// Masks of an image at most.
  var masks = 6
  /// Rounds of prompts.
  var rounds = 3
  /// Decides on weights, scenes and prompts.
  var seed: UInt64 = 1
  /// The learning rate, and steps until it is reached.
  var rate: Float = 1e-3
  var warmup = 20
  /// Steps in which the cross entropy of `loss` falls to 0.
  var crossEntropySteps = 1000
  var loss = MaskLoss()
  var prompts = PromptSimulation()
  var optimizer = AdamW()

  /// The loop of `Recipes/nano.yml`, with a fixed number of rounds.
  init(model: String, size: Int, rounds: Int) {
    self.model = model
    self.size = size
    self.rounds = rounds
    loss.alpha = 0.5
    loss.crossEntropy = 3
    prompts.pointRounds = rounds - 1...rounds - 1
    prompts.emptyRounds = 0
    optimizer.beta2 = 0.99
    optimizer.weightDecay = 0.05
    optimizer.clip = 1
    optimizer.averageDecay = 0.999
  }

  /// The models by name: a small vision transformer as the paper's are, and the form of the model inside, with batch norms.
  static let models = ["vit", "nano"]

  /// The sizes of the model; nil for an unknown name.
  var configuration: ModelConfiguration? {
    switch model {
    case "vit":
      return ModelConfiguration(
        imageSize: size,
        encoder: .viT(
          ViTConfiguration(
            width: 96, depth: 4, heads: 3, mlpWidth: 384, windowSize: 7, globalBlocks: [1, 3],
            storedPositions: size / 16)),
        decoder: DecoderConfiguration(width: 64, heads: 4, mlpWidth: 128, iouHeadWidth: 64))
    default:
      var configuration = ModelForms.named(model)
      configuration?.imageSize = size
      return configuration
    }
  }

  /// What is done in a step, from 0.
  func step(at index: Int, shards: Int) -> TrainingStep {
    var objective = Objective()
    objective.loss = loss
    objective.loss.crossEntropy *=
      crossEntropySteps > 0 ? max(0, 1 - Float(index) / Float(crossEntropySteps)) : 1
    objective.prompts = prompts
    return TrainingStep(objective: objective, optimizer: optimizer, shards: shards, seed: seed)
  }

  /// The learning rate of a step.
  func rate(at index: Int) -> Float { rate * min(1, Float(index + 1) / Float(warmup + 1)) }
}
