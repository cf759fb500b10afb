import Kernels

extension Image {
  /// The picture at another size, byte for byte as Pillow 13's `resize` with its BILINEAR filter makes it:
  /// antialiased, along one axis after the other, rounded to 8 bits in between.
  ///
  /// Sizes below 1 count as 1.
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    let newWidth = max(newWidth, 1)
    let newHeight = max(newHeight, 1)
    if newWidth == width && newHeight == height { return self }
    if newWidth == width { return resizedAlongY(to: newHeight) }
    if newHeight == height { return resizedAlongX(to: newWidth) }
    // Pillow's choice, found by trying 900 sizes: rows first only where more than twice as many of them go. It
    // decides a few roundings in very tall pictures; releases before 13 always began with x.
    if newHeight < height && height - newHeight > 2 * (width - newWidth) {
      return resizedAlongY(to: newHeight).resizedAlongX(to: newWidth)
    }
    return resizedAlongX(to: newWidth).resizedAlongY(to: newHeight)
  }

  /// The picture with its longest side `target` pixels long; see ``longestSideSize(width:height:target:)``.
  public func resizedLongestSide(to target: Int) -> Image {
    let size = Image.longestSideSize(width: width, height: height, target: target)
    return resized(width: size.width, height: size.height)
  }

  /// The size with which a picture's longest side is `target` pixels: each side times target / longest, rounded
  /// half up, and at least 1.
  public static func longestSideSize(width: Int, height: Int, target: Int) -> (width: Int, height: Int) {
    let scale = Double(target) / Double(max(width, height, 1))
    return (max(Int(Double(width) * scale + 0.5), 1), max(Int(Double(height) * scale + 0.5), 1))
  }

  private func resizedAlongX(to newWidth: Int) -> Image {
    let weights = ResizeWeights(from: width, to: newWidth)
    let oldWidth = width
    let rows = height
    return Image(newWidth: newWidth, newHeight: rows, from: self, weights) { buffers in
      forEachPart(of: rows, grain: 16) { part in
        for row in part {
          sam_resize_row_rgb(
            buffers.input + row * oldWidth * 3, Int32(oldWidth), buffers.output + row * newWidth * 3,
            Int32(newWidth), buffers.taps)
        }
      }
    }
  }

  private func resizedAlongY(to newHeight: Int) -> Image {
    let weights = ResizeWeights(from: height, to: newHeight)
    let rowBytes = width * 3
    return Image(newWidth: width, newHeight: newHeight, from: self, weights) { buffers in
      forEachPart(of: newHeight, grain: 8) { part in
        for row in part {
          sam_resize_column(buffers.input, rowBytes, buffers.output + row * rowBytes, buffers.taps + row)
        }
      }
    }
  }

  /// What one pass of a resize reads and writes; the passes write disjoint rows.
  private struct PassBuffers: @unchecked Sendable {
    let input: UnsafePointer<UInt8>
    let output: UnsafeMutablePointer<UInt8>
    let taps: UnsafePointer<sam_resize_taps>
  }

  private init(
    newWidth: Int, newHeight: Int, from image: Image, _ weights: ResizeWeights,
    _ body: (PassBuffers) -> Void
  ) {
    let count = newWidth * newHeight * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
      weights.weights.withUnsafeBufferPointer { values in
        guard let first = values.baseAddress, let outputBase = output.baseAddress else { return }
        let taps = weights.spans.enumerated().map { index, span in
          sam_resize_taps(
            first: Int32(span.first), count: Int32(span.count), weights: first + index * weights.stride)
        }
        image.pixels.withUnsafeBufferPointer { input in
          taps.withUnsafeBufferPointer { taps in
            guard let inputBase = input.baseAddress, let tapsBase = taps.baseAddress else { return }
            body(PassBuffers(input: inputBase, output: outputBase, taps: tapsBase))
          }
        }
      }
      initialized = count
    }
    self.init(trusted: pixels, width: newWidth, height: newHeight)
  }
}
