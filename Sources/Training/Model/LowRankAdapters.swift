internal import Statistics
public import Tensors

/// Low-rank changes of the encoder's linear layers (LoRA, arXiv 2106.09685): a weight W becomes W + scale · B · A, of which only A and B are
/// learned. They begin as no change, and are added to the weights when the model is saved.
public struct LowRankAdapters: Sendable, Equatable, Codable {
  /// Rows of A and columns of B.
  public var rank = 8
  /// The scale times the rank.
  public var alpha: Float = 16
  /// The layers that are changed: ends of their names.
  public var layers = ["attn.qkv", "attn.proj"]

  /// Rank 8, on the attention's projections.
  public init() {}

  private static let names = (a: ".lora_a", b: ".lora_b")

  /// Whether a layer's weight is changed.
  private func adapts(_ name: String) -> Bool {
    name.hasPrefix("image_encoder.") && layers.contains { name.hasSuffix($0 + ".weight") }
  }

  /// Whether some weight of a model is changed for the sake of an entry of ``layers``.
  func changes(_ layer: String, of parameters: [String: Tensor]) -> Bool {
    parameters.contains { name, weight in
      adapts(name) && name.hasSuffix(layer + ".weight") && weight.shape.count == 2
    }
  }

  /// Whether a parameter is learned where adapters are: all but the encoder's own.
  func leaves(_ name: String) -> Bool {
    !name.hasPrefix("image_encoder.") || name.hasSuffix(LowRankAdapters.names.a)
      || name.hasSuffix(LowRankAdapters.names.b)
  }

  /// Parameters with adapters beside the layers that they change.
  public func added(to parameters: [String: Tensor], seed: UInt64) -> [String: Tensor] {
    var result = parameters
    for (name, weight) in parameters where adapts(name) && weight.shape.count == 2 {
      var random = SplitMix64(seed: name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
      let (outputs, inputs) = (weight.shape[0], weight.shape[1])
      let deviation = 1 / Double(inputs).squareRoot()
      result[name + LowRankAdapters.names.a] = Tensor(
        (0..<rank * inputs).map { _ in Float(random.normal() * deviation) }, shape: [rank, inputs])
      result[name + LowRankAdapters.names.b] = Tensor(repeating: 0, shape: [outputs, rank])
    }
    return result
  }

  /// Parameters of the changed model, without adapters; recorded where these are.
  public func applied(to parameters: [String: Tensor]) -> [String: Tensor] {
    var result = parameters
    for name in parameters.keys where adapts(name) {
      guard let weight = parameters[name],
        let a = result.removeValue(forKey: name + LowRankAdapters.names.a),
        let b = result.removeValue(forKey: name + LowRankAdapters.names.b)
      else { continue }
      let change = b.linear(a.permuted([1, 0])).scalingRows(
        [Float](repeating: alpha / Float(rank), count: b.shape[0]))
      result[name] = weight.inFloats().adding(change)
    }
    return result
  }
}
