#if !hasFeature(Embedded)
  public import Tensors

  extension ImageEncoder {
    /// Encodes images of which only some patches are seen, for masked autoencoding (arXiv 2111.06377).
    ///
    /// - Parameters:
    ///   - image: batch x size x size x 3, normalised RGB.
    ///   - visible: for each image the patches that are seen, numbered row by row; as many in each.
    /// - Returns: batch x tokens x channels. A plain vision transformer returns the tokens of the patches seen, in that order: the others are
    ///   never computed, and tokens attend to all others, without windows and relative positions, which patches that are missing would
    ///   leave in tatters. Other encoders see images whose other patches are blank, and return every position of the embedding.
    public func encodingMasked(_ image: Tensor, visible: [[Int]]) throws(ModelError) -> Tensor {
      if let encoder = plain { return encoder.tokens(of: image, visible: visible) }
      let output = try self(image.blanking(visible, patch: 32))
      let (batch, channels) = (output.embedding.shape[0], output.embedding.shape[3])
      return output.embedding.reshaped([batch, output.embedding.count / (batch * channels), channels])
    }

    /// Pixels of a patch along a side.
    public static func maskedPatch(_ configuration: ModelConfiguration) -> Int {
      if case .viT(let sizes) = configuration.encoder { sizes.patchSize } else { 32 }
    }
  }

  extension ViTEncoder {
    fileprivate func tokens(of image: Tensor, visible: [[Int]]) -> Tensor {
      var x = patchEmbedding(image)
      if let positions { x = x.adding(positions) }
      let (batch, count, width) = (x.shape[0], x.shape[1] * x.shape[2], x.shape[3])
      let rows = visible.enumerated().flatMap { item, patches in patches.map { item * count + $0 } }
      x = x.reshaped([batch * count, width]).gatheringRows(rows)
        .reshaped([batch, 1, rows.count / Swift.max(1, batch), width])
      for block in blocks {
        x = recomputesBlocks ? x.checkpointed { block.onTokens($0) } : block.onTokens(x)
      }
      return x.reshaped([batch, rows.count / Swift.max(1, batch), width])
    }
  }

  extension ViTBlock {
    /// batch x 1 x tokens x channels to the same, all tokens attending to each other.
    fileprivate func onTokens(_ x: Tensor) -> Tensor {
      let attended = qkv(norm1(x)).gridAttention(heads: heads, window: 0, padding: nil)
      let y = attentionBranch.add(to: x) { projection(attended, adding: $0) }
      return mlpBranch.add(to: y) { mlp(norm2(y), adding: $0) }
    }
  }

  extension Tensor {
    /// Images whose other patches are zeros: the mean colour.
    fileprivate func blanking(_ visible: [[Int]], patch: Int) -> Tensor {
      let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
      var result = Tensor(repeating: 0, shape: shape, on: compute)
      withUnsafeBuffer { x in
        result.withUnsafeMutableBuffer { y in
          for item in 0..<batch {
            for number in visible[item] {
              let (top, left) = (number / (width / patch) * patch, number % (width / patch) * patch)
              for row in top..<Swift.min(height, top + patch) {
                let at = ((item * height + row) * width + left) * channels
                for index in at..<at + patch * channels { y[index] = x[index] }
              }
            }
          }
        }
      }
      return result
    }
  }

  /// The light decoder of masked autoencoding: from what was seen to the pixels that were not.
  public struct PixelDecoder: Sendable {
    /// Its sizes.
    public struct Sizes: Sendable, Equatable, Codable {
      /// Channels of a token.
      public var width = 512
      /// Transformer blocks.
      public var depth = 8
      /// Attention heads.
      public var heads = 16

      /// Those of the paper on masked autoencoders.
      public init() {}
    }

    private let embed: Linear
    private let maskToken: Tensor
    private let positions: Tensor
    private let blocks: [HybridAttentionBlock]
    private let norm: LayerNorm
    private let predict: Linear
    private let width: Int

    /// A decoder, keys `pretraining.…`.
    ///
    /// - Parameters:
    ///   - parameters: under that prefix.
    ///   - sizes: of the decoder.
    ///   - inputs: channels of the encoder's tokens.
    ///   - grid: positions along a side.
    ///   - pixels: numbers to predict for each position.
    public init(
      _ parameters: Parameters, _ sizes: Sizes, inputs: Int, grid: Int, pixels: Int
    ) throws(ModelError) {
      width = sizes.width
      embed = try Linear(parameters["embed"], inputs, width)
      maskToken = try parameters.tensor("mask_token", [1, width])
      positions = try parameters.tensor("pos_embed", [grid * grid, width])
      var blocks: [HybridAttentionBlock] = []
      for index in 0..<sizes.depth {
        blocks.append(
          try HybridAttentionBlock(parameters["blocks.\(index)"], width, heads: sizes.heads, depth: 0))
      }
      self.blocks = blocks
      norm = try LayerNorm(parameters["norm"], width, epsilon: 1e-6)
      predict = try Linear(parameters["predict"], width, pixels)
    }

    /// Predicts every position's pixels.
    ///
    /// - Parameters:
    ///   - tokens: batch x tokens x channels, ``ImageEncoder/encodingMasked(_:visible:)``.
    ///   - visible: the positions that the tokens stand for, where they are not all.
    /// - Returns: batch x positions x pixels.
    public func callAsFunction(_ tokens: Tensor, visible: [[Int]]) -> Tensor {
      let (batch, count) = (tokens.shape[0], positions.shape[0])
      let embedded = embed(tokens)
      var x = embedded
      if tokens.shape[1] != count {
        // Tokens at their places, and the same token at all others.
        let table = Tensor.concatenating([
          embedded.reshaped([batch * tokens.shape[1], width]), maskToken,
        ])
        var rows = [Int](repeating: batch * tokens.shape[1], count: batch * count)
        for (item, patches) in visible.enumerated() {
          for (index, patch) in patches.enumerated() {
            rows[item * count + patch] = item * patches.count + index
          }
        }
        x = table.gatheringRows(rows).reshaped([batch, count, width])
      }
      let side = Int(Double(count).squareRoot().rounded())
      x = x.adding(positions).reshaped([batch, side, side, width])
      for block in blocks { x = block(x) }
      return predict(norm(x)).reshaped([batch, count, predict.weight.shape[0]])
    }
  }
#endif
