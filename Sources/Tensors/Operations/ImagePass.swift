internal import Kernels

/// One pass over an image's positions in which they attend to a few tokens, and the tokens then to them.
///
/// A two-way layer projects 4,096 positions for the sake of about seven tokens. Both projections of an attention can be moved to
/// the side of the tokens (exact algebra): q · (W x + b) = (Wᵀ q) · x + q · b, and Σ p (W v + b) = W Σ p v + b. A token then has a
/// query for each head as wide as the image's channels, and no position is ever projected. A block of positions is
/// updated, normalised and read while it is in cache, with a running maximum and sum for each token and head.
///
/// Rows that belong to tokens and heads are ordered token by token, and by head within a token.
public struct ImagePass: Sendable {
  /// How the positions are brought up to date: x = norm(x + softmax(((x + encoding) · keysᵀ + keyBias) · scale) · values + bias).
  public struct Update: Sendable {
    /// (tokens · heads) x channels.
    public var keys: Tensor
    /// tokens · heads, or nil.
    public var keyBias: Tensor?
    /// (tokens · heads) x channels.
    public var values: Tensor
    /// One for each channel.
    public var bias: Tensor
    /// Of the norm.
    public var normWeight: Tensor
    /// Of the norm.
    public var normBias: Tensor
    /// Of the norm.
    public var epsilon: Float

    /// An update of the given operands.
    public init(
      keys: Tensor, keyBias: Tensor?, values: Tensor, bias: Tensor, normWeight: Tensor,
      normBias: Tensor, epsilon: Float
    ) {
      self.keys = keys
      self.keyBias = keyBias
      self.values = values
      self.bias = bias
      self.normWeight = normWeight
      self.normBias = normBias
      self.epsilon = epsilon
    }
  }

  /// The number of tokens.
  public var tokens: Int
  /// The number of heads.
  public var heads: Int
  /// What scores are multiplied by.
  public var scale: Float
  /// What is done to the positions first; nil for nothing.
  public var update: Update?
  /// What the tokens then look for, (tokens · heads) x channels.
  public var queries: Tensor

  /// A pass of the given parts.
  public init(tokens: Int, heads: Int, scale: Float, update: Update?, queries: Tensor) {
    self.tokens = tokens
    self.heads = heads
    self.scale = scale
    self.update = update
    self.queries = queries
  }
}

extension Tensor {
  /// Makes a pass over an image's positions, which this tensor holds, positions x channels.
  ///
  /// - Parameters:
  ///   - pass: what is done.
  ///   - encoding: the positional encoding, positions x channels.
  /// - Returns: the positions after the update, and for each token and head the mean of the positions that it attends to,
  ///   (tokens · heads) x channels. The same for any number of threads.
  public func imagePass(_ pass: ImagePass, encoding: Tensor) -> (positions: Tensor, gathered: Tensor) {
    precondition(encoding.shape == shape && shape.count == 2, "an encoding for each position")
    precondition(pass.queries.shape == [pass.tokens * pass.heads, shape[1]], "queries fit the channels")
    let runner = ImagePassRunner(pass, positions: self, encoding: encoding)
    let updated = pass.update == nil ? self : Tensor(uninitialized: shape, on: compute)
    return (updated, runner.run(into: updated))
  }
}

/// The operands of a pass, packed.
private struct ImagePassRunner: Sendable {
  let pass: ImagePass
  let positions: Tensor, encoding: Tensor
  let compute: Compute
  let count: Int, channels: Int, columns: Int
  let queryPanels: Tensor
  let keyPanels: Tensor?, valuePanels: Tensor?

  /// Positions worked on together; a multiple of every instruction set's panel.
  static let block = 96
  /// Parts whose results are kept apart and joined in order, whatever thread made them.
  static let parts = 8

  init(_ pass: ImagePass, positions: Tensor, encoding: Tensor) {
    self.pass = pass
    self.positions = positions
    self.encoding = encoding
    compute = positions.compute
    (count, channels) = (positions.shape[0], positions.shape[1])
    columns = pass.tokens * pass.heads
    queryPanels = pass.queries.packedTransposed(on: compute)
    keyPanels = pass.update?.keys.packedTransposed(on: compute)
    valuePanels = pass.update?.values.packedColumns(on: compute)
  }

  private var panelColumns: Int { VectorKernels.best.panel_columns }
  private func padded(_ size: Int) -> Int { (size + panelColumns - 1) / panelColumns * panelColumns }
  /// Distances between rows of scratch matrices; a little more than needed, so that rows do not share cache sets.
  private var stride: Int { padded(channels) + 16 }
  private var scoreStride: Int { padded(columns) + 16 }

  func run(into updated: Tensor) -> Tensor {
    let blocks = (count + ImagePassRunner.block - 1) / ImagePassRunner.block
    let parts = Swift.max(1, Swift.min(ImagePassRunner.parts, blocks))
    let blocksPerPart = (blocks + parts - 1) / parts
    // For each part: outputs, then maxima and sums.
    let partials = Tensor(uninitialized: [parts, columns * (channels + 2)], on: compute)
    compute.forEach(parts) { part in
      let range =
        part * blocksPerPart..<Swift.max(part * blocksPerPart, Swift.min(blocks, (part + 1) * blocksPerPart))
      let rows = ImagePassRunner.block + VectorKernels.best.panel_rows
      compute.withScratch(rows * (2 * stride + scoreStride) + padded(columns)) { scratch in
        let work = Scratch(
          located: scratch, updated: scratch + rows * stride, scores: scratch + 2 * rows * stride,
          factors: scratch + rows * (2 * stride + scoreStride))
        let outputs = partials.start + part * columns * (channels + 2)
        let (maxima, sums) = (outputs + columns * channels, outputs + columns * (channels + 1))
        outputs.update(repeating: 0, count: columns * channels)
        maxima.update(repeating: -.infinity, count: columns)
        sums.update(repeating: 0, count: columns)
        for block in range {
          let first = block * ImagePassRunner.block
          let size = Swift.min(ImagePassRunner.block, count - first)
          bringUpToDate(first, size, work, into: updated)
          read(first, size, work, outputs: outputs, maxima: maxima, sums: sums)
        }
      }
    }
    return join(partials, parts: parts)
  }

