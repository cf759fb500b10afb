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

  /// batch x queries x width. What several of a batch have in common is given, and projected, once.
  ///
  /// - Parameters:
  ///   - queries: batch x queries x width, or an item for each image.
  ///   - keys: batch x keys x width, or an item for each image; values as well.
  ///   - owners: the image of each of the batch; nil where there is one.
  func callAsFunction(
    queries: Tensor, keys: Tensor, values: Tensor, adding residual: Tensor? = nil, owners: [Int]? = nil
  ) -> Tensor {
    let batch = owners?.count ?? Swift.max(queries.shape[0], keys.shape[0])
    var (k, v) = (key(keys), value(values))
    // A single image's keys are not copied for each of the batch.
    if let owners { (k, v) = (k.spread(over: batch, owners), v.spread(over: batch, owners)) }
    let attended = query(queries).spread(over: batch, owners).attention(keys: k, values: v, heads: heads)
    return output(attended, adding: residual)
  }
}

extension Tensor {
  /// An item for each of a batch, from an item for each image.
  ///
  /// - Parameter owners: the image of each of the batch, in order, none left out; nil where there is one image.
  func spread(over batch: Int, _ owners: [Int]?) -> Tensor {
    let items = shape[0]
    guard items != batch else { return self }
    guard let owners else { return repeated(batch) }
    var newShape = shape
    newShape[0] = batch
    return reshaped([items, count / Swift.max(1, items)]).gatheringRows(owners).reshaped(newShape)
  }
}
