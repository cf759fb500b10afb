public import Tensors

/// Turns prompts into tokens and a dense embedding (paper, section 3 and appendix A).
public struct PromptEncoder: Sendable {
  /// Prompts of a batch, as tokens.
  public struct Output: Sendable {
    /// batch x tokens x width; no tokens where there is neither point nor box.
    public var sparse: Tensor
    /// batch x size/16 x size/16 x width for mask prompts, else one row of `width` that holds everywhere.
    public var dense: Tensor
  }

  /// What a point stands for: its row in the table of embeddings.
  public enum PointKind: Int, Sendable {
    /// A point to be ignored: padding.
    case padding = 0
    /// Not part of the object.
    case background = 1
    /// Part of the object.
    case foreground = 2
    /// A box's top left corner.
    case topLeft = 3
    /// A box's bottom right corner.
    case bottomRight = 4
  }

  /// Side of the model input in pixels.
  let imageSize: Int
  let width: Int
  /// 2 x width/2
  let gaussianMatrix: Tensor
  /// One row for each ``PointKind``.
  let pointEmbeddings: Tensor
  /// The dense embedding of prompts without a mask, 1 x width.
  public let noMaskEmbedding: Tensor
  let maskDownscaling: MaskDownscaling

  /// A prompt encoder, keys `prompt_encoder.…` of the official checkpoints.
  public init(_ parameters: Parameters, _ configuration: ModelConfiguration) throws(ModelError) {
    let width = configuration.decoder.width
    guard width > 0, width % 2 == 0 else {
      throw .invalidConfiguration(.size(name: "prompt width", value: width))
    }
    imageSize = configuration.imageSize
    self.width = width
    gaussianMatrix = try parameters.tensor("pe_layer.positional_encoding_gaussian_matrix", [2, width / 2])
    var rows = [try parameters.tensor("not_a_point_embed.weight", [1, width])]
    for index in 0..<4 { rows.append(try parameters.tensor("point_embeddings.\(index).weight", [1, width])) }
    pointEmbeddings = Tensor.concatenating(rows)
    noMaskEmbedding = try parameters.tensor("no_mask_embed.weight", [1, width])
    maskDownscaling = try MaskDownscaling(
      parameters["mask_downscaling"], hidden: configuration.decoder.maskInputChannels, width: width)
  }

  /// Encodes a batch of prompts, on the coordinates' compute.
  ///
  /// - Parameters:
  ///   - coordinates: batch x points x 2, XY pixels of the model input; box corners are points as well. The
  ///     caller appends a padding point to points without a box, as the reference does.
  ///   - kinds: batch · points of them.
  ///   - masks: batch (or 1) x size/4 x size/4 logits, or nil.
  public func callAsFunction(coordinates: Tensor, kinds: [PointKind], masks: Tensor?) -> Output {
    let (batch, points) = (coordinates.shape[0], coordinates.shape[1])
    precondition(kinds.count == batch * points, "a kind for each point")
    let positions = normalized(coordinates).fourierFeatures(gaussianMatrix)
      .scalingRows(kinds.map { $0 == .padding ? 0 : 1 })
    let sparse = positions.adding(pointEmbeddings.gatheringRows(kinds.map { $0.rawValue }))
      .reshaped([batch, points, width])
    guard let masks else { return Output(sparse: sparse, dense: noMaskEmbedding) }
    return Output(sparse: sparse, dense: maskDownscaling(masks))
  }

  /// The positional encoding of every position of an embedding of `size` x `size`: (size · size) x width.
  public func densePositions(_ size: Int) -> Tensor {
    var centres: [Float] = []
    centres.reserveCapacity(2 * size * size)
    for row in 0..<size {
      for column in 0..<size {
        centres.append((Float(column) + 0.5) / Float(size))
        centres.append((Float(row) + 0.5) / Float(size))
      }
    }
    return Tensor(centres, shape: [size * size, 2], on: gaussianMatrix.compute).fourierFeatures(
      gaussianMatrix)
  }

  /// Pixel centres, in [0, 1].
  private func normalized(_ coordinates: Tensor) -> Tensor {
    var result = coordinates
    result.withUnsafeMutableBuffer { values in
      for index in values.indices { values[index] = (values[index] + 0.5) / Float(imageSize) }
    }
    return result
  }
}

/// Mask prompts to the embedding's size: two 2x2 convolutions of stride 2, each with norm and GELU, and a 1x1.
struct MaskDownscaling: Sendable {
  let conv1: Convolution
  let norm1: LayerNorm
  let conv2: Convolution
  let norm2: LayerNorm
  let conv3: Convolution

  init(_ parameters: Parameters, hidden: Int, width: Int) throws(ModelError) {
    conv1 = try Convolution(parameters["0"], 1, hidden / 4, kernel: 2, stride: 2)
    norm1 = try LayerNorm(parameters["1"], hidden / 4, epsilon: 1e-6)
    conv2 = try Convolution(parameters["3"], hidden / 4, hidden, kernel: 2, stride: 2)
    norm2 = try LayerNorm(parameters["4"], hidden, epsilon: 1e-6)
    conv3 = try Convolution(parameters["6"], hidden, width, kernel: 1)
  }

  /// batch x 4h x 4w to batch x h x w x width.
  func callAsFunction(_ masks: Tensor) -> Tensor {
    let x = masks.reshaped([masks.shape[0], masks.shape[1], masks.shape[2], 1])
    return conv3(norm2(conv2(norm1(conv1(x), activation: .gelu)), activation: .gelu))
  }
}
