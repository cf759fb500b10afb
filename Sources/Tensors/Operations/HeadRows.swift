internal import Kernels

/// The order of rows that belong to tokens and heads.
public enum HeadOrder: Sendable {
  /// Token by token, and by head within a token.
  case byToken
  /// Head by head, and by token within a head.
  case byHead

  /// The row of a head's first token, and the distance to that of the next.
  func rows(of head: Int, tokens: Int, heads: Int) -> (first: Int, step: Int) {
    switch self {
    case .byToken: (head, heads)
    case .byHead: (head * tokens, 1)
    }
  }
}

// The tokens' side of an attention whose projections have moved to it: matrices with a row for each token and head.
extension Tensor {
  /// Each head's part of projected tokens times that head's rows of a projection: what the tokens look like from the far side of it.
  ///
  /// This tensor is tokens x inner width.
  ///
  /// - Parameters:
  ///   - weight: inner width x channels.
  ///   - order: of the result's rows.
  /// - Returns: (tokens · heads) x channels.
  public func headRows(_ weight: Tensor, heads: Int, order: HeadOrder) -> Tensor {
    let (tokens, inner, channels) = (shape.rows, shape.innermost, weight.shape.innermost)
    precondition(weight.shape.rows == inner && inner % heads == 0, "heads divide the projection")
    let depth = inner / heads
    let result = Tensor(uninitialized: [heads * tokens, channels], on: compute)
    withPointer { x in
      weight.withPointer { w in
        for head in 0..<heads {
          let (first, step) = order.rows(of: head, tokens: tokens, heads: heads)
          VectorKernels.best.multiply_strided(
            x + head * depth, inner, 1, w + head * depth * channels, channels, depth,
            result.start + first * channels, step * channels, 0, tokens, channels)
        }
      }
    }
    return result
  }

  /// Each head's dot product with a vector: tokens x inner width, and inner width, to tokens · heads.
  public func headSums(_ vector: Tensor, heads: Int, order: HeadOrder) -> Tensor {
    let (tokens, inner) = (shape.rows, shape.innermost)
    let depth = inner / heads
    let result = Tensor(uninitialized: [heads * tokens], on: compute)
    withPointer { x in
      vector.withPointer { v in
        for head in 0..<heads {
          let (first, step) = order.rows(of: head, tokens: tokens, heads: heads)
          for token in 0..<tokens {
            var sum: Float = 0
            for index in head * depth..<(head + 1) * depth { sum += x[token * inner + index] * v[index] }
            result.start[first + token * step] = sum
          }
        }
      }
    }
    return result
  }

  /// What each token and head gathered, projected by that head's rows of a projection: (tokens · heads) x channels to
  /// tokens x inner.
  ///
  /// - Parameters:
  ///   - weight: inner x channels.
  ///   - bias: inner.
  public func projectingHeads(_ weight: Tensor, _ bias: Tensor, heads: Int) -> Tensor {
    let (tokens, channels, inner) = (shape[0] / heads, shape[1], weight.shape[0])
    precondition(weight.shape[1] == channels && inner % heads == 0, "heads divide the projection")
    let depth = inner / heads
    let result = Tensor(uninitialized: [tokens, inner], on: compute)
    withPointer { x in
      weight.withPointer { w in
        bias.withPointer { b in
          for head in 0..<heads {
            VectorKernels.best.multiply_few(
              x + head * channels, heads * channels, w + head * depth * channels, channels, channels,
              result.start + head * depth, inner, tokens, depth)
          }
          VectorKernels.best.bias_activation(
            result.start, inner, b, nil, 0, Activation.identity.rawValue, tokens, inner)
        }
      }
    }
    return result
  }

  /// The first rows plus a vector.
  public consuming func addingToFirstRows(_ vector: Tensor, count rows: Int) -> Tensor {
    var result = self
    let channels = vector.count
    result.withUnsafeMutableBuffer { elements in
      vector.withPointer { vector in
        for row in 0..<rows {
          for channel in 0..<channels { elements[row * channels + channel] += vector[channel] }
        }
      }
    }
    return result
  }

