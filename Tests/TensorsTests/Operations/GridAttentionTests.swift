import Tensors
import TestSupport
import Testing

@Suite("Attention over a grid")
struct GridAttentionTests {
  /// What is added to the scores.
  enum Added: CaseIterable {
    case nothing, relativePositions, bias
  }

  @Test(arguments: LayerShapes.grids)
  func realLayersEqualTheNaiveForm(layer: LayerShapes.Grid) {
    let added = layer.hasRelativePositions ? Added.relativePositions : layer.window > 0 ? .bias : .nothing
    compare(
      batch: 1, layer.side, layer.side, window: layer.window, heads: layer.heads, layer.width, added,
      rows: layer.window > 0 ? 60 : 10, "\(layer)")
  }

  @Test(arguments: Added.allCases)
  func windowsThatDoNotDivideTheGridArePaddedWithKeys(added: Added) {
    for (height, width, window) in [(4, 4, 2), (5, 7, 3), (1, 1, 4), (3, 9, 14), (16, 15, 7), (2, 30, 1)] {
      compare(
        batch: 2, height, width, window: window, heads: 3, 5, added, rows: 500,
        "\(height)x\(width) in \(window)")
    }
  }

  @Test(arguments: Added.allCases)
  func withoutWindowsAllTokensAreKeys(added: Added) {
    for (height, width) in [(1, 1), (1, 9), (7, 2), (12, 17), (40, 24)] {
      compare(batch: 2, height, width, window: 0, heads: 2, 8, added, rows: 100, "\(height)x\(width)")
    }
  }

  @Test func withoutAPaddingTokenZerosArePadded() {
    let x = Tensor.random([1, 3, 4, 12], seed: 100)
    let zeros = Tensor(repeating: 0, shape: [12])
    #expect(
      x.gridAttention(heads: 2, window: 3, padding: nil).elements
        == x.gridAttention(heads: 2, window: 3, padding: zeros).elements)
  }

  private func compare(
    batch: Int, _ height: Int, _ width: Int, window: Int, heads: Int, _ depth: Int, _ added: Added, rows: Int,
    _ what: String
  ) {
    let channels = heads * depth
    let (windowRows, windowColumns) = window > 0 ? (window, window) : (height, width)
    let tokens = windowRows * windowColumns
    let x = Tensor.random([batch, height, width, 3 * channels], seed: 101, scale: 2)
    let padding = Tensor.random([3 * channels], seed: 102, scale: 2)
    let isRelative = added == .relativePositions
    let relativeRows = isRelative ? Tensor.random([2 * windowRows - 1, depth], seed: 103) : nil
    let relativeColumns = isRelative ? Tensor.random([2 * windowColumns - 1, depth], seed: 104) : nil
    let bias = added == .bias ? Tensor.random([heads, tokens, tokens], seed: 105, scale: 3) : nil
    let result = onAnyThreads(what) {
      x.on($0).gridAttention(
        heads: heads, window: window, padding: padding, relativeRows: relativeRows,
        relativeColumns: relativeColumns,
        bias: bias)
    }
    #expect(result.shape == [batch, height, width, channels])
    let rows = sampledRows(batch * height * width, most: rows)
    let grid = Oracle.Grid(
      batch: batch, height: height, width: width, heads: heads, depth: depth, rows: windowRows,
      columns: windowColumns, qkv: x.elements, padding: padding.elements,
      relativeRows: relativeRows?.elements,
      relativeColumns: relativeColumns?.elements, bias: bias?.elements)
    expect(rows: rows, of: result, Oracle.gridAttention(grid, rows: rows), what)
  }
}
