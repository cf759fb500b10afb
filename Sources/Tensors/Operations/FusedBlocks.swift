internal import Kernels

// Blocks of convolutions whose inner layers are never whole in memory: strips of rows go through all layers while they are in cache. The
// layers one by one are what training records, and what the tests hold these against.

extension Tensor {
  /// x + project(GELU(depthwise(GELU(expand(x))))) (MobileNetV2, arXiv 1801.04381), not recorded.
  ///
  /// Each thread takes a strip of rows and goes down it a few rows at a time; of the expanded rows only the last few are held.
  /// This tensor is batch x height x width x channels.
  ///
  /// - Parameters:
  ///   - expand: hidden x channels, and hidden.
  ///   - depthwise: 9 x hidden, and hidden.
  ///   - project: channels x hidden, and channels.
  public func invertedBottleneck(
    expand: (weight: Tensor, bias: Tensor?), depthwise: (weight: Tensor, bias: Tensor?),
    project: (weight: Tensor, bias: Tensor?)
  ) -> Tensor {
    let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    let hidden = expand.weight.shape[0]
    precondition(expand.weight.count == hidden * channels, "the expansion fits the input")
    precondition(depthwise.weight.count == 9 * hidden, "the depthwise weights fit the expansion")
    precondition(project.weight.count == hidden * channels, "the projection fits the input")
    let result = Tensor(uninitialized: shape, on: compute)
    let expansion = PackedProduct(
      transposed: expand.weight, columns: hidden, depth: channels, on: compute)
    let projection = PackedProduct(
      transposed: project.weight, columns: channels, depth: hidden, on: compute)
    // As many rows at a time as fill a block of the products, and two at least, so that a row's neighbours are in this step's or the last's.
    let step = Swift.max(2, PackedProduct.rowBlock / Swift.max(1, width))
    // Two strips for each thread, so that one that is held up leaves its second to others.
    let wanted = compute.threads > 1 ? (2 * compute.threads + batch - 1) / Swift.max(1, batch) : 1
    let share = (height + wanted - 1) / wanted
    let strips = RowStrips(batch: batch, height: height, rows: (share + step - 1) / step * step)
    withPointer { x in
      expand.bias.withPointer { expandBias in
        depthwise.weight.withPointer { taps in
          depthwise.bias.withPointer { tapsBias in
            project.bias.withPointer { projectBias in
              nonisolated(unsafe) let (x, taps, tapsBias, y) = (x, taps, tapsBias, result.start)
              let widening = PackedProduct.Epilogue(bias: expandBias, activation: .gelu)
              nonisolated(unsafe) let projectBias = projectBias
              compute.forEach(strips.count) { index in
                let (item, rows) = strips[index]
                let image = x + item * height * width * channels
                let line = width * hidden
                // An image's last step has one row more, which waited for a lower neighbour.
                let sizes = [2 * step * line, (step + 1) * line, expansion.blockSize, projection.blockSize]
                compute.withScratch(sizes.reduce(0, +)) { ring in
                  let tile = ring + sizes[0]
                  let (block, tileBlock) = (tile + sizes[1], tile + sizes[1] + sizes[2])
                  // Expanded rows of the strip and its neighbours; row r stands in its place modulo the ring's two steps.
                  let first = Swift.max(0, rows.lowerBound - 1)
                  let end = Swift.min(height, rows.upperBound + 1)
                  func expanded(_ row: Int) -> UnsafePointer<Float>? {
                    row >= first && row < end
                      ? UnsafePointer(ring + (row - first) % (2 * step) * line) : nil
                  }
                  var done = rows.lowerBound
                  for from in stride(from: first, to: end, by: step) {
                    let to = Swift.min(end, from + step)
                    expansion.multiply(
                      .matrix(image + from * width * channels, stride: channels),
                      rows: 0..<(to - from) * width, into: ring + (from - first) % (2 * step) * line,
                      epilogue: widening, block: block)
                    // Rows whose lower neighbour is there, or beyond the image.
                    let ready = Swift.min(rows.upperBound, to == height ? height : to - 1)
                    guard done < ready else { continue }
                    for row in done..<ready {
                      guard let here = expanded(row) else { continue }
                      VectorKernels.best.depthwise3x3(
                        expanded(row - 1), here, expanded(row + 1), taps, tapsBias, nil,
                        Activation.gelu.rawValue, tile + (row - done) * line, width, width, 1, hidden)
                    }
                    let at = (item * height + done) * width * channels
                    projection.multiply(
                      .matrix(tile, stride: hidden), rows: 0..<(ready - done) * width, into: y + at,
                      epilogue: PackedProduct.Epilogue(
                        bias: projectBias, activation: .identity, residual: x + at), block: tileBlock)
                    done = ready
                  }
                }
              }
            }
          }
        }
      }
    }
    return result
  }
}

