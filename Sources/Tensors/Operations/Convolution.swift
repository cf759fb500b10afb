internal import Kernels
internal import MatrixProducts

extension Tensor {
  /// A convolution over channels-last images, as blocks of gathered patches times the weights.
  ///
  /// This tensor is batch x height x width x inputs.
  ///
  /// - Parameters:
  ///   - weight: outputs x kernel height x kernel width x inputs (PyTorch's order permuted 0, 2, 3, 1).
  ///   - bias: one value for each output.
  ///   - stride: pixels from patch to patch.
  ///   - padding: zeros around the image.
  ///   - activation: applied after the bias.
  ///   - residual: added last; of the result's shape.
  /// - Returns: batch x new height x new width x outputs.
  public func convolution(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, padding: Int = 0,
    activation: Activation = .identity,
    adding residual: Tensor? = nil
  ) -> Tensor {
    let (batch, height, width, inputs) = (shape[0], shape[1], shape[2], shape[3])
    let (outputs, kernelHeight, kernelWidth) = (weight.shape[0], weight.shape[1], weight.shape[2])
    precondition(weight.shape[3] == inputs, "weight fits the input")
    let patches = Patches(
      height: height, width: width, channels: inputs, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
      stride: stride, padding: padding)
    let result = Tensor(uninitialized: [batch, patches.rows, patches.columns, outputs], on: compute)
    precondition(residual == nil || residual?.count == result.count, "residual fits the result")
    let depth = kernelHeight * kernelWidth * inputs
    // A block's patches stay in the second-level cache.
    let rowsAtOnce = Swift.max(1, Swift.min(patches.rows, (1 << 17) / Swift.max(1, patches.columns * depth)))
    let blocks = (patches.rows + rowsAtOnce - 1) / rowsAtOnce
    let compute = compute
    withPointer { x in
      weight.withPointer { w in
        bias.withPointer { b in
          residual.withPointer { r in
            nonisolated(unsafe) let (x, w, b, r, y) = (x, w, b, r, result.start)
            compute.forEach(batch * blocks) { task in
              let item = task / blocks
              let first = task % blocks * rowsAtOnce
              let rows = Swift.min(rowsAtOnce, patches.rows - first)
              let count = rows * patches.columns
              let at = (item * patches.rows + first) * patches.columns * outputs
              compute.withScratch(count * depth) { gathered in
                patches.gather(x + item * height * width * inputs, rows: first..<first + rows, into: gathered)
                matrixProduct(
                  rows: count, columns: outputs, depth: depth, gathered, depth, w, depth, transposeB: true,
                  y + at,
                  outputs)
              }
              VectorKernels.best.bias_activation(
                y + at, outputs, b, r.map { $0 + at }, outputs, activation.rawValue, count, outputs)
            }
          }
        }
      }
    }
    return result
  }

  /// A 3x3 convolution of each channel by itself, padded by one zero, channels last.
  ///
  /// - Parameters:
  ///   - weight: 9 x channels (PyTorch's channels x 1 x 3 x 3 transposed).
  ///   - bias: one value for each channel.
  ///   - stride: 1 or 2.
  ///   - activation: applied after the bias.
  ///   - residual: added last; of the result's shape.
  public func depthwiseConvolution(
    _ weight: Tensor, _ bias: Tensor? = nil, stride: Int = 1, activation: Activation = .identity,
    adding residual: Tensor? = nil
  ) -> Tensor {
    let (batch, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    precondition(weight.count == 9 * channels, "weight fits the channels")
    let (rows, columns) = ((height + stride - 1) / stride, (width + stride - 1) / stride)
    let result = Tensor(uninitialized: [batch, rows, columns, channels], on: compute)
    precondition(residual == nil || residual?.count == result.count, "residual fits the result")
    withPointer { x in
      weight.withPointer { w in
        bias.withPointer { b in
          residual.withPointer { r in
            nonisolated(unsafe) let (x, w, b, r, y) = (x, w, b, r, result.start)
            compute.forEachRange(of: batch * rows, atLeast: 2) { range in
              for row in range {
                let centre = row % rows * stride
                let here = x + (row / rows * height + centre) * width * channels
                VectorKernels.best.depthwise3x3(
                  centre > 0 ? here - width * channels : nil, here,
                  centre + 1 < height ? here + width * channels : nil, w, b,
                  r.map { $0 + row * columns * channels },
                  activation.rawValue, y + row * columns * channels, width, columns, stride, channels)
              }
            }
          }
        }
      }
    }
    return result
  }
}

/// The patches that a convolution multiplies, row by row.
struct Patches: Sendable {
  let height: Int, width: Int, channels: Int
  let kernelHeight: Int, kernelWidth: Int
  let stride: Int, padding: Int

  /// Rows and columns of the result.
  var rows: Int { (height + 2 * padding - kernelHeight) / stride + 1 }
  var columns: Int { (width + 2 * padding - kernelWidth) / stride + 1 }

  /// Writes the patches of some rows of the result, each kernel height x kernel width x channels.
  func gather(_ image: UnsafePointer<Float>, rows range: Range<Int>, into out: UnsafeMutablePointer<Float>) {
    var out = out
    let line = kernelWidth * channels
    for row in range {
      for column in 0..<columns {
        let left = column * stride - padding
        for i in 0..<kernelHeight {
          let y = row * stride - padding + i
          if y < 0 || y >= height {
            out.update(repeating: 0, count: line)
          } else if left >= 0 && left + kernelWidth <= width {
            out.update(from: image + (y * width + left) * channels, count: line)
          } else {
            for j in 0..<kernelWidth {
              let x = left + j
              if x < 0 || x >= width {
                (out + j * channels).update(repeating: 0, count: channels)
              } else {
                (out + j * channels).update(from: image + (y * width + x) * channels, count: channels)
              }
            }
          }
          out += line
        }
      }
    }
  }
}
