internal import Kernels

/// The end of the mask decoder: two transposed convolutions with norm and GELU, and a dot product with each mask's weights,
/// block by block of the image, so that the upscaled features are never held.
public struct MaskHead: Sendable {
  /// (2 x 2 x middle) x inputs, and packed; one bias for each of the columns.
  private let first: Tensor, firstPanels: Tensor, firstBias: Tensor
  private let normWeight: Tensor, normBias: Tensor, epsilon: Float
  /// (2 x 2 x outputs) x middle; one bias for each of the outputs.
  private let second: Tensor, secondBias: Tensor
  private let inputs: Int, middle: Int, outputs: Int

  /// The image's positions, height by width of them, row by row.
  public enum Source: Sendable {
    /// Positions x inputs.
    case positions(Tensor)
    /// Positions in their factored form, with base, rows and constant widened.
    case factored(FactoredPositions, base: Tensor, rows: Tensor, constant: Tensor)
  }

  /// Features to add, in the order in which pixels are worked on: by position, then by the quarters that the first and the second
  /// convolution make of it.
  public struct Features: Sendable {
    /// Positions x (2 x 2 x middle): added before the norm.
    fileprivate let beforeNorm: Tensor
    /// Blocks x (2 x 2 x outputs) x lanes: added before the last GELU.
    fileprivate let beforeGELU: Tensor
  }

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
    self.first = first.weight.reshaped([4 * middle, inputs])
    firstPanels = self.first.packedTransposed(on: first.weight.compute)
    self.second = second.weight.reshaped([4 * outputs, middle])
    firstBias = Tensor.concatenating([first.bias, first.bias, first.bias, first.bias])
    secondBias = second.bias
    (normWeight, normBias, epsilon) = norm
  }

  /// The first convolution: … x inputs to … x (2 x 2 x middle).
  public func widened(_ x: Tensor, addingBias: Bool = false) -> Tensor {
    x.linear(first, addingBias ? firstBias : nil)
  }

  /// Lanes of a block's pixels after the first convolution, and the distance between their rows: a little more, so that rows do not share
  /// cache sets.
  private static let lanes = 4 * LaneBlocks.lanes
  private static let stride = lanes + 16

  /// The logits of masks.
  ///
  /// - Parameters:
  ///   - image: the image's positions.
  ///   - height: of the image in positions.
  ///   - width: of the image in positions.
  ///   - weights: masks x outputs.
  ///   - features: what is added, where the model has such.
  /// - Returns: masks x 4·height x 4·width.
  public func callAsFunction(
    _ image: Source, height: Int, width: Int, weights: Tensor, adding features: Features?
  ) -> Tensor {
    let masks = weights.shape[0]
    let result = Tensor(uninitialized: [masks, 4 * height, 4 * width], on: weights.compute)
    let source = PackedSource(image)
    let grid = MaskGrid(height: height, width: width)
    let stride = MaskHead.stride
    let rows = LaneBlocks.lanes + VectorKernels.best.panel_rows
    // Positions, widened; turned round; upscaled; logits.
    let sizes = [
      rows * Swift.max(inputs + 16, 4 * middle) + rows * 4 * middle, middle * stride, 4 * outputs * stride,
      4 * masks * stride,
    ]
    weights.compute.forEach(LaneBlocks.blocks(of: height * width)) { block in
      let positions =
        block * LaneBlocks.lanes..<Swift.min(height * width, (block + 1) * LaneBlocks.lanes)
      weights.compute.withScratch(sizes.reduce(0, +)) { scratch in
        let kernels = VectorKernels.best
        let widened = scratch + rows * Swift.max(inputs + 16, 4 * middle)
        let turned = scratch + sizes[0]
        let upscaled = turned + sizes[1]
        let logits = upscaled + sizes[2]
        widen(source, positions, copy: scratch, into: widened)
        let used = 4 * positions.count
        features?.beforeNorm.withPointer {
          let first = positions.lowerBound * 4 * middle
          kernels.add(widened, $0 + first, widened, used * middle)
        }
        normWeight.withPointer { weight in
          normBias.withPointer { bias in
            kernels.layer_norm(
              widened, middle, weight, bias, epsilon, Activation.gelu.rawValue, widened, middle, used, middle)
          }
        }
        kernels.transpose(widened, middle, used, middle, turned, stride)
        features?.beforeGELU.withPointer {
          upscaled.update(from: $0 + block * 4 * outputs * stride, count: 4 * outputs * stride)
        }
        let lanes = (used + kernels.panel_columns - 1) / kernels.panel_columns * kernels.panel_columns
        second.withPointer {
          kernels.multiply_strided(
            $0, middle, 1, turned, stride, middle, upscaled, stride, features == nil ? 0 : 1, 4 * outputs,
            lanes)
        }
        secondBias.withPointer { bias in
          weights.withPointer { weights in
            for quarter in 0..<4 {
              kernels.mask_products(
                upscaled + quarter * outputs * stride, stride, bias, weights, outputs, outputs,
                logits + quarter * masks * stride, stride, masks, lanes)
            }
          }
        }
        grid.scatter(logits, stride: stride, masks: masks, at: positions, into: result.start)
      }
    }
    return result
  }

  /// Features in the order of the head's work.
  ///
  /// - Parameters:
  ///   - s1: 2·height x 2·width x middle, added before the norm.
  ///   - s0: 4·height x 4·width x outputs, added before the last GELU.
  public func features(s0: Tensor, s1: Tensor) -> Features {
    let (height, width) = (s1.shape[0] / 2, s1.shape[1] / 2)
    let grid = MaskGrid(height: height, width: width)
    let (middle, outputs, stride) = (middle, outputs, MaskHead.stride)
    let blocks = LaneBlocks.blocks(of: height * width)
    let beforeNorm = Tensor(uninitialized: [height * width, 4 * middle], on: s1.compute)
    let beforeGELU = Tensor(uninitialized: [blocks, 4 * outputs, stride], on: s0.compute)
    s0.compute.forEach(blocks) { block in
      let positions =
        block * LaneBlocks.lanes..<Swift.min(height * width, (block + 1) * LaneBlocks.lanes)
      s1.withPointer {
        grid.gather(
          $0, at: positions, subdivision: 2, channels: middle,
          into: beforeNorm.start + positions.lowerBound * 4 * middle)
      }
      s0.compute.withScratch(positions.count * 16 * outputs) { pixels in
        s0.withPointer { grid.gather($0, at: positions, subdivision: 4, channels: outputs, into: pixels) }
        // Pixels of a position are ordered by the first convolution's quarters, which are lanes, then by the second's, which
        // are rows.
        for quarter in 0..<4 {
          VectorKernels.best.transpose(
            pixels + quarter * outputs, 4 * outputs, 4 * positions.count, outputs,
            beforeGELU.start + (block * 4 + quarter) * outputs * stride, stride)
        }
      }
    }
    return Features(beforeNorm: beforeNorm, beforeGELU: beforeGELU)
  }

  /// A source whose rows are packed.
  private struct PackedSource: Sendable {
    let image: Source
    let rowPanels: Tensor?

    init(_ image: Source) {
      self.image = image
      if case .factored(_, _, let rows, _) = image {
        rowPanels = rows.packedColumns(on: rows.compute)
      } else {
        rowPanels = nil
      }
    }
  }

  /// A block's positions after the first convolution.
  private func widen(
    _ source: PackedSource, _ positions: Range<Int>, copy: UnsafeMutablePointer<Float>,
    into out: UnsafeMutablePointer<Float>
  ) {
    let (kernels, first) = (VectorKernels.best, positions.lowerBound)
    let columns = kernels.panel_columns
    let width = 4 * middle
    switch source.image {
    case .positions(let image):
      image.withPointer { image in
        // Rows apart by a little more than a power of two, so that they do not share cache sets.
        for index in positions {
          (copy + (index - first) * (inputs + 16)).update(from: image + index * inputs, count: inputs)
        }
      }
      firstPanels.withPointer { panels in
        for column in Swift.stride(from: 0, to: width, by: columns) {
          kernels.multiply_strided(
            copy, inputs + 16, 1, panels + column * inputs, columns, inputs, out + column, width, 0,
            positions.count, Swift.min(columns, width - column))
        }
      }
      firstBias.withPointer {
        kernels.bias_activation(
          out, width, $0, nil, 0, Activation.identity.rawValue, positions.count, width)
      }
    case .factored(let factored, let base, _, let constant):
      let block = first / LaneBlocks.lanes
      base.withPointer { base in
        constant.withPointer {
          kernels.scale_rows(
            base + first * width, width, factored.scales(block), $0, out, width, positions.count, width)
        }
      }
      source.rowPanels.withPointer { panels in
        guard let panels else { return }
        for column in Swift.stride(from: 0, to: width, by: columns) {
          kernels.multiply_strided(
            factored.weights(block), 1, LaneBlocks.lanes, panels + column * factored.rows, columns,
            factored.rows, out + column, width, 1, positions.count, Swift.min(columns, width - column))
        }
      }
    }
  }
}

