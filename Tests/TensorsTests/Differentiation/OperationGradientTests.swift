import Tensors
import TestSupport
import Testing

@Suite("Gradients of operations equal finite differences")
struct OperationGradientTests {
  static let products: [GradientCase] = [Activation.identity, .gelu, .relu].flatMap { activation in
    [3, 70].map { rows in
      GradientCase(
        name: "linear of \(rows) rows, \(activation)", shapes: [[rows, 19], [37, 19], [37], [rows, 37]]
      ) {
        // Far from zero, where differences would step over ReLU's corner.
        let bias = activation == .relu ? $0[2].adding(away) : $0[2]
        return $0[0].linear($0[1], bias, activation: activation, adding: $0[3])
      }
    }
  }

  private static let away = Tensor((0..<37).map { $0 % 3 == 0 ? 15 : -15 }, shape: [37])

  static let convolutions: [GradientCase] = [
    (7, 9, 5, 11, 3, 1, 1), (8, 6, 3, 24, 3, 2, 1), (7, 9, 20, 33, 3, 2, 1), (8, 8, 4, 6, 2, 2, 0),
    (5, 7, 6, 9, 1, 1, 0), (12, 8, 3, 10, 4, 4, 0),
  ].map { (sizes: (Int, Int, Int, Int, Int, Int, Int)) in
    let (height, width, inputs, outputs, kernel, stride, padding) = sizes
    let rows = (height + 2 * padding - kernel) / stride + 1
    let columns = (width + 2 * padding - kernel) / stride + 1
    return GradientCase(
      name: "convolution \(sizes)",
      shapes: [
        [2, height, width, inputs], [outputs, kernel, kernel, inputs], [outputs],
        [2, rows, columns, outputs],
      ]
    ) {
      $0[0].convolution($0[1], $0[2], stride: stride, padding: padding, activation: .gelu, adding: $0[3])
    }
  }

  static let others: [GradientCase] = [
    GradientCase(name: "depthwise", shapes: [[2, 6, 7, 21], [9, 21], [21], [2, 6, 7, 21]]) {
      $0[0].depthwiseConvolution($0[1], $0[2], activation: .gelu, adding: $0[3])
    },
    GradientCase(name: "depthwise, stride 2", shapes: [[2, 7, 8, 18], [9, 18], [18]]) {
      $0[0].depthwiseConvolution($0[1], $0[2], stride: 2)
    },
    GradientCase(
      name: "transposed convolution", shapes: [[2, 3, 5, 12], [2, 2, 7, 12], [7], [1, 6, 10, 7]]
    ) {
      $0[0].transposedConvolution2x2($0[1], $0[2], activation: .gelu, adding: $0[3])
    },
    GradientCase(name: "layer norm", shapes: [[9, 37], [37], [37]]) {
      $0[0].layerNorm($0[1], $0[2], epsilon: 1e-5)
    },
    GradientCase(name: "layer norm and GELU", shapes: [[300, 64], [64], [64]]) {
      $0[0].layerNorm($0[1], $0[2], epsilon: 1e-6, activation: .gelu)
    },
    GradientCase(name: "batch norm", shapes: [[3, 5, 4, 19], [19], [19], [3, 5, 4, 19]]) {
      $0[0].batchNorm($0[1], $0[2], activation: .gelu, adding: $0[3]).result
    },
    GradientCase(name: "adding, repeated", shapes: [[6, 5, 8], [5, 8]]) { $0[0].adding($0[1]) },
    GradientCase(name: "adding to owners", shapes: [[5, 3, 7], [3, 3, 7]]) {
      $0[0].adding($0[1], owners: [0, 0, 2, 1, 2])
    },
    GradientCase(name: "activated", shapes: [[6, 33]]) { $0[0].activated(.gelu) },
    GradientCase(name: "permuted", shapes: [[3, 4, 5, 6]]) { $0[0].permuted([2, 0, 3, 1]) },
    GradientCase(name: "concatenating", shapes: [[2, 5], [3, 5], [1, 5]]) { Tensor.concatenating($0) },
    GradientCase(name: "slices", shapes: [[6, 7]]) {
      Tensor.concatenating([
        $0[0][outermost: 2..<5], $0[0][outermost: 0..<4], $0[0][outermost: 3].reshaped([1, 7]),
      ])
    },
    GradientCase(name: "tokens", shapes: [[3, 4, 8], [3, 2, 8]]) {
      $0[0].appendingTokens($0[1]).tokens(1..<5)
    },
    GradientCase(name: "repeated", shapes: [[1, 4, 8]]) { $0[0].repeated(5) },
    GradientCase(name: "gathering rows", shapes: [[5, 8]]) { $0[0].gatheringRows([1, 4, 1, 0]) },
    GradientCase(name: "scaling rows", shapes: [[3, 8]]) { $0[0].scalingRows([0, 2, -1]) },
    GradientCase(name: "batched product", shapes: [[3, 4, 16], [3, 50, 16]]) {
      $0[0].productWithTransposed($0[1])
    },
    GradientCase(name: "batched product, odd depth", shapes: [[2, 1, 21], [2, 9, 21]]) {
      $0[0].productWithTransposed($0[1])
    },
    GradientCase(name: "dropout", shapes: [[6, 33]]) { $0[0].dropout(0.3, seed: 5) },
    GradientCase(name: "computed again", shapes: [[6, 19], [19, 19], [19]]) { operands in
      operands[0].checkpointed { $0.linear(operands[1], operands[2], activation: .gelu, adding: $0) }
    },
    GradientCase(name: "doubled", shapes: [[2, 3, 4, 5]]) { $0[0].doubledNearest() },
    GradientCase(name: "interpolated", shapes: [[2, 6, 9]]) {
      $0[0].interpolatedPlanes(height: 11, width: 5)
    },
    GradientCase(name: "interpolated part", shapes: [[2, 6, 9]]) {
      $0[0].interpolatedPlanes(height: 13, width: 14, sourceHeight: 4, sourceWidth: 7)
    },
  ]

