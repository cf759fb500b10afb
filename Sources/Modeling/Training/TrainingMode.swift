public import Tensors

#if !hasFeature(Embedded)
  /// What modules do besides while they are trained: batch norms take the batch's own statistics, branches are dropped, blocks
  /// computed again on the way back.
  ///
  /// A mode is made for one step; see ``Parameters/training``. It belongs to one thread at a time.
  public final class TrainingMode: @unchecked Sendable {
    /// Rates and choices that hold for a whole training.
    public struct Settings: Sendable, Equatable {
      /// The probability that the last block of the encoder is passed by (arXiv 1603.09382); earlier ones less, in proportion.
      public var dropPath: Float = 0
      /// Dropout of the mask decoder's branches.
      public var decoderDropout: Float = 0
      /// Whether encoder blocks keep only their input, and are computed again on the way back.
      public var recomputesBlocks = false
      /// Whether batch norms keep their running averages, as they do at inference.
      public var freezesBatchNorm = false

      /// No regularisation.
      public init() {}
    }

    /// Rates and choices.
    public let settings: Settings
    /// Decides what is dropped in this step.
    let seed: UInt64
    /// What batch norms found, by their prefix.
    public private(set) var statistics: [String: Tensor.BatchStatistics] = [:]

    /// A mode for one step.
    ///
    /// - Parameters:
    ///   - settings: rates and choices.
    ///   - seed: of this step's random decisions.
    public init(_ settings: Settings = Settings(), seed: UInt64 = 0) {
      self.settings = settings
      self.seed = seed
    }

    func note(_ found: Tensor.BatchStatistics, for name: String) {
      // A block that is computed again finds the same.
      statistics[name] = found
    }

    /// A seed for a module, the same whenever it is asked for.
    func seed(for name: String) -> UInt64 {
      name.utf8.reduce(0xcbf2_9ce4_8422_2325 ^ seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
  }
#endif

/// A residual branch: x + f(x), of which training drops some.
struct Branch: Sendable {
  #if !hasFeature(Embedded)
    private let dropPath: Float, dropout: Float
    private let seed: UInt64
    /// Whether nothing is dropped.
    let isPlain: Bool

    /// - Parameter depth: how far into the encoder, from 0 to 1; nil in the decoder.
    init(_ parameters: Parameters, _ name: String, depth: Float?) {
      let mode = parameters.training
      dropPath = depth.map { $0 * (mode?.settings.dropPath ?? 0) } ?? 0
      dropout = depth == nil ? mode?.settings.decoderDropout ?? 0 : 0
      isPlain = dropPath == 0 && dropout == 0
      seed = mode?.seed(for: parameters.prefix + name) ?? 0
    }
  #else
    let isPlain = true

    init(_ parameters: Parameters, _ name: String, depth: Float?) {}
  #endif

  /// x + branch, where `branch` adds what it is given within its last operation.
  @inline(__always)
  func add(to x: Tensor, _ branch: (_ residual: Tensor?) -> Tensor) -> Tensor {
    #if hasFeature(Embedded)
      return branch(x)
    #else
      guard !isPlain else { return branch(x) }
      var result = branch(nil)
      if dropout > 0 { result = result.dropout(dropout, seed: seed) }
      if dropPath > 0 {
        // One draw for each item of the batch.
        let items = x.shape[0]
        let factors = Tensor(repeating: 1, shape: [items], on: x.compute).dropout(dropPath, seed: seed)
          .elements
        result = result.reshaped([items, result.count / Swift.max(1, items)]).scalingRows(factors)
          .reshaped(x.shape)
      }
      return x.adding(result)
    #endif
  }
}
