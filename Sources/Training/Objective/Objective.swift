public import Modeling
public import Statistics
public import Tensors

/// The interactive training of one batch: prompts are simulated round after round, and every round's loss is carried back
/// (paper, section 3 and appendix A).
public struct Objective: Sendable {
  /// What is minimised.
  public var loss = MaskLoss()
  /// How prompts come about.
  public var prompts = PromptSimulation()
  /// Whether several masks are predicted for a first single point only, or for a first box as well.
  public var boxIsAmbiguous = false
  /// By which power of the number of its masks an image's loss counts: 0 where all images count the same, 1 where all masks do.
  public var maskEmphasis = 0.0

  /// The paper's objective.
  public init() {}

  /// What a batch came to.
  public struct Outcome: Sendable {
    /// The mean loss of masks and rounds.
    public var loss: Double = 0
    /// Means over masks: the first round's best IoU, and the last round's IoU.
    public var firstIoU: Double = 0, lastIoU: Double = 0
    /// The mean squared error of predicted IoU, over rounds.
    public var iouError: Double = 0
  }

  /// Runs all rounds on some images, forward and back down to the image embedding, then the encoder back.
  ///
  /// - Parameters:
  ///   - model: made of variables of `tape`.
  ///   - samples: of one size.
  ///   - weight: what each image's loss counts: 1 / images of the whole batch for a mean.
  ///   - random: decides on prompts.
  ///   - tape: gets the gradients of the model's variables.
  public func run(
    _ model: TrainedModel, _ samples: [TrainingSample], weight: Double, random: [SplitMix64], on tape: Tape
  ) throws(ModelError) -> Outcome {
    let images = Tensor.concatenating(samples.map { $0.input.reshaped([1] + $0.input.shape) })
    let encoded = try model.imageEncoder(images)
    return run(model, [encoded], samples, weight: weight, random: random, on: tape)
  }

  /// The same from images that were encoded together, recorded by the tape, or one by one, as constants.
  public func run(
    _ model: TrainedModel, _ encoded: [ImageEncoder.Output], _ samples: [TrainingSample], weight: Double,
    random: [SplitMix64], on tape: Tape
  ) -> Outcome {
    guard let together = ImageEncoder.Output(concatenating: encoded) else { return Outcome() }
    let positions = model.promptEncoder.densePositions(together.embedding.shape[1])
    let features = model.maskDecoder.batchFeatures(together, positions: positions)
    let mark = tape.mark
    var rounds = PromptRounds(objective: self, model: model, features: features)
    for (index, sample) in samples.enumerated() {
      rounds.add(sample, weight: weight, random: random[index])
    }
    let outcome = rounds.run { tape.backward(from: $0, to: mark) }
    tape.backward(from: [])
    return outcome
  }
}

extension ImageEncoder.Output {
  /// Images one after the other; nil where there are none.
  fileprivate init?(concatenating outputs: [ImageEncoder.Output]) {
    guard let first = outputs.first else { return nil }
    self = first
    guard outputs.count > 1 else { return }
    func joined(_ tensors: [Tensor?]) -> Tensor? {
      let tensors = tensors.compactMap { $0 }
      return tensors.count == outputs.count ? Tensor.concatenating(tensors) : nil
    }
    embedding = Tensor.concatenating(outputs.map(\.embedding))
    stage4 = joined(outputs.map(\.stage4))
    stage8 = joined(outputs.map(\.stage8))
  }
}

extension Shape {
  fileprivate static func + (left: [Int], right: Shape) -> Shape {
    Shape(checking: left + Array(right)) ?? right
  }
}

/// The parts of a model that is trained.
public struct TrainedModel: Sendable {
  /// The sizes.
  public let configuration: ModelConfiguration
  /// Encodes images.
  public let imageEncoder: ImageEncoder
  /// Encodes prompts.
  public let promptEncoder: PromptEncoder
  /// Predicts masks.
  public let maskDecoder: MaskDecoder

  /// A model of the parameters given, with their mode of training.
  public init(_ parameters: Parameters, _ configuration: ModelConfiguration) throws(ModelError) {
    self.configuration = configuration
    imageEncoder = try ImageEncoder(parameters["image_encoder"], configuration)
    promptEncoder = try PromptEncoder(parameters["prompt_encoder"], configuration)
    maskDecoder = try MaskDecoder(parameters["mask_decoder"], configuration)
  }
}
