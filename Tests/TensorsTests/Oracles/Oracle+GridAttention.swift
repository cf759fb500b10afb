import Tensors

extension Oracle {
  /// The operands of attention over a grid; see `Tensor.gridAttention`.
  struct Grid {
    var batch: Int, height: Int, width: Int
    var heads: Int, depth: Int
    /// Height and width of a window, or of the grid.
    var rows: Int, columns: Int
    var qkv: [Float]
    var padding: [Float]
    var relativeRows: [Float]?, relativeColumns: [Float]?
    var bias: [Float]?

    var channels: Int { heads * depth }
  }

  /// The outputs of some tokens (batch x height x width): for each, all keys of its window, those beyond the grid
  /// being the padding token.
  static func gridAttention(_ grid: Grid, rows wanted: [Int]) -> Expected {
    let (channels, depth) = (grid.channels, grid.depth)
    let tokens = grid.rows * grid.columns
    let scale = 1 / Double(depth).squareRoot()
    var expected = Expected()
    grid.qkv.withUnsafeBufferPointer { qkv in
      grid.padding.withUnsafeBufferPointer { padding in
        guard let qkv = qkv.baseAddress, let padding = padding.baseAddress else { return }
        for token in wanted {
          let item = token / (grid.height * grid.width)
          let (y, x) = (token / grid.width % grid.height, token % grid.width)
          let (top, left) = (y / grid.rows * grid.rows, x / grid.columns * grid.columns)
          func key(_ index: Int) -> UnsafePointer<Float> {
            let (i, j) = (top + index / grid.columns, left + index % grid.columns)
            guard i < grid.height, j < grid.width else { return padding }
            return qkv + ((item * grid.height + i) * grid.width + j) * 3 * channels
          }
          for head in 0..<grid.heads {
            let query = qkv + token * 3 * channels + head * depth
            // Row n − 1 + (query row − key row) of the table, times the query; and likewise for columns.
            let vertical = grid.relativeRows.map { table in
              positions(query, table, depth: depth, count: grid.rows, at: y - top)
            }
            let horizontal = grid.relativeColumns.map { table in
              positions(query, table, depth: depth, count: grid.columns, at: x - left)
            }
            let scores = (0..<tokens).map { index -> Approximate in
              var s = dot(query, key(index) + channels + head * depth, depth) * scale
              if let vertical, let horizontal {
                s = s + (vertical[index / grid.columns] + horizontal[index % grid.columns])
              } else if let bias = grid.bias {
                let own = (y - top) * grid.columns + x - left
                s = s + .exact(bias[(head * tokens + own) * tokens + index])
              }
              return s
            }
            let repeated = (0..<tokens).count { key($0) == padding }
            weighted(
              scores, { key($0) + 2 * channels + head * depth }, width: depth, repeated: repeated,
              into: &expected)
          }
        }
      }
    }
    return expected
  }

  private static func positions(
    _ query: UnsafePointer<Float>, _ table: [Float], depth: Int, count: Int, at position: Int
  ) -> [Approximate] {
    table.withUnsafeBufferPointer { table in
      guard let table = table.baseAddress else { return [] }
      return (0..<count).map { key in dot(query, table + (count - 1 + position - key) * depth, depth) }
    }
  }
}
