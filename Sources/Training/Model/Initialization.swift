public import Modeling
internal import Statistics
public import Tensors

/// Random values to begin a training from.
public struct Initialization: Sendable, Equatable, Codable {
  /// Decides all values.
  public var seed: UInt64 = 0
  /// Whether keys of the decoder's attentions begin as their queries, times this; nil for independent values.
  ///
  /// A query then attends from the start to positions that are encoded like its own. Without it a small model sees thousands
  /// of steps pass before prompts mean anything to it.
  public var keysFromQueries: Float? = 2

  /// With keys that begin as queries.
  public init() {}

  /// A new model's parameters, by official names.
  ///
  /// - Parameters:
  ///   - configuration: the model's sizes.
  ///   - batchNorms: whether the hybrid encoder's convolutions have them.
  ///   - pretraining: where it is given, the encoder's parameters and those of this pre-training only.
  /// - Throws: ``ModelError`` where sizes do not fit each other.
  public func parameters(
    _ configuration: ModelConfiguration, batchNorms: Bool = true, pretraining: MaskedAutoencoding? = nil
  ) throws(ModelError) -> [String: Tensor] {
    let generator = ParameterGenerator(batchNorms: batchNorms) { name, shape in values(name, shape) }
    let parameters = Parameters(generating: generator)
    if let pretraining {
      _ = try pretraining.modules(parameters, configuration)
      return generator.tensors
    }
    _ = try ImageEncoder(parameters["image_encoder"], configuration)
    _ = try PromptEncoder(parameters["prompt_encoder"], configuration)
    _ = try MaskDecoder(parameters["mask_decoder"], configuration)
    var tensors = generator.tensors
    if let keysFromQueries {
      for (name, query) in generator.tensors where name.hasPrefix("mask_decoder.transformer.") {
        guard let range = name.firstRange(of: ".q_proj.") else { continue }
        tensors[name.replacing(".q_proj.", in: range, with: ".k_proj.")] = query.multiplied(
          by: keysFromQueries)
      }
    }
    return tensors
  }

  /// Weights keep the size of what passes; norms begin as the identity, tables of positions as zeros.
  private func values(_ name: String, _ shape: Shape) -> Tensor {
    let parts = name.split(separator: ".")
    let (last, owner) = (parts.last ?? "", parts.dropLast().last ?? "")
    let isNorm = owner.contains("norm") || owner == "bn" || isNeckNorm(parts, shape)
    if last == "running_var" || (isNorm && last == "weight") { return Tensor(repeating: 1, shape: shape) }
    if last == "running_mean" || isNorm || last.hasPrefix("rel_pos") || last == "attention_biases" {
      return Tensor(repeating: 0, shape: shape)
    }
    var random = SplitMix64(seed: seed ^ hash(name))
    if owner.hasSuffix("embed") && shape[0] == 1 || owner.hasSuffix("_token") || owner.hasSuffix("_tokens")
      || parts.contains("point_embeddings") || last.hasSuffix("gaussian_matrix")
    {
      return normal(shape, deviation: 1, &random)
    }
    if last == "pos_embed" { return normal(shape, deviation: 0.02, &random) }
    if last == "bias" { return Tensor(repeating: 0, shape: shape) }
    let inputs = shape.dropFirst().reduce(1, *)
    if owner == "c" || owner == "stem" || owner == "down" || owner.hasPrefix("conv") && shape.count == 4 {
      // Convolutions with GELU behind them (arXiv 1502.01852).
      return normal(shape, deviation: (2 / Float(max(1, inputs))).squareRoot(), &random)
    }
    return normal(shape, deviation: (1 / Float(max(1, inputs))).squareRoot(), &random)
  }

  /// Norms that stand in a numbered sequence: in necks, mask downscaling and upscaling.
  private func isNeckNorm(_ parts: [Substring], _ shape: Shape) -> Bool {
    guard shape.count == 1, parts.count > 2 else { return false }
    switch (parts[parts.count - 3], parts[parts.count - 2]) {
    case ("mask_downscaling", "1"), ("mask_downscaling", "4"), ("output_upscaling", "1"): return true
    // Biases of the neck's convolutions are vectors too, and begin as zeros like those of norms.
    case ("neck", _): return true
    default: return false
    }
  }

  private func normal(_ shape: Shape, deviation: Float, _ random: inout SplitMix64) -> Tensor {
    Tensor((0..<shape.elementCount).map { _ in Float(random.normal()) * deviation }, shape: shape)
  }

  private func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

extension String {
  fileprivate func replacing(_ part: String, in range: Range<String.Index>, with other: String) -> String {
    self[..<range.lowerBound] + other + self[range.upperBound...]
  }
}

extension Tensor {
  fileprivate func multiplied(by factor: Float) -> Tensor {
    Tensor(elements.map { $0 * factor }, shape: shape)
  }
}