  static let attentions: [GradientCase] = [
    GradientCase(name: "attention", shapes: [[2, 9, 24], [2, 31, 24], [2, 31, 36]]) {
      $0[0].attention(keys: $0[1], values: $0[2], heads: 3)
    },
    GradientCase(name: "attention, shared keys", shapes: [[3, 40, 16], [1, 7, 16], [1, 7, 16]]) {
      $0[0].attention(keys: $0[1], values: $0[2], heads: 2)
    },
    GradientCase(name: "attention to few keys", shapes: [[2, 300, 16], [2, 7, 16], [2, 7, 36]]) {
      $0[0].attention(keys: $0[1], values: $0[2], heads: 2)
    },
    GradientCase(name: "attention with bias", shapes: [[2, 9, 24], [2, 11, 24], [2, 11, 24], [3, 9, 11]]) {
      $0[0].attention(keys: $0[1], values: $0[2], heads: 3, bias: $0[3])
    },
    GradientCase(name: "attention in blocks", shapes: [[1, 70, 8], [1, 2000, 8], [1, 2000, 8]]) {
      $0[0].attention(keys: $0[1], values: $0[2], heads: 1)
    },
    GradientCase(name: "grid attention", shapes: [[2, 5, 6, 48]]) {
      $0[0].gridAttention(heads: 2, window: 0, padding: nil)
    },
    GradientCase(
      name: "grid attention in windows", shapes: [[2, 5, 7, 48], [48], [5, 8], [5, 8]]
    ) {
      $0[0].gridAttention(heads: 2, window: 3, padding: $0[1], relativeRows: $0[2], relativeColumns: $0[3])
    },
    GradientCase(name: "grid attention, relative", shapes: [[1, 4, 6, 24], [7, 8], [11, 8]]) {
      $0[0].gridAttention(heads: 1, window: 0, padding: nil, relativeRows: $0[1], relativeColumns: $0[2])
    },
    GradientCase(name: "grid attention with bias", shapes: [[2, 4, 5, 48], [48], [2, 9, 9]]) {
      $0[0].gridAttention(heads: 2, window: 3, padding: $0[1], bias: $0[2])
    },
  ]

  @Test(arguments: products) func ofProducts(_ item: GradientCase) { item.check() }
  @Test(arguments: convolutions) func ofConvolutions(_ item: GradientCase) { item.check() }
  @Test(arguments: others) func ofOtherOperations(_ item: GradientCase) { item.check() }
  @Test(arguments: attentions) func ofAttentions(_ item: GradientCase) { item.check() }
}
