internal import Modeling
internal import Tensors

/// The names and shapes of all parameters of a model with a plain vision transformer.
///
/// Models ask for their parameters one by one when they are made; this is the list of what they ask for.
struct ParameterShapes {
  private(set) var shapes: [(name: String, shape: Shape)] = []
  private var prefix = ""

  init(_ sizes: ViTConfiguration, _ configuration: ModelConfiguration) {
    let decoder = configuration.decoder
    addEncoder(sizes, imageSize: configuration.imageSize, outputs: decoder.width)
    addPromptEncoder(decoder)
    addMaskDecoder(decoder)
  }

  private mutating func add(_ name: String, _ shape: Shape) { shapes.append((prefix + name, shape)) }

  /// A weight and a bias of `outputs`.
  private mutating func addLayer(_ name: String, _ weight: Shape, outputs: Int) {
    add(name + ".weight", weight)
    add(name + ".bias", [outputs])
  }

  private mutating func addLinear(_ name: String, _ inputs: Int, _ outputs: Int) {
    addLayer(name, [outputs, inputs], outputs: outputs)
  }

  private mutating func addNorm(_ name: String, _ channels: Int) {
    addLayer(name, [channels], outputs: channels)
  }

  private mutating func addEncoder(_ sizes: ViTConfiguration, imageSize: Int, outputs: Int) {
    prefix = "image_encoder."
    let width = sizes.width
    let grid = imageSize / sizes.patchSize
    add("pos_embed", [1, sizes.storedPositions, sizes.storedPositions, width])
    addLayer("patch_embed.proj", [width, 3, sizes.patchSize, sizes.patchSize], outputs: width)
    for index in 0..<sizes.depth {
      let side = sizes.globalBlocks.contains(index) ? grid : sizes.windowSize
      let block = "blocks.\(index)"
      addNorm(block + ".norm1", width)
      add(block + ".attn.rel_pos_h", [2 * side - 1, width / sizes.heads])
      add(block + ".attn.rel_pos_w", [2 * side - 1, width / sizes.heads])
      addLinear(block + ".attn.qkv", width, 3 * width)
      addLinear(block + ".attn.proj", width, width)
      addNorm(block + ".norm2", width)
      addLinear(block + ".mlp.lin1", width, sizes.mlpWidth)
      addLinear(block + ".mlp.lin2", sizes.mlpWidth, width)
    }
    add("neck.0.weight", [outputs, width, 1, 1])
    addNorm("neck.1", outputs)
    add("neck.2.weight", [outputs, outputs, 3, 3])
    addNorm("neck.3", outputs)
  }

  private mutating func addPromptEncoder(_ sizes: DecoderConfiguration) {
    prefix = "prompt_encoder."
    add("pe_layer.positional_encoding_gaussian_matrix", [2, sizes.width / 2])
    for index in 0..<4 { add("point_embeddings.\(index).weight", [1, sizes.width]) }
    add("not_a_point_embed.weight", [1, sizes.width])
    add("no_mask_embed.weight", [1, sizes.width])
    let hidden = sizes.maskInputChannels
    addLayer("mask_downscaling.0", [hidden / 4, 1, 2, 2], outputs: hidden / 4)
    addNorm("mask_downscaling.1", hidden / 4)
    addLayer("mask_downscaling.3", [hidden, hidden / 4, 2, 2], outputs: hidden)
    addNorm("mask_downscaling.4", hidden)
    addLayer("mask_downscaling.6", [sizes.width, hidden, 1, 1], outputs: sizes.width)
  }

  private mutating func addMaskDecoder(_ sizes: DecoderConfiguration) {
    prefix = "mask_decoder."
    let width = sizes.width
    for index in 0..<sizes.depth {
      let layer = "transformer.layers.\(index)"
      addAttention(layer + ".self_attn", width, inner: width)
      addNorm(layer + ".norm1", width)
      addAttention(layer + ".cross_attn_token_to_image", width, inner: width / sizes.attentionDownsampling)
      addNorm(layer + ".norm2", width)
      addLinear(layer + ".mlp.lin1", width, sizes.mlpWidth)
      addLinear(layer + ".mlp.lin2", sizes.mlpWidth, width)
      addNorm(layer + ".norm3", width)
      addNorm(layer + ".norm4", width)
      addAttention(layer + ".cross_attn_image_to_token", width, inner: width / sizes.attentionDownsampling)
    }
    addAttention("transformer.final_attn_token_to_image", width, inner: width / sizes.attentionDownsampling)
    addNorm("transformer.norm_final_attn", width)
    add("iou_token.weight", [1, width])
    let masks = sizes.multimaskOutputs + 1
    add("mask_tokens.weight", [masks, width])
    addLayer("output_upscaling.0", [width, width / 4, 2, 2], outputs: width / 4)
    addNorm("output_upscaling.1", width / 4)
    addLayer("output_upscaling.3", [width / 4, width / 8, 2, 2], outputs: width / 8)
    for mask in 0..<masks {
      addPerceptron("output_hypernetworks_mlps.\(mask)", width, width, width / 8, depth: 3)
    }
    addPerceptron("iou_prediction_head", width, sizes.iouHeadWidth, masks, depth: sizes.iouHeadDepth)
  }

  private mutating func addAttention(_ name: String, _ width: Int, inner: Int) {
    for projection in ["q_proj", "k_proj", "v_proj"] { addLinear("\(name).\(projection)", width, inner) }
    addLinear(name + ".out_proj", inner, width)
  }

  private mutating func addPerceptron(
    _ name: String, _ inputs: Int, _ hidden: Int, _ outputs: Int, depth: Int
  ) {
    for layer in 0..<depth {
      addLinear(
        "\(name).layers.\(layer)", layer == 0 ? inputs : hidden, layer == depth - 1 ? outputs : hidden)
    }
  }
}
