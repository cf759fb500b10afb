internal import Tensors

/// A convolution block of the hybrid encoder.
enum HybridBlock: Sendable {
  case plain(ConvolutionBlock)
  case inverted(InvertedBottleneck)

  func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .plain(let block): block(x)
    case .inverted(let block): block(x)
    }
  }
}

/// x + conv2(GELU(conv1(x))), both 3x3.
struct ConvolutionBlock: Sendable {
  let conv1: Convolution
  let conv2: Convolution
  let branch: Branch

  /// - Parameter depth: how far into the encoder, from 0 to 1.
  init(_ parameters: Parameters, _ width: Int, depth: Float) throws(ModelError) {
    branch = Branch(parameters, "branch", depth: depth)
    conv1 = try .normalizedOrFolded(parameters["conv1"], width, width, kernel: 3)
    conv2 = try .normalizedOrFolded(parameters["conv2"], width, width, kernel: 3)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    if conv1.isFused(with: x), conv2.isFused(with: x), branch.isPlain {
      return x.residualConvolutions(first: (conv1.weight, conv1.bias), second: (conv2.weight, conv2.bias))
    }
    return branch.add(to: x) { conv2(conv1(x, activation: .gelu), adding: $0) }
  }
}

/// x + project(GELU(depthwise(GELU(expand(x))))) (MobileNetV2, arXiv 1801.04381).
struct InvertedBottleneck: Sendable {
  let expand: Convolution
  let depthwise: DepthwiseConvolution
  let project: Convolution
  let branch: Branch

  /// - Parameter depth: how far into the encoder, from 0 to 1.
  init(_ parameters: Parameters, _ width: Int, depth: Float) throws(ModelError) {
    branch = Branch(parameters, "branch", depth: depth)
    // The expansion is whatever the stored depthwise convolution has.
    let hidden =
      parameters.count("depthwise.bias") ?? parameters.count("depthwise.bn.bias") ?? 3 * width
    expand = try .normalizedOrFolded(parameters["expand"], width, hidden, kernel: 1)
    depthwise = try .normalizedOrFolded(parameters["depthwise"], hidden)
    project = try .normalizedOrFolded(parameters["project"], hidden, width, kernel: 1)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    if expand.isFused(with: x), depthwise.isFolded, project.isFused(with: x), branch.isPlain {
      return x.invertedBottleneck(
        expand: (expand.weight, expand.bias), depthwise: (depthwise.weight, depthwise.bias),
        project: (project.weight, project.bias))
    }
    return branch.add(to: x) {
      project(depthwise(expand(x, activation: .gelu), activation: .gelu), adding: $0)
    }
  }
}

/// A position-encoding depthwise convolution, global attention and an MLP, each with its residual.
struct HybridAttentionBlock: Sendable {
  let position: DepthwiseConvolution
  let norm1: LayerNorm
  let qkv: Linear
  let projection: Linear
  let norm2: LayerNorm
  let mlp: TransformerMLP
  let heads: Int
  let attentionBranch: Branch
  let mlpBranch: Branch

  /// - Parameter depth: how far into the encoder, from 0 to 1.
  init(_ parameters: Parameters, _ width: Int, heads: Int, depth: Float) throws(ModelError) {
    guard heads > 0, width % heads == 0 else {
      throw .invalidConfiguration(.heads(part: "image encoder", width: width, heads: heads))
    }
    self.heads = heads
    attentionBranch = Branch(parameters, "attn", depth: depth)
    mlpBranch = Branch(parameters, "mlp", depth: depth)
    position = try DepthwiseConvolution(parameters["position"], width)
    norm1 = try LayerNorm(parameters["norm1"], width, epsilon: 1e-5)
    qkv = try Linear(parameters["attn.qkv"], width, 3 * width)
    projection = try Linear(parameters["attn.proj"], width, width)
    norm2 = try LayerNorm(parameters["norm2"], width, epsilon: 1e-5)
    let hidden = parameters.count("mlp.lin1.bias") ?? 3 * width
    mlp = try TransformerMLP(parameters["mlp"], width, hidden: hidden, activation: .gelu)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let x = position(x, adding: x)
    let attended = qkv(norm1(x)).gridAttention(heads: heads, window: 0, padding: nil)
    let y = attentionBranch.add(to: x) { projection(attended, adding: $0) }
    return mlpBranch.add(to: y) { mlp(norm2(y), adding: $0) }
  }
}
