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
    let quarters = places(width: width, subdivision: 4)
    let halves = places(width: width, subdivision: 2)
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
        add(highResolution?.s1, row: row, to: widened, channels: middle, at: halves)
        normWeight.withPointer { weight in
          normBias.withPointer { bias in
            VectorKernels.best.layer_norm(
              widened, middle, weight, bias, epsilon, Activation.gelu.rawValue, widened, middle, 4 * width,
              middle)
          }
        }
        upscale(widened, middle, 4 * width, second, middle, secondBias, upscaled, outputs)
        add(highResolution?.s0, row: row, to: upscaled, channels: outputs, at: quarters)
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
        scatter(logits, masks: masks, row: row, height: height, at: quarters, into: result.start)
      }
    }
    return result
  }

  /// Rows up to the next whole panel are computed too; the scratch has room for them.
  private func upscale(
    _ source: UnsafePointer<Float>, _ stride: Int, _ rows: Int, _ weight: Tensor, _ depth: Int,
    _ bias: Tensor,
    _ out: UnsafeMutablePointer<Float>, _ channels: Int
  ) {
    let columns = VectorKernels.best.panel_columns
    let panel = VectorKernels.best.panel_rows
    let wholeRows = (rows + panel - 1) / panel * panel
    weight.withPointer { weight in
      for column in Swift.stride(from: 0, to: 4 * channels, by: columns) {
        VectorKernels.best.multiply_strided(
          source, stride, 1, weight + column * depth, columns, depth, out + column, 4 * channels, 0,
          wholeRows,
          Swift.min(columns, 4 * channels - column))
      }
    }
    bias.withPointer {
      VectorKernels.best.bias_activation(
        out, 4 * channels, $0, nil, 0, Activation.identity.rawValue, rows, 4 * channels)
    }
  }

  /// Where the pixels that stem from one row of positions stand among its rows of `subdivision` times the size: pixels are ordered
  /// by position, then by the halves that the first and the second convolution made of it.
  private func places(width: Int, subdivision: Int) -> [Int] {
    (0..<width * subdivision * subdivision).map { index in
      var (row, column) = (0, index / (subdivision * subdivision))
      var rest = subdivision * subdivision
      while rest > 1 {
        rest /= 4
        let half = index / rest % 4
        (row, column) = (row * 2 + half / 2, column * 2 + half % 2)
      }
      return row * width * subdivision + column
    }
  }

  private func add(
    _ features: Tensor?, row: Int, to out: UnsafeMutablePointer<Float>, channels: Int, at places: [Int]
  ) {
    guard let features else { return }
    features.withPointer { features in
      let first = features + row * places.count * channels
      for (index, place) in places.enumerated() {
        let target = out + index * channels
        VectorKernels.best.add(target, first + place * channels, target, channels)
      }
    }
  }

  private func scatter(
    _ logits: UnsafePointer<Float>, masks: Int, row: Int, height: Int, at places: [Int],
    into out: UnsafeMutablePointer<Float>
  ) {
    places.withUnsafeBufferPointer { places in
      for mask in 0..<masks {
        let plane = out + (mask * height + row) * places.count
        for index in places.indices { plane[places[index]] = logits[index * masks + mask] }
      }
    }
  }
}
