internal import Kernels

/// The end of the mask decoder: two transposed convolutions with norm and GELU, and a dot product with each mask's weights,
/// block by block of the image, so that the upscaled features are never held.
public struct MaskHead: Sendable {
  /// (2 x 2 x middle) x inputs, as panels; one bias for each of the columns.
  private let first: Tensor, firstBias: Tensor
  private let normWeight: Tensor, normBias: Tensor, epsilon: Float
  /// (2 x 2 x outputs) x middle, as panels; one bias for each of the columns.
  private let second: Tensor, secondBias: Tensor
  private let inputs: Int, middle: Int, outputs: Int

  /// A head of the given weights.
  ///
  /// - Parameters:
  ///   - first: 2 x 2 x middle x inputs, and its bias.
  ///   - norm: of the middle channels; GELU follows.
  ///   - second: 2 x 2 x outputs x middle, and its bias; GELU follows.
  public init(
    first: (weight: Tensor, bias: Tensor), norm: (weight: Tensor, bias: Tensor, epsilon: Float),
    second: (weight: Tensor, bias: Tensor)
  ) {
    (inputs, middle, outputs) = (first.weight.shape[3], first.weight.shape[2], second.weight.shape[2])
    let compute = first.weight.compute
    self.first = first.weight.reshaped([4 * middle, inputs]).packedTransposed(on: compute)
    self.second = second.weight.reshaped([4 * outputs, middle]).packedTransposed(on: compute)
    firstBias = Tensor.concatenating([first.bias, first.bias, first.bias, first.bias])
    secondBias = Tensor.concatenating([second.bias, second.bias, second.bias, second.bias])
    (normWeight, normBias, epsilon) = norm
  }

  /// The logits of masks.
  ///
  /// - Parameters:
  ///   - image: (height · width) x inputs.
  ///   - height: of the image in positions.
  ///   - width: of the image in positions.
  ///   - weights: masks x outputs.
  ///   - highResolution: features to add before the norm (2·height x 2·width x middle) and before the last GELU
  ///     (4·height x 4·width x outputs).
  /// - Returns: masks x 4·height x 4·width.
  public func callAsFunction(
    _ image: Tensor, height: Int, width: Int, weights: Tensor, highResolution: (s0: Tensor, s1: Tensor)?
  ) -> Tensor {
    let masks = weights.shape[0]
    let result = Tensor(uninitialized: [masks, 4 * height, 4 * width], on: image.compute)
    let panels = weights.packedTransposed(on: image.compute)
    let compute = image.compute
    let slack = VectorKernels.best.panel_rows
    let columns = VectorKernels.best.panel_columns
    compute.forEach(height) { row in
      let sizes = [
        (width + slack) * (inputs + 16), (width + slack) * 4 * middle, (4 * width + slack) * 4 * outputs,
        16 * width * masks,
        columns,
      ]
      compute.withScratch(sizes.reduce(0, +)) { scratch in
        let source = scratch
        let widened = source + sizes[0]
        let upscaled = widened + sizes[1]
        let logits = upscaled + sizes[2]
        image.withPointer { image in
          // Rows apart by a little more than a power of two, so that they do not share cache sets.
          for column in 0..<width {
            (source + column * (inputs + 16)).update(
              from: image + (row * width + column) * inputs, count: inputs)
          }
        }
        upscale(source, inputs + 16, width, first, inputs, firstBias, widened, middle)
        add(highResolution?.s1, row: row, width: width, to: widened, channels: middle, subdivision: 2)
        normWeight.withPointer { weight in
          normBias.withPointer { bias in
            VectorKernels.best.layer_norm(
              widened, middle, weight, bias, epsilon, Activation.gelu.rawValue, widened, middle, 4 * width,
              middle)
          }
        }
        upscale(widened, middle, 4 * width, second, middle, secondBias, upscaled, outputs)
        add(highResolution?.s0, row: row, width: width, to: upscaled, channels: outputs, subdivision: 4)
        VectorKernels.best.bias_activation(
          upscaled, 0, nil, nil, 0, Activation.gelu.rawValue, 1, 16 * width * outputs)
        panels.withPointer { panels in
          for mask in stride(from: 0, to: masks, by: columns) {
            VectorKernels.best.multiply_strided(
              upscaled, outputs, 1, panels + mask * outputs, columns, outputs, logits + mask, masks, 0,
              16 * width,
              Swift.min(columns, masks - mask))
          }
        }
        scatter(logits, masks: masks, row: row, height: height, width: width, into: result.start)
      }
    }
    return result
  }

  private func upscale(
    _ source: UnsafePointer<Float>, _ stride: Int, _ rows: Int, _ weight: Tensor, _ depth: Int,
    _ bias: Tensor,
    _ out: UnsafeMutablePointer<Float>, _ channels: Int
  ) {
    let columns = VectorKernels.best.panel_columns
    weight.withPointer { weight in
      for column in Swift.stride(from: 0, to: 4 * channels, by: columns) {
        VectorKernels.best.multiply_strided(
          source, stride, 1, weight + column * depth, columns, depth, out + column, 4 * channels, 0, rows,
          Swift.min(columns, 4 * channels - column))
      }
    }
    bias.withPointer {
      VectorKernels.best.bias_activation(
        out, 4 * channels, $0, nil, 0, Activation.identity.rawValue, rows, 4 * channels)
    }
  }

  /// Where pixel `index` of those that stem from one row of positions stands within its rows of `subdivision` times the size:
  /// pixels are ordered by position, then by the halves that the first and the second convolution made of it.
  private func place(_ index: Int, subdivision: Int) -> (row: Int, column: Int) {
    if subdivision == 2 { return (index / 2 % 2, index / 4 * 2 + index % 2) }
    let (coarse, fine) = (index / 4, index % 4)
    let (row, column) = place(coarse, subdivision: 2)
    return (row * 2 + fine / 2, column * 2 + fine % 2)
  }

  private func add(
    _ features: Tensor?, row: Int, width: Int, to out: UnsafeMutablePointer<Float>, channels: Int,
    subdivision: Int
  ) {
    guard let features else { return }
    features.withPointer { features in
      for index in 0..<width * subdivision * subdivision {
        let at = place(index, subdivision: subdivision)
        let pixel = (row * subdivision + at.row) * width * subdivision + at.column
        let target = out + index * channels
        VectorKernels.best.add(target, features + pixel * channels, target, channels)
      }
    }
  }

  private func scatter(
    _ logits: UnsafePointer<Float>, masks: Int, row: Int, height: Int, width: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<16 * width {
      let at = place(index, subdivision: 4)
      let pixel = (row * 4 + at.row) * 4 * width + at.column
      for mask in 0..<masks { out[mask * 16 * height * width + pixel] = logits[index * masks + mask] }
    }
  }
}