/// Where the pixels that stem from a position stand.
private struct MaskGrid: Sendable {
  let width: Int, height: Int
  /// Of a position's pixels at twice and at four times the size, from its first pixel.
  private let halves: [Int], quarters: [Int]

  init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    halves = (0..<4).map { $0 / 2 * 2 * width + $0 % 2 }
    quarters = (0..<16).map { index in
      let (outer, inner) = (index / 4, index % 4)
      return (outer / 2 * 2 + inner / 2) * 4 * width + outer % 2 * 2 + inner % 2
    }
  }

  /// An image's features at the positions' pixels, in the order of these.
  func gather(
    _ features: UnsafePointer<Float>, at positions: Range<Int>, subdivision: Int, channels: Int,
    into out: UnsafeMutablePointer<Float>
  ) {
    var target = out
    for position in positions {
      let (row, column) = (position / width, position % width)
      let first = features + (row * subdivision * subdivision * width + column * subdivision) * channels
      for place in subdivision == 2 ? halves : quarters {
        target.update(from: first + place * channels, count: channels)
        target += channels
      }
    }
  }

  /// Puts the positions' logits in their places: those of the second convolution's quarters are 4 x masks rows, with lanes by position
  /// and by the first's.
  func scatter(
    _ logits: UnsafePointer<Float>, stride: Int, masks: Int, at positions: Range<Int>,
    into out: UnsafeMutablePointer<Float>
  ) {
    quarters.withUnsafeBufferPointer { places in
      for mask in 0..<masks {
        let plane = out + mask * 16 * height * width
        for position in positions {
          let first = plane + position / width * 16 * width + position % width * 4
          let source = logits + mask * stride + (position - positions.lowerBound) * 4
          for index in 0..<16 { first[places[index]] = source[index % 4 * masks * stride + index / 4] }
        }
      }
    }
  }
}
