package import Imaging

/// Overlapping tiles that cover a region.
package struct TileGrid: Sendable {
  /// Where tiles begin along x and y, in the image's pixels.
  package let columns: [Int], rows: [Int]
  /// Of every tile; smaller than asked for where the region is.
  package let width: Int, height: Int

  /// Tiles of a size that have at least so many pixels in common, spread evenly: all are of full size, and the last ones end
  /// where the region ends.
  package init(_ region: PixelBox, size: Int, overlap: Int) {
    func starts(from first: Int, _ length: Int) -> [Int] {
      guard length > size else { return [first] }
      let step = max(1, size - overlap)
      let count = (length - overlap + step - 1) / step
      return (0..<count).map { first + $0 * (length - size) / (count - 1) }
    }
    (width, height) = (min(size, region.width), min(size, region.height))
    columns = starts(from: region.x, region.width)
    rows = starts(from: region.y, region.height)
  }

  /// The tile at a column and row of the grid.
  package func box(column: Int, row: Int) -> PixelBox {
    PixelBox(x: columns[column], y: rows[row], width: width, height: height)
  }

  /// How many tiles there are.
  package var count: Int { columns.count * rows.count }
}
