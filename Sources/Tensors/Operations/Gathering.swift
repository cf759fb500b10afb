extension Tensor {
  /// Rows of a matrix by number, one after the other: an embedding look-up.
  ///
  /// - Returns: as many rows as `indices` x the innermost size.
  public func gatheringRows(_ indices: [Int]) -> Tensor {
    let (rows, columns) = (shape.rows, shape.innermost)
    let result = Tensor(uninitialized: [indices.count, columns], on: compute)
    withPointer { x in
      for (position, index) in indices.enumerated() {
        precondition(index >= 0 && index < rows, "a row that exists")
        (result.start + position * columns).initialize(from: x + index * columns, count: columns)
      }
    }
    guard let tape = Tape.recording(self) else { return result }
    return tape.record(result) { [node] gradient, tape in
      for (position, index) in indices.enumerated() {
        tape.accumulate(
          gradient.reshaped([indices.count, columns])[outermost: position], in: node, at: index * columns)
      }
    }
  }

  /// Every row of the matrix multiplied by its own factor.
  public consuming func scalingRows(_ factors: [Float]) -> Tensor {
    var result = self
    let columns = result.shape.innermost
    precondition(factors.count == result.shape.rows, "a factor for each row")
    let (tape, node) = (Tape.recording(result), result.node)
    result.withUnsafeMutableBuffer { elements in
      for (row, factor) in factors.enumerated() {
        for column in 0..<columns { elements[row * columns + column] *= factor }
      }
    }
    guard let tape else { return result }
    return tape.record(result) { gradient, tape in
      tape.accumulate(
        gradient.reshaped([factors.count, columns]).scalingRows(factors), in: node)
    }
  }

  /// This tensor, whose outermost size is 1, repeated along that dimension.
  public func repeated(_ batch: Int) -> Tensor {
    precondition(shape.count > 0 && shape[0] == 1, "one item to repeat")
    guard batch != 1 else { return self }
    var newShape = shape
    newShape[0] = batch
    let result = Tensor(uninitialized: newShape, on: compute)
    withPointer { x in
      for item in 0..<batch { (result.start + item * count).initialize(from: x, count: count) }
    }
    guard let tape = Tape.recording(self) else { return result }
    return tape.record(result) { [node, count] gradient, tape in
      #if !hasFeature(Embedded)
        tape.accumulate(gradient.columnSums(of: count), in: node)
      #endif
    }
  }

  /// The rows of both, item by item: batch x (n + m) x channels from batch x n x channels and batch x m x channels.
  public func appendingTokens(_ other: Tensor) -> Tensor {
    let (batch, first, channels) = (shape[0], shape[1], shape[2])
    let second = other.shape[1]
    precondition(other.shape[0] == batch && other.shape[2] == channels, "the same batch and channels")
    let result = Tensor(uninitialized: [batch, first + second, channels], on: compute)
    withPointer { x in
      other.withPointer { y in
        for item in 0..<batch {
          let out = result.start + item * (first + second) * channels
          out.initialize(from: x + item * first * channels, count: first * channels)
          (out + first * channels).initialize(from: y + item * second * channels, count: second * channels)
        }
      }
    }
    guard let tape = Tape.recording(self, other) else { return result }
    return tape.record(result) { [node] gradient, tape in
      let whole = gradient.reshaped([batch, first + second, channels])
      if node != nil { tape.accumulate(whole.tokens(0..<first), in: node) }
      if other.node != nil { tape.accumulate(whole.tokens(first..<first + second), in: other.node) }
    }
  }

  /// Some tokens of every item: batch x range x channels from batch x tokens x channels.
  public func tokens(_ range: Range<Int>) -> Tensor {
    let (batch, total, channels) = (shape[0], shape[1], shape[2])
    precondition(range.lowerBound >= 0 && range.upperBound <= total, "tokens that exist")
    let result = Tensor(uninitialized: [batch, range.count, channels], on: compute)
    withPointer { x in
      for item in 0..<batch {
        (result.start + item * range.count * channels)
          .initialize(from: x + (item * total + range.lowerBound) * channels, count: range.count * channels)
      }
    }
    guard let tape = Tape.recording(self) else { return result }
    return tape.record(result) { [node] gradient, tape in
      let parts = gradient.reshaped([batch, range.count * channels])
      for item in 0..<batch {
        tape.accumulate(parts[outermost: item], in: node, at: (item * total + range.lowerBound) * channels)
      }
    }
  }
}
