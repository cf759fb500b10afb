internal import Kernels

extension FactoredPositions {
  /// Makes a pass over each of several prompts' positions, which have their image in common: brings scales and weights up to date, and
  /// gathers what the tokens look for.
  ///
  /// - Returns: the same for any number of threads, and for any number of prompts.
  public static func visit(
    _ positions: inout [FactoredPositions], _ passes: [FactoredPass]
  ) -> [FactoredPass.Found] {
    precondition(positions.count == passes.count && !passes.isEmpty, "a pass for each prompt")
    for (index, pass) in passes.enumerated() {
      positions[index].makeUnique()
      if let update = pass.update { positions[index].grow(by: update.tokens * pass.heads) }
    }
    let visits = zip(passes, positions).map { FactoredVisit($0, $1) }
    return FactoredVisit.run(visits)
  }
}

/// A pass's operands where they stand in memory: they are looked at hundreds of times, and the pass keeps them.
private struct Operands: @unchecked Sendable {
  struct Scores {
    let base: UnsafePointer<Float>, encoding: UnsafePointer<Float>?
    let tokens: UnsafePointer<Float>, rows: UnsafePointer<Float>?
    /// The number of tokens.
    let count: Int

    init(_ scores: FactoredPass.Scores) {
      base = scores.projection.base.storage.floats
      encoding = scores.projection.encoding?.storage.floats
      tokens = scores.tokens.floats
      count = scores.tokens.shape.rows
      rows = scores.rows?.floats
    }
  }

  struct Update {
    let scores: Scores
    let bias: UnsafePointer<Float>
    let base: UnsafePointer<Float>
    let projections: [UnsafePointer<Float>], values: [UnsafePointer<Float>], offsets: [UnsafePointer<Float>]
    let products: UnsafePointer<Float>
    let channels: Float, epsilon: Float

    init(_ update: FactoredPass.Update) {
      let lengths = update.lengths
      scores = Scores(update.scores)
      bias = update.bias.floats
      base = lengths.base.storage.floats
      projections = lengths.projections.map { $0.storage.floats }
      values = lengths.values.map { $0.floats }
      offsets = lengths.offsets.map { $0.storage.floats }
      products = lengths.products.floats
      (channels, epsilon) = (Float(lengths.channels), lengths.epsilon)
    }
  }

  let update: Update?
  let scores: Scores
  let values: UnsafePointer<Float>

  init(_ pass: FactoredPass) {
    update = pass.update.map { Update($0) }
    scores = Scores(pass.scores)
    values = pass.values.floats
  }
}

/// A pass under way. Parts of the positions are visited by any thread; their results are joined in order.
private struct FactoredVisit: Sendable {
  let pass: FactoredPass
  let operands: Operands
  let positions: FactoredPositions
  let compute: Compute
  /// Tokens that read, times heads; the same up to a whole panel; channels of a head, and of all.
  let rows: Int, width: Int, depth: Int, inner: Int
  /// Tokens of the update, times heads.
  let newRows: Int

  static let lanes = LaneBlocks.lanes
  static let parts = 8

  init(_ pass: FactoredPass, _ positions: FactoredPositions) {
    self.pass = pass
    operands = Operands(pass)
    self.positions = positions
    compute = positions.weights.compute
    rows = pass.scores.tokens.shape.rows * pass.heads
    newRows = (pass.update?.tokens ?? 0) * pass.heads
    let panel = VectorKernels.best.panel_columns
    width = (rows + panel - 1) / panel * panel
    inner = pass.values.shape.innermost
    depth = inner / pass.heads
  }

  /// A part's results: values, weights, maxima, sums.
  private var partSize: Int { rows * (depth + 2) + positions.rows * width }

