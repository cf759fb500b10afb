extension Image {
  /// Several pictures in a row on white, from left to right, their upper edges level.
  ///
  /// - Parameters:
  ///   - pictures: of any sizes; at least one.
  ///   - gap: white columns between neighbours.
  public init(sideBySide pictures: [Image], gap: Int = 8) {
    let gap = max(gap, 0)
    let width = pictures.reduce(0) { $0 + $1.width } + gap * max(pictures.count - 1, 0)
    let height = pictures.map(\.height).max() ?? 1
    self.init(
      trusted: [UInt8](repeating: 255, count: max(width, 1) * height * 3), width: max(width, 1),
      height: height)
    var left = 0
    for picture in pictures {
      paste(picture, x: left, y: 0)
      left += picture.width + gap
    }
  }

  /// Copies a picture that lies wholly inside this one.
  mutating func paste(_ picture: Image, x: Int, y: Int) {
    let rowBytes = picture.width * 3
    for row in 0..<picture.height {
      let target = ((y + row) * width + x) * 3
      pixels.replaceSubrange(
        target..<target + rowBytes, with: picture.pixels[row * rowBytes..<(row + 1) * rowBytes])
    }
  }
}
