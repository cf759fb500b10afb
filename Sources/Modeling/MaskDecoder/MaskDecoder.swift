public import Tensors

/// Predicts masks and their quality from the image embedding and a prompt (paper, section 3 and appendix A).
public struct MaskDecoder: Sendable {
  /// What the decoder needs of an image, computed once.
  public struct ImageFeatures: Sendable {
    /// size/16 x size/16 x width
    public var embedding: Tensor
    /// The positional encoding of its positions, (size/16)² x width.
    public var positions: Tensor
    /// size/4 x size/4 x width/8 and size/8 x size/8 x width/4, where the model has them.
    public var highResolution: (s0: Tensor, s1: Tensor)?

    /// What prompts without a mask share; nil before ``MaskDecoder/prepared(_:noMask:)``.
    var prepared: PreparedImage?
    /// The high-resolution features as the mask head takes them; nil likewise.
    var maskFeatures: MaskHead.Features?

    /// Features of one image.
    public init(embedding: Tensor, positions: Tensor, highResolution: (s0: Tensor, s1: Tensor)? = nil) {
      self.embedding = embedding
      self.positions = positions
      self.highResolution = highResolution
    }
  }

  /// Predictions for a batch of prompts.
  public struct Output: Sendable {
    /// batch x masks x size/4 x size/4; a mask is where they are above 0.
    public var logits: Tensor
    /// batch x masks: the IoU that the model expects each mask to have with the object.
    public var iouPredictions: Tensor
  }

  let width: Int
  /// (1 + masks) x width: the IoU token, then the mask tokens.
  let outputTokens: Tensor
  let transformer: TwoWayTransformer
  let upscale1: TransposedConvolution
  let upscaleNorm: LayerNorm
  let upscale2: TransposedConvolution
  let hypernetworks: [HeadMLP]
  let iouHead: HeadMLP
  let highResolution: (s0: Convolution, s1: Convolution)?
  /// The upscaling and the product with the hypernetworks' weights, in one.
  let maskHead: MaskHead

  /// The masks of an ambiguous prompt: all but the first.
  public var multimaskRange: Range<Int> { 1..<hypernetworks.count }

  /// A mask decoder, keys `mask_decoder.…` of the official checkpoints.
  public init(_ parameters: Parameters, _ configuration: ModelConfiguration) throws(ModelError) {
    let sizes = configuration.decoder
    width = sizes.width
    guard width > 0, width % 8 == 0 else {
      throw .invalidConfiguration(.size(name: "decoder width", value: width))
    }
    let masks = sizes.multimaskOutputs + 1
    outputTokens = Tensor.concatenating([
      try parameters.tensor("iou_token.weight", [1, width]),
      try parameters.tensor("mask_tokens.weight", [masks, width]),
    ])
    transformer = try TwoWayTransformer(parameters["transformer"], sizes)
    upscale1 = try TransposedConvolution(parameters["output_upscaling.0"], width, width / 4)
    upscaleNorm = try LayerNorm(parameters["output_upscaling.1"], width / 4, epsilon: 1e-6)
    upscale2 = try TransposedConvolution(parameters["output_upscaling.3"], width / 4, width / 8)
    maskHead = MaskHead(
      first: (upscale1.weight, upscale1.bias),
      norm: (upscaleNorm.weight, upscaleNorm.bias, upscaleNorm.epsilon),
      second: (upscale2.weight, upscale2.bias))
    var hypernetworks: [HeadMLP] = []
    for index in 0..<masks {
      hypernetworks.append(
        try HeadMLP(
          parameters["output_hypernetworks_mlps.\(index)"], width, hidden: width, outputs: width / 8, depth: 3
        ))
    }
    self.hypernetworks = hypernetworks
    iouHead = try HeadMLP(
      parameters["iou_prediction_head"], width, hidden: sizes.iouHeadWidth, outputs: masks,
      depth: sizes.iouHeadDepth)
    if sizes.hasHighResolutionFeatures, case .hybrid(let encoder) = configuration.encoder {
      highResolution = (
        s0: try Convolution(parameters["conv_s0"], encoder.widths[0], width / 8, kernel: 1),
        s1: try Convolution(parameters["conv_s1"], encoder.widths[1], width / 4, kernel: 1)
      )
    } else {
      highResolution = nil
    }
  }

  /// What the decoder needs of one encoded image.
  ///
  /// - Parameters:
  ///   - encoded: the encoder's output for one image.
  ///   - positions: ``PromptEncoder/densePositions(_:)`` of the embedding's size.
  public func imageFeatures(_ encoded: ImageEncoder.Output, positions: Tensor) -> ImageFeatures {
    imageFeatures(ofBatch: encoded, positions: positions)[0]
  }

  /// What the decoder needs of each image of a batch.
  public func imageFeatures(ofBatch encoded: ImageEncoder.Output, positions: Tensor) -> [ImageFeatures] {
    let batch = batchFeatures(encoded, positions: positions)
    return (0..<encoded.embedding.shape[0]).map { item in
      ImageFeatures(
        embedding: batch.embedding[outermost: item], positions: positions,
        highResolution: batch.highResolution.map { ($0.s0[outermost: item], $0.s1[outermost: item]) })
    }
  }

