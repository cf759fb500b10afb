internal import Tensors

/// A transformer block with windowed or global attention and decomposed relative positions.
struct ViTBlock: Sendable {
  let norm1: LayerNorm
  let qkv: Linear
  let projection: Linear
  let relativeRows: Tensor?
  let relativeColumns: Tensor?
  let norm2: LayerNorm
  let mlp: TransformerMLP
  let heads: Int
  /// Tokens of a window along a side; 0 for global attention.
  let window: Int
  let attentionBranch: Branch
  let mlpBranch: Branch

  /// - Parameter depth: how far into the encoder, from 0 to 1.
  init(
    _ parameters: Parameters, _ sizes: ViTConfiguration, grid: Int, window: Int, depth: Float,
    precision: Precision
  ) throws(ModelError) {
    let form: Linear.Form = precision == .int8 ? .rounded : .stored
    let width = sizes.width
    heads = sizes.heads
    self.window = window
    attentionBranch = Branch(parameters, "attn", depth: depth)
    mlpBranch = Branch(parameters, "mlp", depth: depth)
    norm1 = try LayerNorm(parameters["norm1"], width, epsilon: 1e-6)
    qkv = try Linear(parameters["attn.qkv"], width, 3 * width, form: form)
    projection = try Linear(parameters["attn.proj"], width, width, form: form)
    if sizes.hasRelativePositions {
      let side = window > 0 ? window : grid
      // A global block's are stored for the grid that the model was trained on.
      let stored = window > 0 ? window : sizes.storedPositions
      let shape: Shape = [2 * stored - 1, width / heads]
      relativeRows = try parameters.tensor("attn.rel_pos_h", shape).resampledRelativePositions(2 * side - 1)
      relativeColumns = try parameters.tensor("attn.rel_pos_w", shape).resampledRelativePositions(
        2 * side - 1)
    } else {
      relativeRows = nil
      relativeColumns = nil
    }
    norm2 = try LayerNorm(parameters["norm2"], width, epsilon: 1e-6)
    mlp = try TransformerMLP(
      parameters["mlp"], width, hidden: sizes.mlpWidth, activation: .gelu, form: form)
  }

  /// batch x height x width x channels to the same.
  func callAsFunction(_ x: Tensor, name: String, observe: ActivationObserver?) -> Tensor {
    let normed = norm1(x)
    observe?("\(name).norm1", normed)
    let attended = qkv(normed).gridAttention(
      heads: heads, window: window, padding: qkv.bias, relativeRows: relativeRows,
      relativeColumns: relativeColumns)
    let y = attentionBranch.add(to: x) { projection(attended, adding: $0) }
    let normedAgain = norm2(y)
    // The reference's activations are those before the residual sums.
    observe?("\(name).attn", projection(attended))
    observe?("\(name).mlp", mlp(normedAgain, adding: nil))
    return mlpBranch.add(to: y) { mlp(normedAgain, adding: $0) }
  }
}
