/// Sizes of the layers of the real models, by name: the one table that drives both the tests of the operations
/// against their naive forms and the benchmarks.
///
/// vit_b and vit_h are the paper's image encoders at 1024x1024, tinyvit is MobileSAM's, nano the small model
/// inside the library at 384x384; the decoder is the one they share (256 channels, nano: 128).
public enum LayerShapes {
  /// A matrix product with the layer's weights: rows x inputs to rows x outputs.
  public struct Product: Sendable, CustomStringConvertible {
    /// The layer.
    public let name: String
    /// Tokens or pixels.
    public let rows: Int
    /// Channels in and out.
    public let inputs: Int, outputs: Int
    /// The name and the sizes.
    public var description: String { "\(name) \(rows)x\(inputs)x\(outputs)" }
    init(_ name: String, _ rows: Int, _ inputs: Int, _ outputs: Int) {
      (self.name, self.rows, self.inputs, self.outputs) = (name, rows, inputs, outputs)
    }
  }

  /// Linear layers and 1x1 convolutions.
  public static let products = [
    Product("vit_b qkv", 4096, 768, 2304),
    Product("vit_b projection", 4096, 768, 768),
    Product("vit_b mlp up", 4096, 768, 3072),
    Product("vit_b mlp down", 4096, 3072, 768),
    Product("vit_h qkv", 4096, 1280, 3840),
    Product("neck 1x1", 4096, 768, 256),
    Product("tinyvit expand", 65536, 64, 256),
    Product("tinyvit mlp up", 4096, 160, 640),
    Product("nano stage8 expand", 2304, 96, 288),
    Product("nano stage8 project", 2304, 288, 96),
    Product("nano stage16 qkv", 576, 160, 480),
    Product("nano stage32 mlp up", 144, 256, 768),
    Product("nano lateral", 576, 160, 128),
    Product("decoder image keys", 4096, 256, 128),
    Product("decoder token queries", 7, 256, 128),
    Product("decoder token mlp up", 7, 256, 2048),
    Product("decoder token mlp down", 7, 2048, 256),
    Product("decoder hypernetwork", 1, 256, 32),
    Product("decoder iou head", 1, 256, 4),
  ]

  /// Attention between two sets of tokens.
  public struct Attention: Sendable, CustomStringConvertible {
    /// The layer.
    public let name: String
    /// Prompts at once.
    public let batch: Int
    /// Tokens that ask and tokens that answer.
    public let queries: Int, keys: Int
    /// Heads and the width of each.
    public let heads: Int, width: Int
    /// The name and the sizes.
    public var description: String { "\(name) \(batch)x\(queries)x\(keys), \(heads) heads of \(width)" }
    init(_ name: String, _ batch: Int, _ queries: Int, _ keys: Int, heads: Int, _ width: Int) {
      (self.name, self.batch, self.queries, self.keys) = (name, batch, queries, keys)
      (self.heads, self.width) = (heads, width)
    }
  }

  /// The decoder's attention, and the small encoder's.
  public static let attentions = [
    Attention("decoder tokens to themselves", 1, 7, 7, heads: 8, 32),
    Attention("decoder tokens to image", 1, 7, 4096, heads: 8, 16),
    Attention("decoder image to tokens", 1, 4096, 7, heads: 8, 16),
    Attention("decoder tokens to image, 64 prompts", 64, 7, 4096, heads: 8, 16),
    Attention("nano decoder tokens to image", 1, 7, 576, heads: 8, 8),
    Attention("nano stage16", 1, 576, 576, heads: 5, 32),
    Attention("nano stage32", 1, 144, 144, heads: 8, 32),
  ]

  /// Attention over a grid of tokens, in windows or whole.
  public struct Grid: Sendable, CustomStringConvertible {
    /// The layer.
    public let name: String
    /// Tokens of a side of the square grid, and of a window; 0 for no windows.
    public let side: Int, window: Int
    /// Heads and the width of each.
    public let heads: Int, width: Int
    /// Whether relative positions are added; else a bias for each score.
    public let hasRelativePositions: Bool
    /// The name and the sizes.
    public var description: String { "\(name) \(side)x\(side) window \(window), \(heads) heads of \(width)" }
    init(_ name: String, side: Int, window: Int, heads: Int, _ width: Int, relative: Bool) {
      (self.name, self.side, self.window, self.heads, self.width) = (name, side, window, heads, width)
      hasRelativePositions = relative
    }
  }

