/// Several pictures on one sheet, each with a caption.
///
/// ```swift
/// var sheet = ContactSheet(columns: 3)
/// sheet.add(overlay.image, caption: "coffee: point 0.91")
/// try sheet.image.write(to: "sheet.png")
/// ```
public struct ContactSheet: Sendable {
  private struct Tile: Sendable {
    let picture: Image
    let caption: String
  }

  private let columns: Int
  private let side: Int
  private let margin: Int
  private let dot = 2
  private var tiles: [Tile] = []

  /// An empty sheet.
  ///
  /// - Parameters:
  ///   - columns: pictures in a row; at least 1.
  ///   - side: the longest side of a picture on the sheet, in pixels, 16...4096.
  ///   - margin: pixels around each picture, 0...256.
  public init(columns: Int = 3, side: Int = 360, margin: Int = 12) {
    self.columns = max(columns, 1)
    self.side = min(max(side, 16), 4096)
    self.margin = min(max(margin, 0), 256)
  }

  /// Adds a picture, resized to the sheet's size, with a line of ASCII text below; what does not fit is cut.
  public mutating func add(_ picture: Image, caption: String = "") {
    let space = side / ((BitmapFont.width + 1) * dot)
    let text = caption.count > space ? caption.prefix(max(space - 2, 0)) + ".." : Substring(caption)
    tiles.append(Tile(picture: picture.resizedLongestSide(to: side), caption: String(text)))
  }

  /// How many pictures have been added.
  public var count: Int { tiles.count }

  /// The sheet. Each row is as high as its highest picture; an empty sheet is a small white square.
  public var image: Image {
    let captionHeight = (BitmapFont.height + 4) * dot
    let rows = stride(from: 0, to: tiles.count, by: columns).map {
      tiles[$0..<min($0 + columns, tiles.count)]
    }
    let heights = rows.map { row in (row.map(\.picture.height).max() ?? 0) + captionHeight + margin }
    let width = margin + max(1, min(columns, tiles.count)) * (side + margin)
    let height = max(margin + heights.reduce(0, +), 1)
    var sheet = Image(
      trusted: [UInt8](repeating: 255, count: width * height * 3), width: width, height: height)
    var top = margin
    for (row, rowHeight) in zip(rows, heights) {
      let pictureHeight = rowHeight - captionHeight - margin
      for (column, tile) in row.enumerated() {
        let left = margin + column * (side + margin)
        sheet.paste(tile.picture, x: left, y: top + pictureHeight - tile.picture.height)
        sheet.write(tile.caption, x: left, y: top + pictureHeight + 2 * dot, color: .black, scale: dot)
      }
      top += rowHeight
    }
    return sheet
  }
}
