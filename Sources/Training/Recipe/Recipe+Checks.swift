internal import Modeling
internal import Tensors

extension Recipe {
  /// Checks, before the first step, what a recipe says of its model: a later stage would else fail hours later, and a name that nothing
  /// is called would change nothing without a word.
  ///
  /// - Parameters:
  ///   - parameters: what the training begins with.
  ///   - configuration: the model's sizes.
  func check(_ parameters: [String: Tensor], _ configuration: ModelConfiguration) throws(TrainingError) {
    guard !stages.isEmpty else { throw problem("stages", "at least one stage") }
    for name in frozen where !parameters.keys.contains(where: { $0.hasPrefix(name) }) {
      throw problem("freeze", "beginnings of parameters' names; none begins with \(name)")
    }
    if let adapters {
      for layer in adapters.layers where !adapters.changes(layer, of: parameters) {
        throw problem("lora.layers", "ends of names of the encoder's linear layers; none ends with \(layer)")
      }
    }
    guard parameters.keys.contains(where: learns) else { throw problem("freeze", "less than all parameters") }
    for (index, stage) in stages.enumerated() {
      guard pretraining == nil || stage.size == configuration.imageSize else {
        throw problem(
          "stages[\(index)].size", "model.image_size, \(configuration.imageSize), in pre-training")
      }
      var configuration = configuration
      configuration.imageSize = stage.size
      do throws(ModelError) {
        // Makes views of the parameters, and no copies.
        try check(Parameters(parameters, on: .shared, training: TrainingMode(mode)), configuration)
      } catch {
        guard case .invalidConfiguration(.imageSize) = error else { throw .model(error) }
        throw problem("stages[\(index)].size", "one that the model takes: \(error.description)")
      }
    }
  }

  /// Whether a parameter is learned.
  private func learns(_ name: String) -> Bool {
    TrainingState.isTrained(name, frozen: frozen, adapters: adapters)
  }

  /// How many numbers are learned.
  func learnedCount(of parameters: [String: Tensor]) -> Int {
    parameters.reduce(0) { learns($1.key) ? $0 + $1.value.count : $0 }
  }

  private func check(_ parameters: Parameters, _ configuration: ModelConfiguration) throws(ModelError) {
    if let pretraining {
      _ = try pretraining.modules(parameters, configuration)
    } else {
      _ = try TrainedModel(parameters, configuration)
    }
  }

  /// What is wrong with a key's value, told by what would be right.
  func problem(_ key: String, _ expected: String) -> TrainingError {
    .recipe(path: path, line: nil, .value(key: key, expected: expected))
  }
}
