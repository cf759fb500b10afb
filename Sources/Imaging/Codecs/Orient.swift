/// Turns pixels upright.
///
/// - Parameters:
///   - pixels: `width` x `height` pixels as stored, `channels` bytes each.
/// - Returns: the pixels of the upright picture, whose sides are exchanged for a quarter turn.
func orient(_ pixels: [UInt8], width: Int, height: Int, channels: Int, by orientation: ExifOrientation)
  -> [UInt8]
{
  guard orientation != .upright else { return pixels }
  // The stored position of an upright pixel (x, y) is origin + x * xStep + y * yStep.
  let row = width * channels
  let lastRow = (height - 1) * row
  let lastPixel = row - channels
  let (origin, xStep, yStep) =
    switch orientation {
    case .upright: (0, channels, row)
    case .mirrored: (lastPixel, -channels, row)
    case .upsideDown: (lastRow + lastPixel, -channels, -row)
    case .mirroredUpsideDown: (lastRow, channels, -row)
    case .transposed: (0, row, channels)
    case .quarterClockwise: (lastRow, -row, channels)
    case .transposedAcross: (lastRow + lastPixel, -row, -channels)
    case .quarterAnticlockwise: (lastPixel, row, -channels)
    }
  let newWidth = orientation.exchangesAxes ? height : width
  let newHeight = orientation.exchangesAxes ? width : height
  return [UInt8](unsafeUninitializedCapacity: pixels.count) { target, count in
    count = pixels.count
    guard let targetBase = target.baseAddress else { return }
    pixels.withUnsafeBufferPointer { stored in
      guard let storedBase = stored.baseAddress else { return }
      // Square blocks keep both sides of an exchange of axes in the cache.
      let block = 32
      for top in stride(from: 0, to: newHeight, by: block) {
        for left in stride(from: 0, to: newWidth, by: block) {
          for y in top..<min(top + block, newHeight) {
            for x in left..<min(left + block, newWidth) {
              let from = storedBase + (origin + x * xStep + y * yStep)
              let to = targetBase + (y * newWidth + x) * channels
              for channel in 0..<channels { to[channel] = from[channel] }
            }
          }
        }
      }
    }
  }
}
