internal import Tensors

/// The paper's image encoder: a plain vision transformer with windowed attention, four global blocks and a
/// convolutional neck (appendix A; ViTDet, arXiv 2203.16527).
struct ViTEncoder: Sendable {
  let patchEmbedding: Convolution
  /// 1 x grid x grid x width
  let positions: Tensor?
  let blocks: [ViTBlock]
  let neck: EncoderNeck
  let recomputesBlocks: Bool

  init(
    _ parameters: Parameters, _ sizes: ViTConfiguration, imageSize: Int, outputs: Int, precision: Precision
  ) throws(ModelError) {
    guard sizes.patchSize > 0, imageSize > 0, imageSize % sizes.patchSize == 0 else {
      throw .invalidConfiguration(.imageSize(value: imageSize, multiple: sizes.patchSize))
    }
    guard sizes.heads > 0, sizes.width % sizes.heads == 0 else {
      throw .invalidConfiguration(.heads(part: "image encoder", width: sizes.width, heads: sizes.heads))
    }
    let grid = imageSize / sizes.patchSize
    patchEmbedding = try Convolution(
      parameters["patch_embed.proj"], 3, sizes.width, kernel: sizes.patchSize, stride: sizes.patchSize)
    if sizes.hasAbsolutePositions {
      let stored = try parameters.tensor(
        "pos_embed", [1, sizes.storedPositions, sizes.storedPositions, sizes.width])
      positions = stored.resampledPositions(grid)
    } else {
      positions = nil
    }
    var blocks: [ViTBlock] = []
    for index in 0..<sizes.depth {
      blocks.append(
        try ViTBlock(
          parameters["blocks.\(index)"], sizes, grid: grid,
          window: sizes.globalBlocks.contains(index) ? 0 : sizes.windowSize,
          depth: Float(index) / Float(Swift.max(1, sizes.depth - 1)), precision: precision))
    }
    self.blocks = blocks
    neck = try EncoderNeck(parameters["neck"], sizes.width, outputs)
    recomputesBlocks = parameters.recomputesBlocks
  }

  func callAsFunction(
    _ image: Tensor, isCancelled: () -> Bool, observe: ActivationObserver?
  ) throws(ModelError) -> Tensor {
    var x = patchEmbedding(image)
    observe?("patch_embed", x)
    if let positions { x = x.adding(positions) }
    for (index, block) in blocks.enumerated() {
      if isCancelled() { throw .cancelled }
      if recomputesBlocks {
        x = x.checkpointed { block($0, name: "block\(index)", observe: nil) }
      } else {
        x = block(x, name: "block\(index)", observe: observe?.forInternals)
      }
      observe?("block\(index)", x)
    }
    return neck(x, observe: observe)
  }
}

extension Tensor {
  /// Position embeddings, 1 x n x n x channels, interpolated to another grid; the same where the sizes agree.
  func resampledPositions(_ grid: Int) -> Tensor {
    guard shape[1] != grid else { return self }
    return permuted([0, 3, 1, 2]).interpolatedPlanes(height: grid, width: grid).permuted([0, 2, 3, 1])
  }

  /// Relative position embeddings, (2·n − 1) x channels, interpolated linearly to another n as in the reference.
  func resampledRelativePositions(_ length: Int) -> Tensor {
    guard shape[0] != length else { return self }
    let channels = shape[1]
    return permuted([1, 0]).interpolatedPlanes(height: channels, width: length).permuted([1, 0])
  }
}

/// 1x1 convolution, norm, 3x3 convolution, norm: from the transformer's width to the embedding's.
struct EncoderNeck: Sendable {
  let reduce: Convolution
  let norm1: LayerNorm
  let mix: Convolution
  let norm2: LayerNorm

  init(_ parameters: Parameters, _ inputs: Int, _ outputs: Int) throws(ModelError) {
    reduce = try Convolution(parameters["0"], inputs, outputs, kernel: 1, hasBias: false)
    norm1 = try LayerNorm(parameters["1"], outputs, epsilon: 1e-6)
    mix = try Convolution(parameters["2"], outputs, outputs, kernel: 3, padding: 1, hasBias: false)
    norm2 = try LayerNorm(parameters["3"], outputs, epsilon: 1e-6)
  }

  func callAsFunction(_ x: Tensor, observe: ActivationObserver?) -> Tensor {
    var x = reduce(x)
    observe?("neck0", x)
    x = norm1(x)
    observe?("neck1", x)
    x = mix(x)
    observe?("neck2", x)
    x = norm2(x)
    observe?("neck3", x)
    return x
  }
}
