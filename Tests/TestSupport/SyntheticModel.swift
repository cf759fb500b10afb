public import Checkpoints
public import Modeling
public import Tensors

/// Random parameters of a small model with the official names.
public struct SyntheticModel: Sendable {
  /// By name.
  public var tensors: [String: Tensor] = [:]
  private var random = SplitMix64(seed: 5)

  /// A model without parameters.
  public init() {}

  /// Adds a tensor of random values.
  public mutating func add(_ name: String, _ shape: [Int]) {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    guard let size = Shape(checking: shape) else { return }
    tensors[name] = Tensor(values, shape: size)
  }

  /// Adds the weight and bias of a linear layer.
  public mutating func addLinear(_ name: String, _ outputs: Int, _ inputs: Int) {
    add(name + ".weight", [outputs, inputs])
    add(name + ".bias", [outputs])
  }

  /// Adds the weight and bias of a norm.
  public mutating func addNorm(_ name: String, _ channels: Int) {
    add(name + ".weight", [channels])
    add(name + ".bias", [channels])
  }

  /// Adds the weight and bias of a convolution.
  public mutating func addConvolution(_ name: String, _ shape: [Int], outputs: Int? = nil) {
    add(name + ".weight", shape)
    add(name + ".bias", [outputs ?? shape[0]])
  }

  /// A vision transformer and a decoder of the given sizes.
  public static func viT(_ sizes: ViTConfiguration, decoder: DecoderConfiguration) -> SyntheticModel {
    var model = SyntheticModel()
    let width = sizes.width
    let encoder = "image_encoder."
    model.addConvolution(encoder + "patch_embed.proj", [width, 3, sizes.patchSize, sizes.patchSize])
    let grid = sizes.storedPositions
    if sizes.hasAbsolutePositions { model.add(encoder + "pos_embed", [1, grid, grid, width]) }
    for index in 0..<sizes.depth {
      let block = "\(encoder)blocks.\(index)."
      model.addNorm(block + "norm1", width)
      model.addLinear(block + "attn.qkv", 3 * width, width)
      model.addLinear(block + "attn.proj", width, width)
      if sizes.hasRelativePositions {
        let side = sizes.globalBlocks.contains(index) ? grid : sizes.windowSize
        model.add(block + "attn.rel_pos_h", [2 * side - 1, width / sizes.heads])
        model.add(block + "attn.rel_pos_w", [2 * side - 1, width / sizes.heads])
      }
      model.addNorm(block + "norm2", width)
      model.addLinear(block + "mlp.lin1", sizes.mlpWidth, width)
      model.addLinear(block + "mlp.lin2", width, sizes.mlpWidth)
    }
    model.add(encoder + "neck.0.weight", [decoder.width, width, 1, 1])
    model.addNorm(encoder + "neck.1", decoder.width)
    model.add(encoder + "neck.2.weight", [decoder.width, decoder.width, 3, 3])
    model.addNorm(encoder + "neck.3", decoder.width)
    model.addDecoder(decoder)
    return model
  }

  /// Adds a prompt encoder and a mask decoder of the given sizes.
  public mutating func addDecoder(_ sizes: DecoderConfiguration) {
    let (width, channels) = (sizes.width, sizes.maskInputChannels)
    let prompt = "prompt_encoder."
    add(prompt + "pe_layer.positional_encoding_gaussian_matrix", [2, width / 2])
    for index in 0..<4 { add("\(prompt)point_embeddings.\(index).weight", [1, width]) }
    add(prompt + "not_a_point_embed.weight", [1, width])
    add(prompt + "no_mask_embed.weight", [1, width])
    addConvolution(prompt + "mask_downscaling.0", [channels / 4, 1, 2, 2])
    addNorm(prompt + "mask_downscaling.1", channels / 4)
    addConvolution(prompt + "mask_downscaling.3", [channels, channels / 4, 2, 2])
    addNorm(prompt + "mask_downscaling.4", channels)
    addConvolution(prompt + "mask_downscaling.6", [width, channels, 1, 1])

    let decoder = "mask_decoder."
    let inner = width / sizes.attentionDownsampling
    for index in 0..<sizes.depth {
      let layer = "\(decoder)transformer.layers.\(index)."
      addAttention(layer + "self_attn", width, width)
      addAttention(layer + "cross_attn_token_to_image", width, inner)
      addAttention(layer + "cross_attn_image_to_token", width, inner)
      for norm in 1...4 { addNorm(layer + "norm\(norm)", width) }
      addLinear(layer + "mlp.lin1", sizes.mlpWidth, width)
      addLinear(layer + "mlp.lin2", width, sizes.mlpWidth)
    }
    addAttention(decoder + "transformer.final_attn_token_to_image", width, inner)
    addNorm(decoder + "transformer.norm_final_attn", width)
    let masks = sizes.multimaskOutputs + 1
    add(decoder + "iou_token.weight", [1, width])
    add(decoder + "mask_tokens.weight", [masks, width])
    addConvolution(decoder + "output_upscaling.0", [width, width / 4, 2, 2], outputs: width / 4)
    addNorm(decoder + "output_upscaling.1", width / 4)
    addConvolution(decoder + "output_upscaling.3", [width / 4, width / 8, 2, 2], outputs: width / 8)
    for index in 0..<masks {
      addHead("\(decoder)output_hypernetworks_mlps.\(index)", [width, width, width, width / 8])
    }
    let hidden = [Int](repeating: sizes.iouHeadWidth, count: sizes.iouHeadDepth - 1)
    addHead(decoder + "iou_prediction_head", [width] + hidden + [masks])
  }

  private mutating func addAttention(_ name: String, _ width: Int, _ inner: Int) {
    for projection in ["q_proj", "k_proj", "v_proj"] { addLinear("\(name).\(projection)", inner, width) }
    addLinear(name + ".out_proj", width, inner)
  }

  private mutating func addHead(_ name: String, _ widths: [Int]) {
    for (index, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
      addLinear("\(name).layers.\(index)", outputs, inputs)
    }
  }

  /// The parameters written to a file and read back.
  public func checkpoint(
    in folder: TemporaryDirectory, named name: String = "model.safetensors", metadata: [String: String] = [:],
    renaming: (String) -> String? = { $0 }
  ) throws -> Checkpoint {
    var renamed: [String: Tensor] = [:]
    for (name, tensor) in tensors { if let new = renaming(name) { renamed[new] = tensor } }
    try Checkpoint.write(renamed, metadata: metadata, to: folder.file(name))
    return try Checkpoint(contentsOfFile: folder.file(name))
  }
}
