import Tensors
import TestSupport
import Testing

@Suite("Attention")
struct AttentionTests {
  @Test(arguments: LayerShapes.attentions)
  func realLayersEqualTheNaiveForm(layer: LayerShapes.Attention) {
    compare(
      batch: layer.batch, queries: layer.queries, keys: layer.keys, keyBatch: layer.batch, heads: layer.heads,
      width: layer.width, valueWidth: layer.width, hasBias: false, "\(layer)")
  }

  @Test(arguments: [false, true])
  func smallCasesEqualTheNaiveForm(hasBias: Bool) {
    for (batch, keyBatch, queries, keys) in [
      (1, 1, 1, 1), (2, 2, 3, 5), (3, 1, 7, 17), (2, 1, 300, 700), (0, 1, 3, 4), (2, 2, 0, 3),
    ] {
      for (heads, width, valueWidth) in [(1, 1, 1), (2, 3, 5), (8, 16, 16), (3, 32, 4)] {
        compare(
          batch: batch, queries: queries, keys: keys, keyBatch: keyBatch, heads: heads, width: width,
          valueWidth: valueWidth, hasBias: hasBias, "\(batch)x\(queries)x\(keys), \(heads) heads")
      }
    }
  }

  private func compare(
    batch: Int, queries: Int, keys: Int, keyBatch: Int, heads: Int, width: Int, valueWidth: Int,
    hasBias: Bool,
    _ what: String
  ) {
    let q = Tensor.random([batch, queries, heads * width], seed: 90, scale: 2)
    let k = Tensor.random([keyBatch, keys, heads * width], seed: 91, scale: 2)
    let v = Tensor.random([keyBatch, keys, heads * valueWidth], seed: 92)
    let bias = hasBias ? Tensor.random([heads, queries, keys], seed: 93, scale: 4) : nil
    let result = onAnyThreads(what) { q.on($0).attention(keys: k, values: v, heads: heads, bias: bias) }
    #expect(result.shape == [batch, queries, heads * valueWidth])
    guard batch * queries > 0 else { return }
    let rows = sampledRows(batch * queries, most: 60)
    let expected = Oracle.attention(
      q.elements, k.elements, v.elements, batch: batch, queries: queries, keys: keys, heads: heads,
      bias: bias?.elements, rows: rows)
    expect(rows: rows, of: result, expected, what)
  }

  @Test func keysHiddenByTheBiasDoNotCount() {
    let (q, v) = (Tensor.random([1, 3, 8], seed: 94), Tensor.random([1, 5, 8], seed: 95))
    let k = Tensor.random([1, 5, 8], seed: 96, scale: 100)
    // Only key 2 is visible.
    let bias = Tensor((0..<2 * 3 * 5).map { $0 % 5 == 2 ? 0 : -Float.infinity }, shape: [2, 3, 5])
    let result = q.attention(keys: k, values: v, heads: 2, bias: bias)
    for query in 0..<3 {
      #expect(result[outermost: 0][outermost: query].elements == v[outermost: 0][outermost: 2].elements)
    }
  }

  @Test func equalKeysGiveTheMeanOfTheValues() {
    let k = Tensor(repeating: 0.3, shape: [1, 4, 2])
    let v = Tensor([1, 2, 3, 6], shape: [1, 4, 1])
    #expect(Tensor.random([1, 1, 2], seed: 97).attention(keys: k, values: v, heads: 1).elements == [3])
  }
}
