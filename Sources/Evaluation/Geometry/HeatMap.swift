/// How many masks have their centre in each cell of a grid over the image (figure 5 of the paper).
public struct HeatMap: Sendable, Equatable {
  /// Cells in a row, and rows.
  public let cells: Int
  /// Masks by cell, row by row.
  public private(set) var counts: [Int]

  /// An empty map.
  public init(cells: Int) {
    self.cells = max(1, cells)
    counts = [Int](repeating: 0, count: self.cells * self.cells)
  }

  /// Counts a mask where its centroid is.
  public mutating func add(_ shape: MaskShape) {
    add(shape.cell(ofCentroidIn: cells))
  }

  /// Counts a mask where the middle of its box is.
  public mutating func add(boxOf shape: MaskShape) {
    add(shape.cell(ofBoxCentreIn: cells))
  }

  private mutating func add(_ cell: (row: Int, column: Int)) { add(cell: cell.row * cells + cell.column) }

  /// Counts a mask in a cell, by its place row by row.
  mutating func add(cell: Int) { counts[cell] += 1 }
}
