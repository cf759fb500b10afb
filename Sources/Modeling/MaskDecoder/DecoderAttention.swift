internal import Tensors

/// Attention with projections to a narrower inner width, keys `q_proj`, `k_proj`, `v_proj`, `out_proj`.
struct DecoderAttention: Sendable {
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let heads: Int
  /// The output projection's weight, inner x width.
  let outputTransposed: Tensor
  /// What scores are multiplied by.
  let scale: Float

  init(_ parameters: Parameters, _ width: Int, heads: Int, downsampling: Int) throws(ModelError) {
    guard downsampling > 0, heads > 0, width % downsampling == 0, width / downsampling % heads == 0 else {
      throw .invalidConfiguration(
        .heads(part: "mask decoder", width: width / Swift.max(1, downsampling), heads: heads))
    }
    let inner = width / downsampling
    query = try Linear(parameters["q_proj"], width, inner)
    key = try Linear(parameters["k_proj"], width, inner)
    value = try Linear(parameters["v_proj"], width, inner)
    output = try Linear(parameters["out_proj"], inner, width)
    self.heads = heads
    outputTransposed = output.weight.permuted([1, 0])
    scale = 1 / Float(inner / heads).squareRoot()
  }

  /// What tokens gathered for each head, (tokens · heads) x width, as values of the inner width.
  func projectGathered(_ gathered: Tensor) -> Tensor {
    let bias = value.bias ?? Tensor(repeating: 0, shape: [value.weight.shape[0]], on: gathered.compute)
    return gathered.projectingHeads(value.weight, bias, heads: heads)
  }

  /// batch x queries x width; keys and values of a batch of 1 serve all queries.
  func callAsFunction(
    queries: Tensor, keys: Tensor, values: Tensor, adding residual: Tensor? = nil
  ) -> Tensor {
    let attended = query(queries).attention(keys: key(keys), values: value(values), heads: heads)
    return output(attended, adding: residual)
  }
}
