public import Modeling
public import Tensors

/// Everything that a training carries from step to step: a model by its official names, and what the optimiser keeps of the past.
public struct TrainingState: Sendable {
  /// The sizes of the model.
  public var configuration: ModelConfiguration
  /// Steps made so far.
  public var step: Int
  /// The model's tensors, those included that are not trained: random Fourier features, running averages of batch norms.
  public var parameters: [String: Tensor]
  /// First and second moments of the gradients of those that are trained.
  public var firstMoments: [String: Tensor], secondMoments: [String: Tensor]
  /// Running averages of all of ``parameters``: the model that is evaluated and saved.
  public var averages: [String: Tensor]

  /// The state before the first step.
  public init(_ parameters: [String: Tensor], _ configuration: ModelConfiguration) {
    self.configuration = configuration
    self.parameters = parameters
    step = 0
    firstMoments = [:]
    secondMoments = [:]
    averages = parameters
  }

  /// Whether a tensor is learned by gradients.
  public static func isTrained(_ name: String) -> Bool {
    ![".positional_encoding_gaussian_matrix", ".running_mean", ".running_var"].contains(where: name.hasSuffix)
  }

  /// The same where parameters whose names begin with one of `frozen` rest, and adapters are learned in place of the encoder's own.
  static func isTrained(_ name: String, frozen: [String], adapters: LowRankAdapters?) -> Bool {
    isTrained(name) && !frozen.contains(where: name.hasPrefix) && adapters?.leaves(name) ?? true
  }

  /// The names of what is learned by gradients, in order.
  public var trainedNames: [String] { parameters.keys.filter(TrainingState.isTrained).sorted() }

  /// A number that tells this state from others: its step, the samples drawn, and the bits of its parameters.
  func digest(draws: Int) -> UInt64 {
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ value: UInt64) { digest = (digest ^ value) &* 0x100_0000_01b3 }
    mix(UInt64(truncatingIfNeeded: step))
    mix(UInt64(truncatingIfNeeded: draws))
    for name in parameters.keys.sorted() {
      parameters[name]?.withUnsafeBuffer { values in
        for value in values { mix(UInt64(value.bitPattern)) }
      }
    }
    return digest
  }
}