extension Tensor {
  /// x + second(GELU(first(x))), two 3x3 convolutions padded by one zero, not recorded.
  ///
  /// Strips of rows go through both; the rows between them are in cache. This tensor is batch x height x width x channels.
  ///
  /// - Parameters:
  ///   - first: hidden x 3 x 3 x channels, and hidden.
  ///   - second: channels x 3 x 3 x hidden, and channels.
  public func residualConvolutions(
    first: (weight: Tensor, bias: Tensor?), second: (weight: Tensor, bias: Tensor?)
  ) -> Tensor {
    let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    let hidden = first.weight.shape[0]
    precondition(first.weight.count == 9 * hidden * channels, "the first weights fit the input")
    precondition(second.weight.count == 9 * hidden * channels, "the second weights fit the first")
    let result = Tensor(uninitialized: shape, on: compute)
    let products = (
      PackedProduct(transposed: first.weight, columns: hidden, depth: 9 * channels, on: compute),
      PackedProduct(transposed: second.weight, columns: channels, depth: 9 * hidden, on: compute)
    )
    let line = width * hidden
    // A strip's rows between the convolutions fill a third of a megabyte, of which two are its neighbours'.
    let strips = RowStrips(
      batch: batch, height: height, rows: Swift.max(4, (1 << 16) * 5 / 4 / Swift.max(1, line) - 2))
    withPointer { x in
      first.bias.withPointer { firstBias in
        second.bias.withPointer { secondBias in
          nonisolated(unsafe) let (x, y, secondBias) = (x, result.start, secondBias)
          let activation = PackedProduct.Epilogue(bias: firstBias, activation: .gelu)
          compute.forEach(strips.count) { index in
            let (item, rows) = strips[index]
            let at = item * height * width * channels
            let top = Swift.max(0, rows.lowerBound - 1)
            let between = top..<Swift.min(height, rows.upperBound + 1)
            let block = Swift.max(products.0.blockSize, products.1.blockSize)
            compute.withScratch(between.count * line + block) { inner in
              let block = inner + between.count * line
              convolve(
                products.0, x + at, height: height, width: width, channels: channels, rows: between,
                into: inner - top * line, activation, block: block)
              // What lies beyond the strip's neighbours is not looked at for its own rows.
              convolve(
                products.1, inner, height: between.count, width: width, channels: hidden,
                rows: rows.lowerBound - top..<rows.upperBound - top, into: y + at + top * width * channels,
                PackedProduct.Epilogue(
                  bias: secondBias, activation: .identity, residual: x + at + top * width * channels),
                block: block)
            }
          }
        }
      }
    }
    return result
  }

  /// Some rows of a 3x3 convolution of one image.
  ///
  /// - Parameter out: where the result's row 0 is or would be.
  private func convolve(
    _ product: PackedProduct, _ image: UnsafePointer<Float>, height: Int, width: Int, channels: Int,
    rows: Range<Int>, into out: UnsafeMutablePointer<Float>, _ epilogue: PackedProduct.Epilogue,
    block: UnsafeMutablePointer<Float>
  ) {
    let patches = SamPatches(
      image: image, height: height, width: width, channels: channels, kernel_width: 3, stride: 1, padding: 1,
      rows: height, columns: width)
    product.multiply(
      .patches(patches), rows: rows.lowerBound * width..<rows.upperBound * width, into: out,
      epilogue: epilogue, block: block)
  }
}

/// Images of a batch in strips of rows, for threads to take one after the other.
private struct RowStrips: Sendable {
  let height: Int, rows: Int, perImage: Int
  /// The number of strips.
  let count: Int

  /// - Parameter rows: of a strip, but for an image's last.
  init(batch: Int, height: Int, rows: Int) {
    self.height = height
    self.rows = Swift.max(1, rows)
    perImage = (height + self.rows - 1) / self.rows
    count = batch * perImage
  }

  /// A strip's image and rows.
  subscript(index: Int) -> (item: Int, rows: Range<Int>) {
    let first = index % perImage * rows
    return (index / perImage, first..<Swift.min(height, first + rows))
  }
}
