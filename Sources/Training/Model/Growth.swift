public import Modeling
public import Tensors

/// More blocks in a hybrid encoder than a checkpoint has, each after those of its stage. What is new adds nothing at first, so that the
/// model begins as good as it was (as in Net2Net's deeper nets, arXiv 1511.05641).
public struct Growth: Sendable, Equatable, Codable {
  /// Convolution blocks of the four stages; nil for the checkpoint's.
  public var blocks: [Int]?
  /// Attention blocks of the four stages; nil for the checkpoint's.
  public var attentionBlocks: [Int]?

  /// No more blocks.
  public init() {}

  /// Adds blocks to a model, with random values but for the layers at whose end they join the stream: those are zeros.
  ///
  /// - Returns: nil where the model has no such encoder, or more blocks than are asked for.
  func grown(
    _ parameters: [String: Tensor], _ configuration: ModelConfiguration, by initialization: Initialization
  ) throws(ModelError) -> ([String: Tensor], ModelConfiguration)? {
    guard blocks != nil || attentionBlocks != nil else { return (parameters, configuration) }
    guard case .hybrid(var sizes) = configuration.encoder else { return nil }
    let old = sizes
    sizes.blocks = blocks ?? sizes.blocks
    sizes.attentionBlocks = attentionBlocks ?? sizes.attentionBlocks
    guard
      zip(sizes.blocks + sizes.attentionBlocks, old.blocks + old.attentionBlocks).allSatisfy({ $0 >= $1 })
    else { return nil }
    var configuration = configuration
    configuration.encoder = .hybrid(sizes)
    let all = try initialization.parameters(
      configuration, batchNorms: parameters.keys.contains { $0.contains(".bn.") })
    var grown = parameters
    for (name, tensor) in all where grown[name] == nil {
      grown[name] = joins(name) ? Tensor(repeating: 0, shape: tensor.shape) : tensor
    }
    return (grown, configuration)
  }

  /// Whether a parameter multiplies, or is added to, what a block gives to the stream. Of a convolution with a batch norm it is the norm's:
  /// were both zeros, neither would ever learn.
  private func joins(_ name: String) -> Bool {
    let parts = name.split(separator: ".")
    guard let last = parts.last, last == "weight" || last == "bias", !parts.contains("c") else {
      return false
    }
    return parts.contains { ["conv2", "project", "proj", "lin2", "position"].contains($0) }
  }
}
