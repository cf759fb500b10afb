extension Image {
  /// The part of the picture in a box.
  ///
  /// - Throws: ``ImageError/invalidSize(width:height:)`` where the box has no pixels or reaches over the picture's edge.
  public func cropped(to box: PixelBox) throws(ImageError) -> Image {
    guard box.x >= 0, box.y >= 0, box.width > 0, box.height > 0, box.width <= width - box.x,
      box.height <= height - box.y
    else { throw .invalidSize(width: box.width, height: box.height) }
    if box.width == width, box.height == height { return self }
    let samples = [UInt8](unsafeUninitializedCapacity: box.width * box.height * 3) { target, count in
      pixels.withUnsafeBufferPointer { source in
        for row in 0..<box.height {
          let first = ((box.y + row) * width + box.x) * 3
          let line = UnsafeMutableBufferPointer(
            rebasing: target[row * box.width * 3..<(row + 1) * box.width * 3])
          _ = line.initialize(fromContentsOf: source[first..<first + box.width * 3])
        }
      }
      count = target.count
    }
    return Image(trusted: samples, width: box.width, height: box.height)
  }
}
