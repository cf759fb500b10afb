internal import Modeling
internal import Tensors

/// The forms of image encoders, and the tensor by which each is told.
enum EncoderForm: CaseIterable {
  case viT, tinyViT, hybrid

  /// The name of a tensor that this form has and the others lack.
  var marker: String {
    switch self {
    case .viT: "image_encoder.patch_embed.proj.weight"
    case .tinyViT: "image_encoder.patch_embed.seq.0.c.weight"
    case .hybrid: "image_encoder.lateral16.weight"
    }
  }
}

/// Reads a model's sizes off its tensors.
///
/// What tensors cannot tell comes from the written configuration, where there is one, else from these rules, which fit
/// the published models:
///
/// - heads of a plain vision transformer: relative positions tell them (their width is a head's); without any, those
///   of the model of that width and depth, else a head for every 64 channels;
/// - windows and global blocks: relative positions tell them by their lengths; without any, or where a window is as
///   large as the grid, those of the model of that width and depth, else windows of 14 and the last block of each
///   quarter global;
/// - heads of the decoder: 8;
/// - heads of the hybrid encoder: one for every 32 channels;
/// - input size of the convolutional encoders, which have no position embeddings: 1024.
///
/// Everything that the configuration and the tensors both tell must agree.
struct ConfigurationReader {
  let tensors: [String: Tensor]
  let source: ConfigurationSource?

  init(_ tensors: [String: Tensor], source: ConfigurationSource?) {
    self.tensors = tensors
    self.source = source
  }

  typealias Reason = RecognitionError.Reason

  /// The configuration of a whole model, or of an encoder with the official decoder's.
  func configuration(isWhole: Bool) throws(Reason) -> ModelConfiguration {
    guard let form = EncoderForm.allCases.first(where: { tensors[$0.marker] != nil }) else {
      throw .unknownEncoder(
        lookedFor: EncoderForm.allCases.map(\.marker), firstNames: Array(tensors.keys.sorted().prefix(5)))
    }
    let (encoder, imageSize) = try encoder(form)
    try source?.check(.promptImageSize, is: imageSize)
    let outputs = try size(
      form == .hybrid ? "image_encoder.lateral16.weight" : "image_encoder.neck.0.weight", 0, of: 4)
    try source?.check(.embeddingWidth, is: outputs)
    let decoder = isWhole ? try decoder() : DecoderConfiguration(width: outputs)
    return ModelConfiguration(imageSize: imageSize, encoder: encoder, decoder: decoder)
  }

  private func encoder(_ form: EncoderForm) throws(Reason) -> (EncoderConfiguration, imageSize: Int) {
    switch form {
    case .viT:
      let (sizes, imageSize) = try viT()
      return (.viT(sizes), imageSize)
    case .tinyViT: return (.tinyViT(try tinyViT()), source?.integer(.imageSize) ?? 1024)
    case .hybrid: return (.hybrid(try hybrid()), source?.integer(.imageSize) ?? 1024)
    }
  }

  // MARK: Shapes

  /// The shape of a tensor that must be there, of `rank` dimensions, none of them zero.
  func shape(_ name: String, rank: Int) throws(Reason) -> Shape {
    guard let shape = tensors[name]?.shape else { throw .missingTensor(name: name) }
    guard shape.count == rank, shape.elementCount > 0 else {
      throw .misshapenTensor(name: name, shape: Array(shape))
    }
    return shape
  }

  /// One size of a tensor that must be there, of `rank` dimensions.
  func size(_ name: String, _ dimension: Int, of rank: Int) throws(Reason) -> Int {
    try shape(name, rank: rank)[dimension]
  }

  /// How many parts `PREFIX0.…`, `PREFIX1.…` there are: one more than the highest number, so that a part that lacks a
  /// tensor is missed and not taken for the end.
  func count(_ prefix: String) -> Int {
    let highest = tensors.keys.lazy.compactMap { name in
      name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count).prefix { $0 != "." }) : nil
    }.max()
    guard let highest, highest >= 0 else { return 0 }
    // More parts than tensors cannot be complete; the first that is missing will be named.
    return min(highest, tensors.count) + 1
  }
}

extension ConfigurationReader {
  /// The sizes of the prompt encoder and the mask decoder.
  func decoder() throws(Reason) -> DecoderConfiguration {
    let decoder = "mask_decoder."
    let layers = decoder + "transformer.layers."
    let width = try size(decoder + "iou_token.weight", 1, of: 2)
    let inner = try size(layers + "0.cross_attn_token_to_image.q_proj.weight", 0, of: 2)
    guard width % inner == 0 else {
      throw .misshapenTensor(
        name: layers + "0.cross_attn_token_to_image.q_proj.weight", shape: [inner, width])
    }
    let configuration = DecoderConfiguration(
      width: width,
      maskInputChannels: try size("prompt_encoder.mask_downscaling.3.weight", 0, of: 4),
      depth: count(layers),
      heads: source?.integer(.decoderHeads) ?? 8,
      mlpWidth: try size(layers + "0.mlp.lin1.weight", 0, of: 2),
      attentionDownsampling: width / inner,
      multimaskOutputs: try size(decoder + "mask_tokens.weight", 0, of: 2) - 1,
      iouHeadDepth: count(decoder + "iou_prediction_head.layers."),
      iouHeadWidth: try size(decoder + "iou_prediction_head.layers.0.weight", 0, of: 2),
      hasHighResolutionFeatures: tensors.keys.contains { $0.hasPrefix(decoder + "conv_s") })
    try source?.check(.decoderWidth, is: configuration.width)
    try source?.check(.promptWidth, is: configuration.width)
    try source?.check(.maskInputChannels, is: configuration.maskInputChannels)
    try source?.check(.decoderDepth, is: configuration.depth)
    try source?.check(.decoderMLPWidth, is: configuration.mlpWidth)
    try source?.check(.attentionDownsampling, is: configuration.attentionDownsampling)
    try source?.check(.multimaskOutputs, is: configuration.multimaskOutputs)
    try source?.check(.iouHeadDepth, is: configuration.iouHeadDepth)
    try source?.check(.iouHeadWidth, is: configuration.iouHeadWidth)
    return configuration
  }
}
