internal import Tensors

/// MobileSAM's image encoder (arXiv 2306.14289): TinyViT (arXiv 2207.10666) with its last merging at stride 1, so
/// that the embedding is at a sixteenth of the input, and SAM's neck.
struct TinyViTEncoder: Sendable {
  let stem1: Convolution
  let stem2: Convolution
  let convolutionBlocks: [MobileBlock]
  let stages: [[TinyViTBlock]]
  /// After stages 0, 1 and 2.
  let mergings: [PatchMerging]
  let neck: EncoderNeck

  init(
    _ parameters: Parameters, _ sizes: TinyViTConfiguration, imageSize: Int, outputs: Int
  ) throws(ModelError) {
    guard imageSize > 0, imageSize % 16 == 0 else {
      throw .invalidConfiguration(.imageSize(value: imageSize, multiple: 16))
    }
    for list in [sizes.widths, sizes.depths, sizes.heads, sizes.windowSizes] where list.count != 4 {
      throw .invalidConfiguration(.size(name: "number of encoder stages", value: list.count))
    }
    stem1 = try .normalized(parameters["patch_embed.seq.0"], 3, sizes.widths[0] / 2, kernel: 3, stride: 2)
    stem2 = try .normalized(
      parameters["patch_embed.seq.2"], sizes.widths[0] / 2, sizes.widths[0], kernel: 3, stride: 2)
    var convolutionBlocks: [MobileBlock] = []
    for index in 0..<sizes.depths[0] {
      convolutionBlocks.append(try MobileBlock(parameters["layers.0.blocks.\(index)"], sizes.widths[0]))
    }
    self.convolutionBlocks = convolutionBlocks
    var stages: [[TinyViTBlock]] = []
    var mergings: [PatchMerging] = []
    for stage in 1..<4 {
      mergings.append(
        try PatchMerging(
          parameters["layers.\(stage - 1).downsample"], sizes.widths[stage - 1], sizes.widths[stage]))
      var blocks: [TinyViTBlock] = []
      for index in 0..<sizes.depths[stage] {
        blocks.append(
          try TinyViTBlock(
            parameters["layers.\(stage).blocks.\(index)"], sizes.widths[stage], heads: sizes.heads[stage],
            window: sizes.windowSizes[stage]))
      }
      stages.append(blocks)
    }
    self.stages = stages
    self.mergings = mergings
    neck = try EncoderNeck(parameters["neck"], sizes.widths[3], outputs)
  }

  func callAsFunction(
    _ image: Tensor, isCancelled: () -> Bool, observe: ActivationObserver?
  ) throws(ModelError) -> Tensor {
    var x = stem2(stem1(image, activation: .gelu))
    observe?("patch_embed", x)
    for (position, block) in convolutionBlocks.enumerated() {
      x = block(x)
      observe?("layer0.block\(position)", x)
    }
    x = mergings[0](x)
    observe?("layer0", x)
    for (index, blocks) in stages.enumerated() {
      for (position, block) in blocks.enumerated() {
        if isCancelled() { throw .cancelled }
        x = block(x)
        observe?("layer\(index + 1).block\(position)", x)
      }
      if index + 1 < mergings.count { x = mergings[index + 1](x) }
      observe?("layer\(index + 1)", x)
    }
    return neck(x, observe: observe)
  }
}