  private struct Scratch {
    /// Positions plus their encoding.
    let located: UnsafeMutablePointer<Float>
    /// Positions after the update.
    let updated: UnsafeMutablePointer<Float>
    let scores: UnsafeMutablePointer<Float>
    let factors: UnsafeMutablePointer<Float>
  }

  /// Leaves the block's positions, updated, in `work.updated`.
  private func bringUpToDate(_ first: Int, _ size: Int, _ work: Scratch, into result: Tensor) {
    let kernels = VectorKernels.best
    positions.withPointer { x in
      guard let update = pass.update, let keyPanels, let valuePanels else {
        for row in 0..<size {
          (work.updated + row * stride).update(from: x + (first + row) * channels, count: channels)
        }
        return
      }
      locate(x + first * channels, channels, first, size, work)
      multiply(
        work.located, stride, 1, keyPanels, depth: update.keys.shape[1], work.scores, scoreStride, size,
        columns)
      update.keyBias.withPointer {
        kernels.softmax_tokens(work.scores, scoreStride, pass.scale, $0, size, pass.tokens, pass.heads)
      }
      multiply(work.scores, scoreStride, 1, valuePanels, depth: columns, work.updated, stride, size, channels)
      update.bias.withPointer {
        kernels.bias_activation(
          work.updated, stride, $0, x + first * channels, channels, Activation.identity.rawValue, size,
          channels)
      }
      update.normWeight.withPointer { weight in
        update.normBias.withPointer { bias in
          kernels.layer_norm(
            work.updated, stride, weight, bias, update.epsilon, Activation.identity.rawValue, work.updated,
            stride, size,
            channels)
        }
      }
      for row in 0..<size {
        (result.start + (first + row) * channels).update(from: work.updated + row * stride, count: channels)
      }
    }
  }

  /// Adds what the tokens gather from the block to `outputs`.
  private func read(
    _ first: Int, _ size: Int, _ work: Scratch, outputs: UnsafeMutablePointer<Float>,
    maxima: UnsafeMutablePointer<Float>, sums: UnsafeMutablePointer<Float>
  ) {
    let kernels = VectorKernels.best
    locate(work.updated, stride, first, size, work)
    multiply(work.located, stride, 1, queryPanels, depth: channels, work.scores, scoreStride, size, columns)
    kernels.softmax_columns(work.scores, scoreStride, pass.scale, size, columns, maxima, sums, work.factors)
    for column in 0..<columns where work.factors[column] != 1 {
      let row = outputs + column * channels
      let factor = work.factors[column]
      for channel in 0..<channels { row[channel] *= factor }
    }
    kernels.multiply_strided(
      work.scores, 1, scoreStride, work.updated, stride, size, outputs, channels, 1, columns, channels)
  }

  /// Leaves the block's positions plus their encoding in `work.located`.
  private func locate(_ x: UnsafePointer<Float>, _ xStride: Int, _ first: Int, _ size: Int, _ work: Scratch) {
    encoding.withPointer { encoding in
      for row in 0..<size {
        VectorKernels.best.add(
          x + row * xStride, encoding + (first + row) * channels, work.located + row * stride, channels)
      }
    }
  }

  /// c = a · b, panel by panel of b. Rows and columns up to the next whole panel are computed too: the scratch has room for them,
  /// and whole tiles are faster than their edges.
  private func multiply(
    _ a: UnsafePointer<Float>, _ aRow: Int, _ aDepth: Int, _ b: Tensor, depth: Int,
    _ c: UnsafeMutablePointer<Float>,
    _ cRow: Int, _ rows: Int, _ columns: Int
  ) {
    let panelRows = VectorKernels.best.panel_rows
    let wholeRows = (rows + panelRows - 1) / panelRows * panelRows
    b.withPointer { b in
      for column in Swift.stride(from: 0, to: columns, by: panelColumns) {
        VectorKernels.best.multiply_strided(
          a, aRow, aDepth, b + column * depth, panelColumns, depth, c + column, cRow, 0, wholeRows,
          panelColumns)
      }
    }
  }

  /// The parts' outputs, each weighted by its share of the sum of exponentials.
  private func join(_ partials: Tensor, parts: Int) -> Tensor {
    let result = Tensor(repeating: 0, shape: [columns, channels], on: compute)
    let size = columns * (channels + 2)
    partials.withPointer { partials in
      for column in 0..<columns {
        func maximum(_ part: Int) -> Float { partials[part * size + columns * channels + column] }
        func sum(_ part: Int) -> Float { partials[part * size + columns * (channels + 1) + column] }
        let largest = (0..<parts).reduce(-Float.infinity) { Swift.max($0, maximum($1)) }
        var total: Float = 0
        let out = result.start + column * channels
        for part in 0..<parts where sum(part) > 0 {
          let weight = VectorKernels.exponential(maximum(part) - largest)
          total += sum(part) * weight
          let outputs = partials + part * size + column * channels
          for channel in 0..<channels { out[channel] += outputs[channel] * weight }
        }
        let factor = 1 / total
        for channel in 0..<channels { out[channel] *= factor }
      }
    }
    return result
  }
}
