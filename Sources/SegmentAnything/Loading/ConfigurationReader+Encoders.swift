internal import Modeling
internal import Tensors

extension ConfigurationReader {
  /// The sizes of a plain vision transformer, and the side of its input.
  func viT() throws(Reason) -> (ViTConfiguration, imageSize: Int) {
    let encoder = "image_encoder."
    let patch = try shape(encoder + "patch_embed.proj.weight", rank: 4)
    let (width, patchSize) = (patch[0], patch[3])
    let depth = count(encoder + "blocks.")
    let known = ViTConfiguration.known(width: width, depth: depth)
    let lengths = try relativePositionLengths(depth)
    let hasPositions = tensors[encoder + "pos_embed"] != nil
    if !hasPositions, source?.states("use_abs_pos", false) != true {
      throw .missingTensor(name: encoder + "pos_embed")
    }

    let grid: Int
    if hasPositions {
      grid = try size(encoder + "pos_embed", 1, of: 4)
    } else if let longest = lengths.max() {
      grid = (longest + 1) / 2
    } else {
      grid = (source?.integer(.imageSize) ?? 1024) / patchSize
    }
    let imageSize = grid * patchSize
    let (windowSize, globalBlocks) = try windows(
      lengths, depth: depth, grid: grid, known: known?.globalBlocks)
    let sizes = ViTConfiguration(
      width: width, depth: depth, heads: try heads(width: width, known: known?.heads),
      mlpWidth: try size(encoder + "blocks.0.mlp.lin1.weight", 0, of: 2), patchSize: patchSize,
      windowSize: windowSize, globalBlocks: globalBlocks, hasRelativePositions: !lengths.isEmpty,
      hasAbsolutePositions: hasPositions, storedPositions: grid)

    try source?.check(.imageSize, is: imageSize)
    try source?.check(.patchSize, is: patchSize)
    try source?.check(.encoderWidth, is: width)
    try source?.check(.encoderDepth, is: depth)
    try source?.check(.encoderHeads, is: sizes.heads)
    try source?.check(.encoderMLPWidth, is: sizes.mlpWidth)
    try source?.check(.windowSize, is: windowSize)
    try source?.check(.globalBlocks, is: globalBlocks.sorted())
    return (sizes, imageSize)
  }

  /// The number of relative positions of each block, `2 side - 1`; empty where there are none.
  private func relativePositionLengths(_ depth: Int) throws(Reason) -> [Int] {
    let endings = [".attn.rel_pos_h", ".attn.rel_pos_w"]
    guard tensors.keys.contains(where: { endings.contains(where: $0.hasSuffix) }) else { return [] }
    var lengths: [Int] = []
    for block in 0..<depth {
      lengths.append(try size("image_encoder.blocks.\(block).attn.rel_pos_h", 0, of: 2))
    }
    return lengths
  }

  private func heads(width: Int, known: Int?) throws(Reason) -> Int {
    let name = "image_encoder.blocks.0.attn.rel_pos_h"
    guard let shape = tensors[name]?.shape else {
      return source?.integer(.encoderHeads) ?? known ?? max(1, width / 64)
    }
    guard shape.count == 2, shape[1] > 0, width % shape[1] == 0 else {
      throw .misshapenTensor(name: name, shape: Array(shape))
    }
    return width / shape[1]
  }

  /// The window's side in tokens, and the blocks without windows.
  private func windows(
    _ lengths: [Int], depth: Int, grid: Int, known: Set<Int>?
  ) throws(Reason) -> (size: Int, global: Set<Int>) {
    let global = 2 * grid - 1
    let windowed = Set(lengths.filter { $0 != global })
    guard windowed.count <= 1 else { throw .mixedWindows(lengths: Set(lengths).sorted()) }
    if let length = windowed.first {
      return ((length + 1) / 2, Set(lengths.indices.filter { lengths[$0] == global }))
    }
    let quarters = Set((1...4).map { $0 * depth / 4 - 1 }.filter { $0 >= 0 })
    let blocks = source?.integers(.globalBlocks).map(Set.init) ?? known ?? quarters
    // All lengths are the grid's: a window, if there is one, is as large.
    return (lengths.isEmpty ? source?.integer(.windowSize) ?? 14 : grid, blocks)
  }

  /// The sizes of TinyViT. Attention biases, heads x window², tell heads and windows.
  func tinyViT() throws(Reason) -> TinyViTConfiguration {
    let encoder = "image_encoder."
    var widths = [try size(encoder + "patch_embed.seq.2.c.weight", 0, of: 4)]
    var depths = [count(encoder + "layers.0.blocks.")]
    // The first stage has no attention; what the published models say of it is kept.
    var heads = [source?.integers(.stageHeads)?.first ?? max(1, widths[0] / 32)]
    var windows = [source?.integers(.stageWindows)?.first ?? 7]
    for stage in 1..<4 {
      widths.append(try size("\(encoder)layers.\(stage - 1).downsample.conv3.c.weight", 0, of: 4))
      depths.append(count("\(encoder)layers.\(stage).blocks."))
      let name = "\(encoder)layers.\(stage).blocks.0.attn.attention_biases"
      let biases = try shape(name, rank: 2)
      let window = Int(Double(biases[1]).squareRoot())
      guard window * window == biases[1] else { throw .misshapenTensor(name: name, shape: Array(biases)) }
      heads.append(biases[0])
      windows.append(window)
    }
    try source?.check(.stageWidths, is: widths)
    try source?.check(.stageDepths, is: depths)
    try source?.check(.stageHeads, is: heads)
    try source?.check(.stageWindows, is: windows)
    return TinyViTConfiguration(widths: widths, depths: depths, heads: heads, windowSizes: windows)
  }

  /// The sizes of the hybrid encoder.
  func hybrid() throws(Reason) -> HybridConfiguration {
    let encoder = "image_encoder."
    /// A convolution's name, with the batch norm that it has while it is trained, or without.
    func kernel(_ name: String) -> String {
      tensors[name + ".c.weight"] == nil ? name + ".weight" : name + ".c.weight"
    }
    let stemWidth = try size(kernel(encoder + "stem"), 0, of: 4)
    var widths: [Int] = []
    var blocks: [Int] = []
    var attention: [Int] = []
    for stage in 0..<4 {
      let name = "\(encoder)stage\(4 << stage)."
      widths.append(try size(kernel(name + "down"), 0, of: 4))
      blocks.append(count(name + "blocks."))
      attention.append(count(name + "attention."))
    }
    let heads =
      source?.integers(.stageHeads)
      ?? zip(widths, attention).map { width, attention in attention > 0 ? max(1, width / 32) : 0 }
    try source?.check(.stemWidth, is: stemWidth)
    try source?.check(.stageWidths, is: widths)
    try source?.check(.stageDepths, is: blocks)
    try source?.check(.stageAttention, is: attention)
    return HybridConfiguration(
      stemWidth: stemWidth, widths: widths, blocks: blocks, attentionBlocks: attention, attentionHeads: heads)
  }
}