  /// Makes all visits, a block of positions at a time: what prompts have in common is read once.
  static func run(_ visits: [FactoredVisit]) -> [FactoredPass.Found] {
    let (first, compute) = (visits[0], visits[0].compute)
    let blocks = first.positions.weights.shape[0]
    let parts = Swift.min(FactoredVisit.parts, blocks)
    let perPart = (blocks + parts - 1) / parts
    let partials = visits.map { Tensor(uninitialized: [parts, $0.partSize], on: compute) }
    // Scores, and the same turned round, or products of lengths and their sums; factors.
    let scratchSize =
      visits.reduce(0) { Swift.max($0, lanes * Swift.max($1.rows + $1.width, $1.newRows + 1) + $1.rows) }
    compute.forEach(parts) { part in
      compute.withScratch(scratchSize) { scratch in
        let gathered = visits.indices.map {
          Gathered(partials[$0].start + part * visits[$0].partSize, visits[$0])
        }
        for gathered in gathered { gathered.clear() }
        for block in part * perPart..<Swift.max(part * perPart, Swift.min(blocks, (part + 1) * perPart)) {
          for index in visits.indices { visits[index].visit(block, scratch, into: gathered[index]) }
        }
      }
    }
    return visits.indices.map { index in
      withExtendedLifetime(visits[index].pass) { visits[index].join(partials[index], parts: parts) }
    }
  }

  /// A part's results. It holds numbers and pointers only: one is made for each part and looked at in each block.
  private struct Gathered {
    let values: UnsafeMutablePointer<Float>
    let weights: UnsafeMutablePointer<Float>
    let maxima: UnsafeMutablePointer<Float>
    let sums: UnsafeMutablePointer<Float>
    private let rows: Int, depth: Int, width: Int, weightRows: Int

    init(_ start: UnsafeMutablePointer<Float>, _ visit: FactoredVisit) {
      (rows, depth, width, weightRows) = (visit.rows, visit.depth, visit.width, visit.positions.rows)
      values = start
      weights = values + rows * depth
      maxima = weights + weightRows * width
      sums = maxima + rows
    }

    func clear() {
      values.update(repeating: 0, count: rows * (depth + 2) + weightRows * width)
      maxima.update(repeating: -.infinity, count: rows)
    }

    /// Multiplies what was gathered for each row.
    func rescale(_ factors: UnsafePointer<Float>) {
      var isNeeded = false
      for row in 0..<rows where factors[row] != 1 {
        isNeeded = true
        for index in row * depth..<(row + 1) * depth { values[index] *= factors[row] }
      }
      guard isNeeded else { return }
      for index in 0..<weightRows {
        let weights = weights + index * width
        for row in 0..<rows { weights[row] *= factors[row] }
      }
    }
  }

  /// Visits a block of positions.
  private func visit(_ block: Int, _ scratch: UnsafeMutablePointer<Float>, into gathered: Gathered) {
    if let update = operands.update { bringUpToDate(block, update, scratch) }
    read(block, scratch, into: gathered)
  }

  /// The scores of a block's positions and the tokens, (heads · tokens) x 64; `used` is the number of weights they have.
  private func score(
    _ scores: Operands.Scores, _ block: Int, used: Int, into out: UnsafeMutablePointer<Float>
  ) {
    let (kernels, lanes) = (VectorKernels.best, FactoredVisit.lanes)
    multiplyHeads(scores.base, scores.tokens, scores.count, block, adding: false, into: out)
    if let rows = scores.rows {
      let count = scores.count * pass.heads
      kernels.scale_lanes(out, lanes, positions.scales(block), nil, out, lanes, count, lanes)
      kernels.multiply_strided(
        rows, used, 1, positions.weights(block), lanes, used, out, lanes, 1, count, lanes)
    }
    if let encoding = scores.encoding {
      multiplyHeads(encoding, scores.tokens, scores.count, block, adding: true, into: out)
    }
  }

  /// Each head's channels of a block times the tokens' channels of that head.
  private func multiplyHeads(
    _ channels: UnsafePointer<Float>, _ tokens: UnsafePointer<Float>, _ count: Int, _ block: Int,
    adding: Bool, into out: UnsafeMutablePointer<Float>
  ) {
    let lanes = FactoredVisit.lanes
    let source = channels + block * inner * lanes
    for head in 0..<pass.heads {
      VectorKernels.best.multiply_strided(
        tokens + head * depth, inner, 1, source + head * depth * lanes, lanes, depth,
        out + head * count * lanes, lanes, adding ? 1 : 0, count, lanes)
    }
  }

