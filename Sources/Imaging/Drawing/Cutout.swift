extension Image {
  /// The pixels of a mask on a transparent ground.
  ///
  /// - Parameters:
  ///   - isCropped: whether the result is only as large as the mask's bounding box; an empty mask has none and
  ///     leaves the whole size, all transparent.
  ///   - margin: pixels to keep around the box, as far as the picture goes.
  /// - Throws: ``ImageError/sizesDiffer(width:height:maskWidth:maskHeight:)``.
  public func cutout(_ mask: Mask, isCropped: Bool = false, margin: Int = 0) throws(ImageError) -> RGBAImage {
    try checkSize(of: mask)
    var columns = 0..<width
    var rows = 0..<height
    if isCropped, let box = mask.boundingBox {
      let margin = min(max(margin, 0), max(width, height))
      columns = (box.x - margin..<box.x + box.width + margin).clamped(to: columns)
      rows = (box.y - margin..<box.y + box.height + margin).clamped(to: rows)
    }
    var cut = [UInt8](repeating: 0, count: columns.count * rows.count * 4)
    var target = 0
    for y in rows {
      for x in columns {
        let index = y * width + x
        // Colour is dropped outside as well: nothing of the background hides in the file.
        if mask.bits[index] == 1 {
          for channel in 0..<3 { cut[target + channel] = pixels[3 * index + channel] }
          cut[target + 3] = 255
        }
        target += 4
      }
    }
    return RGBAImage(trusted: cut, width: columns.count, height: rows.count)
  }

  func checkSize(of mask: Mask) throws(ImageError) {
    guard mask.width == width, mask.height == height else {
      throw .sizesDiffer(width: width, height: height, maskWidth: mask.width, maskHeight: mask.height)
    }
  }
}
