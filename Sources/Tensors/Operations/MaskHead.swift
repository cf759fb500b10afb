internal import Kernels

/// The end of the mask decoder: two transposed convolutions with norm and GELU, and a dot product with each mask's weights,
/// block by block of the image, so that the upscaled features are never held.
///
/// A block is 64 positions, which are the lanes of all that is done to it: norms and activations are vertical, and a convolution's result is
/// the next one's operand as it stands.
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
    case factored(FactoredPositions, base: LaneBlocks, rows: Tensor, constant: Tensor)
  }

  /// Features to add, with positions as lanes.
  public struct Features: Sendable {
    /// Blocks x (2 x 2 x middle) x 64: added before the norm.
    fileprivate let beforeNorm: Tensor
    /// Blocks x (2 x 2) x (2 x 2 x outputs) x 64, by the quarters that the first and the second convolution make: added before the last GELU.
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

  private static let lanes = LaneBlocks.lanes

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
    let lanes = MaskHead.lanes
    // The positions' channels, the same widened, a quarter upscaled, logits.
    let sizes = [inputs * lanes, 4 * middle * lanes, 4 * outputs * lanes, 16 * masks * lanes]
    weights.compute.forEach(LaneBlocks.blocks(of: height * width)) { block in
      let positions = block * lanes..<Swift.min(height * width, (block + 1) * lanes)
      weights.compute.withScratch(sizes.reduce(0, +)) { scratch in
        let widened = scratch + sizes[0]
        let upscaled = widened + sizes[1]
        let logits = upscaled + sizes[2]
        widen(source, block, positions, copy: scratch, into: widened)
        features?.beforeNorm.withPointer {
          VectorKernels.best.add(widened, $0 + block * sizes[1], widened, sizes[1])
        }
        for quarter in 0..<4 {
          upscale(widened + quarter * middle * lanes, block, quarter, adding: features, into: upscaled)
          multiply(upscaled, quarter, weights: weights, into: logits)
        }
        grid.scatter(logits, masks: masks, at: positions, into: result.start)
      }
    }
    return result
  }

  /// A quarter's pixels, middle x 64, after norm, GELU and the second convolution: (2 x 2 x outputs) x 64. They are overwritten.
  private func upscale(
    _ pixels: UnsafeMutablePointer<Float>, _ block: Int, _ quarter: Int, adding features: Features?,
    into upscaled: UnsafeMutablePointer<Float>
  ) {
    let (kernels, lanes) = (VectorKernels.best, MaskHead.lanes)
    normWeight.withPointer { weight in
      normBias.withPointer { bias in
        kernels.normalize_lanes(
          pixels, lanes, weight, bias, epsilon, Activation.gelu.rawValue, pixels, lanes, middle, lanes)
      }
    }
    features?.beforeGELU.withPointer {
      let count = 4 * outputs * lanes
      upscaled.update(from: $0 + (4 * block + quarter) * count, count: count)
    }
    second.withPointer {
      kernels.multiply_strided(
        $0, middle, 1, pixels, lanes, middle, upscaled, lanes, features == nil ? 0 : 1, 4 * outputs, lanes)
    }
  }

  /// GELU of a quarter's upscaled pixels and their products with the masks' weights: 16 x masks x 64 logits, by the pixel of a position.
  private func multiply(
    _ upscaled: UnsafeMutablePointer<Float>, _ quarter: Int, weights: Tensor,
    into logits: UnsafeMutablePointer<Float>
  ) {
    let (masks, lanes) = (weights.shape[0], MaskHead.lanes)
    secondBias.withPointer { bias in
      weights.withPointer { weights in
        for part in 0..<4 {
          VectorKernels.best.mask_products(
            upscaled + part * outputs * lanes, lanes, bias, weights, outputs, outputs,
            logits + MaskGrid.pixel(quarter, part) * masks * lanes, lanes, masks, lanes)
        }
      }
    }
  }

  /// Features in the order of the head's work.
  ///
  /// - Parameters:
  ///   - s1: 2·height x 2·width x middle, added before the norm.
  ///   - s0: 4·height x 4·width x outputs, added before the last GELU.
  public func features(s0: Tensor, s1: Tensor) -> Features {
    let (height, width) = (s1.shape[0] / 2, s1.shape[1] / 2)
    let grid = MaskGrid(height: height, width: width)
    let (middle, outputs, lanes) = (middle, outputs, MaskHead.lanes)
    let blocks = LaneBlocks.blocks(of: height * width)
    let beforeNorm = Tensor(repeating: 0, shape: [blocks, 4 * middle, lanes], on: s1.compute)
    let beforeGELU = Tensor(repeating: 0, shape: [blocks, 16 * outputs, lanes], on: s0.compute)
    s0.compute.forEach(blocks) { block in
      let positions = block * lanes..<Swift.min(height * width, (block + 1) * lanes)
      // What is gathered is turned round: a position's pixels and their channels become rows.
      func turn(
        _ features: Tensor, subdivision: Int, channels: Int, into out: UnsafeMutablePointer<Float>
      ) {
        let rows = subdivision * subdivision * channels
        features.compute.withScratch(positions.count * rows) { pixels in
          features.withPointer {
            grid.gather($0, at: positions, subdivision: subdivision, channels: channels, into: pixels)
          }
          VectorKernels.best.transpose(pixels, rows, positions.count, rows, out + block * rows * lanes, lanes)
        }
      }
      turn(s1, subdivision: 2, channels: middle, into: beforeNorm.start)
      turn(s0, subdivision: 4, channels: outputs, into: beforeGELU.start)
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

  /// A block's positions after the first convolution, (2 x 2 x middle) x 64.
  private func widen(
    _ source: PackedSource, _ block: Int, _ positions: Range<Int>, copy: UnsafeMutablePointer<Float>,
    into out: UnsafeMutablePointer<Float>
  ) {
    let (kernels, lanes, width) = (VectorKernels.best, MaskHead.lanes, 4 * middle)
    switch source.image {
    case .positions(let image):
      if positions.count < lanes { copy.update(repeating: 0, count: inputs * lanes) }
      image.withPointer {
        kernels.transpose(
          $0 + positions.lowerBound * inputs, inputs, positions.count, inputs, copy, lanes)
      }
      firstBias.withPointer {
        for row in 0..<width { (out + row * lanes).update(repeating: $0[row], count: lanes) }
      }
      accumulate(firstPanels, depth: inputs, copy, into: out)
    case .factored(let factored, let base, _, let constant):
      constant.withPointer {
        kernels.scale_lanes(
          base.storage.floats + block * width * lanes, lanes, factored.scales(block), $0, out, lanes, width,
          lanes)
      }
      if let panels = source.rowPanels {
        accumulate(panels, depth: factored.rows, factored.weights(block), into: out)
      }
    }
  }

  /// Adds the product of a packed matrix, (2 x 2 x middle) x depth, and depth x 64 lanes.
  private func accumulate(
    _ panels: Tensor, depth: Int, _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
  ) {
    let (kernels, lanes, width) = (VectorKernels.best, MaskHead.lanes, 4 * middle)
    let columns = kernels.panel_columns
    panels.withPointer { panels in
      for column in stride(from: 0, to: width, by: columns) {
        kernels.multiply_strided(
          panels + column * depth, 1, columns, x, lanes, depth, out + column * lanes, lanes, 1,
          Swift.min(columns, width - column), lanes)
      }
    }
  }
}

/// Where the pixels that stem from a position stand.
private struct MaskGrid: Sendable {
  let width: Int, height: Int
  /// Of a position's pixels at twice and at four times the size, from its first pixel, in the order of the quarters that the first and the
  /// second convolution make of it.
  private let halves: [Int], quarters: [Int]

  init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    halves = (0..<4).map { $0 / 2 * 2 * width + $0 % 2 }
    quarters = (0..<16).map { index in
      let pixel = MaskGrid.pixel(index / 4, index % 4)
      return pixel / 4 * 4 * width + pixel % 4
    }
  }

  /// The place of a pixel among the 4 x 4 of a position, row by row, from its quarters.
  static func pixel(_ outer: Int, _ inner: Int) -> Int {
    (outer / 2 * 2 + inner / 2) * 4 + outer % 2 * 2 + inner % 2
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

  /// Puts the positions' logits, 16 x masks x 64 by pixel, in their places.
  func scatter(
    _ logits: UnsafePointer<Float>, masks: Int, at positions: Range<Int>,
    into out: UnsafeMutablePointer<Float>
  ) {
    let lanes = LaneBlocks.lanes
    var position = positions.lowerBound
    // Positions of one row of the image lie side by side.
    while position < positions.upperBound {
      let (row, column) = (position / width, position % width)
      let count = Swift.min(positions.upperBound - position, width - column)
      for mask in 0..<masks {
        for line in 0..<4 {
          let to = out + ((mask * height + row) * 4 + line) * 4 * width + column * 4
          VectorKernels.best.transpose(
            logits + (line * 4 * masks + mask) * lanes + position - positions.lowerBound, masks * lanes, 4,
            count, to, 4)
        }
      }
      position += count
    }
  }
}