  /// The block's positions attend to the tokens and are normalised.
  private func bringUpToDate(
    _ block: Int, _ update: Operands.Update, _ scratch: UnsafeMutablePointer<Float>
  ) {
    let (kernels, lanes) = (VectorKernels.best, FactoredVisit.lanes)
    let (scales, weights) = (positions.scales(block), positions.weights(block))
    let old = positions.rows - newRows
    let new = weights + old * lanes
    score(update.scores, block, used: old, into: new)
    kernels.softmax_of_tokens(new, lanes, pass.scale, update.bias, pass.heads, update.scores.count, lanes)

    let sums = scratch + newRows * lanes
    let base = update.base + block * lanes
    for lane in 0..<lanes { sums[lane] = scales[lane] * scales[lane] * base[lane] }
    for index in update.projections.indices {
      let first = index * newRows
      multiplyHeads(
        update.projections[index], update.values[index], update.scores.count, block, adding: false,
        into: scratch)
      for token in 0..<update.scores.count {
        let row = scratch + token * lanes
        kernels.add(row, update.offsets[index] + block * lanes, row, lanes)
      }
      kernels.scale_lanes(scratch, lanes, scales, nil, scratch, lanes, newRows, lanes)
      // Products of two rows are counted once, with the later strip of the two.
      for strip in stride(from: 0, to: newRows, by: FactoredPass.Lengths.strip) {
        let count = Swift.min(FactoredPass.Lengths.strip, newRows - strip)
        kernels.multiply_strided(
          update.products + (first + strip) * positions.rows, positions.rows, 1, weights, lanes,
          first + strip + count, scratch + strip * lanes, lanes, 1, count, lanes)
      }
      kernels.add_lane_products(weights + first * lanes, lanes, scratch, lanes, newRows, lanes, sums)
    }
    for lane in 0..<lanes {
      sums[lane] = 1 / (Swift.max(0, sums[lane]) / update.channels + update.epsilon).squareRoot()
      scales[lane] *= sums[lane]
    }
    kernels.scale_lanes(weights, lanes, sums, nil, weights, lanes, positions.rows, lanes)
  }

  /// Adds what the tokens gather from the block.
  private func read(_ block: Int, _ scratch: UnsafeMutablePointer<Float>, into gathered: Gathered) {
    let (kernels, lanes) = (VectorKernels.best, FactoredVisit.lanes)
    let (scores, turned) = (scratch, scratch + rows * lanes)
    let factors = turned + lanes * width
    let first = block * lanes
    let size = Swift.min(lanes, positions.count - first)
    score(operands.scores, block, used: positions.rows, into: scores)
    kernels.softmax_of_positions(
      scores, lanes, pass.scale, rows, lanes, size, gathered.maxima, gathered.sums, factors)
    gathered.rescale(factors)
    if positions.rows > 0 {
      kernels.transpose(scores, lanes, rows, lanes, turned, width)
      kernels.multiply_strided(
        positions.weights(block), lanes, 1, turned, width, lanes, gathered.weights, width, 1, positions.rows,
        width)
      kernels.scale_lanes(scores, lanes, positions.scales(block), nil, scores, lanes, rows, lanes)
    }
    let tokens = operands.scores.count
    for head in 0..<pass.heads {
      kernels.multiply_strided(
        scores + head * tokens * lanes, lanes, 1, operands.values + first * inner + head * depth, inner,
        size, gathered.values + head * tokens * depth, depth, 1, tokens, depth)
    }
  }

  /// The parts' results, each weighted by its share of the sum of exponentials.
  private func join(_ partials: Tensor, parts: Int) -> FactoredPass.Found {
    let values = Tensor(repeating: 0, shape: [rows, depth], on: compute)
    let weights = Tensor(repeating: 0, shape: [positions.rows, rows], on: compute)
    let all = (0..<parts).map { Gathered(partials.start + $0 * partSize, self) }
    for row in 0..<rows {
      let largest = all.reduce(-Float.infinity) { Swift.max($0, $1.maxima[row]) }
      // A part's factor takes the place of its maximum.
      var total: Float = 0
      for part in all {
        part.maxima[row] = part.sums[row] > 0 ? VectorKernels.exponential(part.maxima[row] - largest) : 0
        total += part.sums[row] * part.maxima[row]
      }
      for part in all { part.maxima[row] /= total }
    }
    for part in all {
      for row in 0..<rows {
        for index in row * depth..<(row + 1) * depth {
          values.start[index] += part.values[index] * part.maxima[row]
        }
      }
      for index in 0..<positions.rows {
        let (from, to) = (part.weights + index * width, weights.start + index * rows)
        for row in 0..<rows { to[row] += from[row] * part.maxima[row] }
      }
    }
    return FactoredPass.Found(values: values, weights: weights)
  }
}
