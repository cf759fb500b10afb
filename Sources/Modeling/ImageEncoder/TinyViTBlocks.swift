internal import Tensors

/// TinyViT's inverted bottleneck: GELU(x + conv3(GELU(conv2(GELU(conv1(x)))))), conv2 3x3 by channel.
struct MobileBlock: Sendable {
  let conv1: Convolution
  let conv2: DepthwiseConvolution
  let conv3: Convolution

  init(_ parameters: Parameters, _ width: Int) throws(ModelError) {
    let hidden = parameters.count("conv1.bn.bias") ?? 4 * width
    conv1 = try .normalized(parameters["conv1"], width, hidden, kernel: 1)
    conv2 = try .normalized(parameters["conv2"], hidden)
    conv3 = try .normalized(parameters["conv3"], hidden, width, kernel: 1)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    conv3(conv2(conv1(x, activation: .gelu), activation: .gelu), adding: x).activated(.gelu)
  }
}

/// Widens the channels and, but for some widths, halves the grid.
struct PatchMerging: Sendable {
  let conv1: Convolution
  let conv2: DepthwiseConvolution
  let conv3: Convolution

  init(_ parameters: Parameters, _ inputs: Int, _ outputs: Int) throws(ModelError) {
    // MobileSAM keeps the grid before its last stage; its code tells that stage by these widths.
    let stride = [320, 448, 576].contains(outputs) ? 1 : 2
    conv1 = try .normalized(parameters["conv1"], inputs, outputs, kernel: 1)
    conv2 = try .normalized(parameters["conv2"], outputs, stride: stride)
    conv3 = try .normalized(parameters["conv3"], outputs, outputs, kernel: 1)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    conv3(conv2(conv1(x, activation: .gelu), activation: .gelu))
  }
}

/// Windowed attention with a bias for each distance, a 3x3 convolution by channel, and an MLP.
struct TinyViTBlock: Sendable {
  let norm: LayerNorm
  let qkv: Linear
  let projection: Linear
  /// heads x window² x window²
  let biases: Tensor
  /// Queries, keys and values of a padding token: zeros that went through the norm and the projection.
  let padding: Tensor
  let localConvolution: DepthwiseConvolution
  let mlpNorm: LayerNorm
  let fc1: Linear
  let fc2: Linear
  let heads: Int
  let window: Int

  init(_ parameters: Parameters, _ width: Int, heads: Int, window: Int) throws(ModelError) {
    guard heads > 0, width % heads == 0 else {
      throw .invalidConfiguration(.heads(part: "image encoder", width: width, heads: heads))
    }
    self.heads = heads
    self.window = window
    norm = try LayerNorm(parameters["attn.norm"], width, epsilon: 1e-5)
    qkv = try Linear(parameters["attn.qkv"], width, 3 * width).separatingHeads(heads)
    projection = try Linear(parameters["attn.proj"], width, width)
    biases = try parameters.tensor("attn.attention_biases", [heads, window * window]).spreadOverWindow(window)
    padding = qkv(norm.bias.reshaped([1, width]))
    localConvolution = try .normalized(parameters["local_conv"], width)
    mlpNorm = try LayerNorm(parameters["mlp.norm"], width, epsilon: 1e-5)
    let hidden = parameters.count("mlp.fc1.bias") ?? 4 * width
    fc1 = try Linear(parameters["mlp.fc1"], width, hidden)
    fc2 = try Linear(parameters["mlp.fc2"], hidden, width)
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let attended = qkv(norm(x)).gridAttention(heads: heads, window: window, padding: padding, bias: biases)
    let y = localConvolution(projection(attended, adding: x))
    return fc2(fc1(mlpNorm(y), activation: .gelu), adding: y)
  }
}

extension Linear {
  /// TinyViT stores the projections head by head as query, key, value; attention wants all queries first.
  fileprivate func separatingHeads(_ heads: Int) -> Linear {
    let (outputs, inputs) = (weight.shape[0], weight.shape[1])
    let depth = outputs / (3 * heads)
    return Linear(
      weight: weight.reshaped([heads, 3, depth, inputs]).permuted([1, 0, 2, 3]).reshaped([outputs, inputs]),
      bias: bias?.reshaped([heads, 3, depth]).permuted([1, 0, 2]).reshaped([outputs]))
  }
}

extension Tensor {
  /// heads x window² x window² from a bias for each distance, heads x window², numbered |dy|·window + |dx|.
  fileprivate func spreadOverWindow(_ window: Int) -> Tensor {
    let tokens = window * window
    let heads = shape[0]
    var result = Tensor(uninitialized: [heads, tokens, tokens], on: compute)
    withUnsafeBuffer { biases in
      result.withUnsafeMutableBuffer { out in
        var position = 0
        for head in 0..<heads {
          for query in 0..<tokens {
            for key in 0..<tokens {
              let down = abs(query / window - key / window)
              let across = abs(query % window - key % window)
              out[position] = biases[head * tokens + down * window + across]
              position += 1
            }
          }
        }
      }
    }
    return result
  }
}