  /// Rows about their mean: … x channels to the same.
  public func centred() -> Tensor {
    let (rows, channels) = (shape.rows, shape.innermost)
    let result = Tensor(uninitialized: shape, on: compute)
    let ones = Tensor(repeating: 1, shape: [channels], on: compute)
    withPointer { x in
      nonisolated(unsafe) let (x, y) = (x, result.start)
      compute.forEachRange(of: rows, atLeast: Swift.max(1, (1 << 14) / channels)) { range in
        for row in range {
          let (from, to) = (x + row * channels, y + row * channels)
          var sum: Float = 0
          VectorKernels.best.multiply_few(from, 0, ones.start, 0, channels, &sum, 0, 1, 1)
          let mean = sum / Float(channels)
          for channel in 0..<channels { to[channel] = from[channel] - mean }
        }
      }
    }
    return result
  }

  /// Every row times a vector, elementwise.
  public func scalingColumns(by factors: Tensor) -> Tensor {
    let (rows, channels) = (shape.rows, shape.innermost)
    precondition(factors.count == channels, "a factor for each column")
    let result = Tensor(uninitialized: shape, on: compute)
    withPointer { x in
      factors.withPointer { factors in
        nonisolated(unsafe) let (x, y, factors) = (x, result.start, factors)
        compute.forEachRange(of: rows, atLeast: Swift.max(1, (1 << 14) / channels)) { range in
          for row in range {
            let (from, to) = (x + row * channels, y + row * channels)
            for channel in 0..<channels { to[channel] = from[channel] * factors[channel] }
          }
        }
      }
    }
    return result
  }

  /// The sum of squares of each row: … x channels to rows x 1.
  public func rowSquares() -> Tensor {
    let (rows, channels) = (shape.rows, shape.innermost)
    let result = Tensor(uninitialized: [rows, 1], on: compute)
    withPointer { x in
      for row in 0..<rows {
        VectorKernels.best.multiply_few(
          x + row * channels, 0, x + row * channels, 0, channels, result.start + row, 0, 1, 1)
      }
    }
    return result
  }

  /// Products of all rows with each other, rows x rows; those with rows of earlier strips twice.
  ///
  /// - Parameter group: rows of an update, which are divided into strips; see ``FactoredPass/Lengths/products``.
  public func rowProducts(group: Int) -> Tensor {
    let (rows, strip) = (shape.rows, FactoredPass.Lengths.strip)
    var result = linear(self)
    result.withUnsafeMutableBuffer { products in
      for row in 0..<rows {
        let begin = row / group * group + row % group / strip * strip
        for column in 0..<begin { products[row * rows + column] *= 2 }
      }
    }
    return result
  }
}

extension FactoredPass.Found {
  /// What the tokens found, as values of the inner width: tokens x inner width.
  ///
  /// - Parameters:
  ///   - rows: the rows of the positions' form projected to values, rows x inner width; nil where there are none.
  ///   - bias: what is added to all, inner width.
  public func merged(heads: Int, rows: Tensor?, bias: Tensor?) -> Tensor {
    let (tokens, depth) = (values.shape.rows / heads, values.shape.innermost)
    let inner = heads * depth
    let result = Tensor(repeating: 0, shape: [tokens, inner], on: values.compute)
    for row in 0..<heads * tokens {
      let out = result.start + row % tokens * inner + row / tokens * depth
      let from = values.start + row * depth
      for index in 0..<depth { out[index] = from[index] }
      rows?.withPointer { rows in
        for weight in 0..<weights.shape.rows {
          let factor = weights.start[weight * heads * tokens + row]
          let from = rows + weight * inner + row / tokens * depth
          for index in 0..<depth { out[index] += factor * from[index] }
        }
      }
    }
    guard let bias else { return result }
    return result.adding(bias)
  }
}