  /// The encoders' attention.
  public static let grids = [
    Grid("vit_b window", side: 64, window: 14, heads: 12, 64, relative: true),
    Grid("vit_b global", side: 64, window: 0, heads: 12, 64, relative: true),
    Grid("vit_h window", side: 64, window: 14, heads: 16, 80, relative: true),
    Grid("tinyvit stage2", side: 128, window: 7, heads: 4, 32, relative: false),
    Grid("tinyvit stage3", side: 64, window: 14, heads: 5, 32, relative: false),
    Grid("tinyvit stage4", side: 64, window: 7, heads: 10, 32, relative: false),
    Grid("nano stage16", side: 24, window: 0, heads: 5, 32, relative: false),
  ]

  /// A convolution of square images.
  public struct Convolution: Sendable, CustomStringConvertible {
    /// The layer.
    public let name: String
    /// Pixels of a side.
    public let side: Int
    /// Channels in and out; equal for a depthwise convolution.
    public let inputs: Int, outputs: Int
    /// Pixels of the kernel's side, from patch to patch, and zeros around the image.
    public let kernel: Int, stride: Int, padding: Int
    /// The name and the sizes.
    public var description: String {
      "\(name) \(side)x\(side)x\(inputs) to \(outputs), kernel \(kernel), stride \(stride)"
    }
    init(_ name: String, side: Int, _ inputs: Int, _ outputs: Int, kernel: Int, stride: Int, padding: Int) {
      (self.name, self.side, self.inputs, self.outputs) = (name, side, inputs, outputs)
      (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
    }
  }

  /// Convolutions over all channels.
  public static let convolutions = [
    Convolution("vit_b patch embedding", side: 1024, 3, 768, kernel: 16, stride: 16, padding: 0),
    Convolution("neck 3x3", side: 64, 256, 256, kernel: 3, stride: 1, padding: 1),
    Convolution("tinyvit stem", side: 1024, 3, 32, kernel: 3, stride: 2, padding: 1),
    Convolution("nano stem", side: 384, 3, 24, kernel: 3, stride: 2, padding: 1),
    Convolution("nano stage4 down", side: 192, 24, 48, kernel: 3, stride: 2, padding: 1),
    Convolution("nano stage4", side: 96, 48, 48, kernel: 3, stride: 1, padding: 1),
    Convolution("nano neck 3x3", side: 24, 128, 128, kernel: 3, stride: 1, padding: 1),
    Convolution("mask downscaling 1", side: 256, 1, 4, kernel: 2, stride: 2, padding: 0),
    Convolution("mask downscaling 2", side: 128, 4, 16, kernel: 2, stride: 2, padding: 0),
    Convolution("mask downscaling 3", side: 64, 16, 256, kernel: 1, stride: 1, padding: 0),
  ]

  /// Convolutions of each channel by itself.
  public static let depthwiseConvolutions = [
    Convolution("tinyvit stage1", side: 256, 256, 256, kernel: 3, stride: 1, padding: 1),
    Convolution("tinyvit merging", side: 256, 128, 128, kernel: 3, stride: 2, padding: 1),
    Convolution("nano stage8", side: 48, 288, 288, kernel: 3, stride: 1, padding: 1),
    Convolution("nano stage16", side: 24, 480, 480, kernel: 3, stride: 1, padding: 1),
    Convolution("nano stage32 position", side: 12, 256, 256, kernel: 3, stride: 1, padding: 1),
  ]

  /// Transposed 2x2 convolutions of the mask decoder.
  public static let transposedConvolutions = [
    Convolution("upscaling 1", side: 64, 256, 64, kernel: 2, stride: 2, padding: 0),
    Convolution("upscaling 2", side: 128, 64, 32, kernel: 2, stride: 2, padding: 0),
    Convolution("nano upscaling 1", side: 24, 128, 32, kernel: 2, stride: 2, padding: 0),
    Convolution("nano upscaling 2", side: 48, 32, 16, kernel: 2, stride: 2, padding: 0),
  ]

  /// Rows that are normalised by themselves.
  public struct Rows: Sendable, CustomStringConvertible {
    /// The layer.
    public let name: String
    /// Tokens or pixels, and the channels of each.
    public let rows: Int, channels: Int
    /// The name and the sizes.
    public var description: String { "\(name) \(rows)x\(channels)" }
    init(_ name: String, _ rows: Int, _ channels: Int) {
      (self.name, self.rows, self.channels) = (name, rows, channels)
    }
  }

  /// Layer norms.
  public static let normalisations = [
    Rows("vit_b norm1", 4096, 768),
    Rows("vit_h norm1", 4096, 1280),
    Rows("neck", 4096, 256),
    Rows("upscaling", 16384, 64),
    Rows("mask downscaling", 16384, 4),
    Rows("nano stage16", 576, 160),
    Rows("decoder tokens", 7, 256),
  ]
}
