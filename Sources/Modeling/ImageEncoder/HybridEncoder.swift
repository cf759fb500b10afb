internal import Tensors

/// The small encoder of the model inside: plain convolutions down to a quarter of the input, inverted bottlenecks at an
/// eighth and a sixteenth, and global attention where there are few positions. GELU throughout; batch norms are folded into the
/// convolutions when a model is saved.
struct HybridEncoder: Sendable {
  let stem: Convolution
  let stages: [HybridStage]
  let lateral16: Convolution
  let lateral32: Convolution
  let norm1: LayerNorm
  let mix: Convolution
  let norm2: LayerNorm

  init(
    _ parameters: Parameters, _ sizes: HybridConfiguration, imageSize: Int, outputs: Int
  ) throws(ModelError) {
    guard imageSize > 0, imageSize % 32 == 0 else {
      throw .invalidConfiguration(.imageSize(value: imageSize, multiple: 32))
    }
    for list in [sizes.widths, sizes.blocks, sizes.attentionBlocks, sizes.attentionHeads]
    where list.count != 4 {
      throw .invalidConfiguration(.size(name: "number of encoder stages", value: list.count))
    }
    stem = try .normalizedOrFolded(parameters["stem"], 3, sizes.stemWidth, kernel: 3, stride: 2)
    var stages: [HybridStage] = []
    let depth = zip(sizes.blocks, sizes.attentionBlocks).reduce(0) { $0 + $1.0 + $1.1 }
    var first = 0
    for index in 0..<4 {
      stages.append(
        try HybridStage(
          parameters["stage\(4 << index)"], inputs: index == 0 ? sizes.stemWidth : sizes.widths[index - 1],
          width: sizes.widths[index], blocks: sizes.blocks[index],
          attentionBlocks: sizes.attentionBlocks[index],
          heads: sizes.attentionHeads[index], isInverted: index > 0
        ) { Float(first + $0) / Float(Swift.max(1, depth - 1)) })
      first += sizes.blocks[index] + sizes.attentionBlocks[index]
    }
    self.stages = stages
    lateral16 = try Convolution(parameters["lateral16"], sizes.widths[2], outputs, kernel: 1)
    lateral32 = try Convolution(parameters["lateral32"], sizes.widths[3], outputs, kernel: 1)
    norm1 = try LayerNorm(parameters["neck.0"], outputs, epsilon: 1e-6)
    mix = try Convolution(parameters["neck.1"], outputs, outputs, kernel: 3, padding: 1)
    norm2 = try LayerNorm(parameters["neck.2"], outputs, epsilon: 1e-6)
  }

  func callAsFunction(
    _ image: Tensor, isCancelled: () -> Bool, observe: ActivationObserver?
  ) throws(ModelError) -> ImageEncoder.Output {
    var x = stem(image, activation: .gelu)
    observe?("stem", x)
    var features: [Tensor] = []
    for (index, stage) in stages.enumerated() {
      if isCancelled() { throw .cancelled }
      x = stage(x)
      observe?("stage\(4 << index)", x)
      features.append(x)
    }
    let coarse = lateral32(features[3]).doubledNearest()
    let embedding = norm2(mix(norm1(lateral16(features[2], adding: coarse))))
    return ImageEncoder.Output(embedding: embedding, stage4: features[0], stage8: features[1])
  }
}

/// A stage: a strided convolution, convolution blocks, attention blocks.
struct HybridStage: Sendable {
  let down: Convolution
  let blocks: [HybridBlock]
  let attention: [HybridAttentionBlock]

  /// - Parameter depth: how far into the encoder a block is, from 0 to 1, by its number here.
  init(
    _ parameters: Parameters, inputs: Int, width: Int, blocks: Int, attentionBlocks: Int, heads: Int,
    isInverted: Bool, depth: (_ block: Int) -> Float
  ) throws(ModelError) {
    down = try .normalizedOrFolded(parameters["down"], inputs, width, kernel: 3, stride: 2)
    var convolutions: [HybridBlock] = []
    for index in 0..<blocks {
      let own = parameters["blocks.\(index)"]
      convolutions.append(
        isInverted
          ? .inverted(try InvertedBottleneck(own, width, depth: depth(index)))
          : .plain(try ConvolutionBlock(own, width, depth: depth(index))))
    }
    self.blocks = convolutions
    var attention: [HybridAttentionBlock] = []
    for index in 0..<attentionBlocks {
      attention.append(
        try HybridAttentionBlock(
          parameters["attention.\(index)"], width, heads: heads, depth: depth(blocks + index)))
    }
    self.attention = attention
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    var x = down(x, activation: .gelu)
    for block in blocks { x = block(x) }
    for block in attention { x = block(x) }
    return x
  }
}