  /// What the decoder needs of a batch of images, whose tensors stay together: an image for each outermost index.
  public func batchFeatures(_ encoded: ImageEncoder.Output, positions: Tensor) -> ImageFeatures {
    var finer: (s0: Tensor, s1: Tensor)?
    if let highResolution, let stage4 = encoded.stage4, let stage8 = encoded.stage8 {
      finer = (highResolution.s0(stage4), highResolution.s1(stage8))
    }
    return ImageFeatures(embedding: encoded.embedding, positions: positions, highResolution: finer)
  }

  /// Decodes a batch of prompts on one image, on the prompts' compute.
  ///
  /// - Parameters:
  ///   - image: the image's features.
  ///   - prompts: the encoded prompts.
  ///   - masks: which of the masks to compute: `0..<1` for an unambiguous prompt, ``multimaskRange`` otherwise.
  ///   - observe: receives intermediate results under the names of the reference activations.
  public func callAsFunction(
    _ image: ImageFeatures, prompts: PromptEncoder.Output, masks: Range<Int>,
    observe: ActivationObserver? = nil
  ) -> Output {
    let batch = prompts.sparse.shape[0]
    let isTrained = prompts.sparse.isRecorded || image.embedding.isRecorded || outputTokens.isRecorded
    if batch == 1, observe == nil, !masks.isEmpty, !isTrained {
      return decodeOne(image, prompts: prompts, masks: masks)
    }
    return decode(image, prompts: prompts, owners: nil, masks: masks, observe: observe)
  }

  /// Decodes prompts on several images of one size together, as training does: what costs the same for one prompt as for many is done once.
  ///
  /// - Parameters:
  ///   - images: a batch's features, ``batchFeatures(_:positions:)``.
  ///   - prompts: the encoded prompts, image by image.
  ///   - counts: how many of them are each image's; at least 1.
  ///   - masks: which of the masks to compute.
  public func callAsFunction(
    _ images: ImageFeatures, prompts: PromptEncoder.Output, counts: [Int], masks: Range<Int>
  ) -> Output {
    precondition(counts.count == images.embedding.shape[0] && !counts.contains(0), "prompts for each image")
    let owners = counts.enumerated().flatMap { image, count in repeatElement(image, count: count) }
    return decode(images, prompts: prompts, owners: counts.count > 1 ? owners : nil, masks: masks)
  }

  /// - Parameter owners: the image of each prompt; nil where there is one.
  private func decode(
    _ image: ImageFeatures, prompts: PromptEncoder.Output, owners: [Int]?, masks: Range<Int>,
    observe: ActivationObserver? = nil
  ) -> Output {
    let batch = prompts.sparse.shape[0]
    let sizes = Array(image.embedding.shape.suffix(3))
    let (height, columns) = (sizes[0], sizes[1])
    let compute = prompts.sparse.compute
    let tokens = outputTokens.on(compute).reshaped([1, outputTokens.shape[0], width]).repeated(batch)
      .appendingTokens(prompts.sparse)
    let pixels = image.embedding.on(compute).reshaped([
      image.embedding.count / Swift.max(1, height * columns * width), height * columns, width,
    ])
    let source: Tensor
    if prompts.dense.count == width {
      source = pixels.adding(prompts.dense)
    } else {
      let dense = prompts.dense.reshaped([prompts.dense.shape[0], height * columns, width])
      source = owners.map { dense.adding(pixels, owners: $0) } ?? dense.adding(pixels)
    }

    let (queries, keys) = transformer(
      tokens: tokens, image: source, imagePositions: image.positions, owners: owners, observe: observe)

    let grid = keys.reshaped([batch, height, columns, width])
    var upscaled = upscale1(grid, adding: image.highResolution?.s1, owners: owners)
    upscaled = upscaleNorm(upscaled, activation: .gelu)
    if let s0 = image.highResolution?.s0 {
      upscaled = upscale2(upscaled, adding: s0, owners: owners).activated(.gelu)
    } else {
      upscaled = upscale2(upscaled, activation: .gelu)
    }
    observe?("upscaled", upscaled)

    var weights: Tensor?
    for mask in masks {
      let row = hypernetworks[mask](queries.tokens(1 + mask..<2 + mask))
      observe?("hyper\(mask)", row)
      weights = weights?.appendingTokens(row) ?? row
    }
    let iou = iouHead(queries.tokens(0..<1))
    guard let weights else {
      return Output(
        logits: Tensor(uninitialized: [batch, 0, 4 * height, 4 * columns], on: keys.compute),
        iouPredictions: Tensor(uninitialized: [batch, 0], on: keys.compute))
    }
    let logits = weights.productWithTransposed(
      upscaled.reshaped([batch, 16 * height * columns, width / 8]))
    return Output(
      logits: logits.reshaped([batch, masks.count, 4 * height, 4 * columns]),
      iouPredictions: iou.reshaped([batch, hypernetworks.count, 1]).tokens(masks).reshaped([
        batch, masks.count,
      ]))
  }
}
