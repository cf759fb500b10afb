internal import Kernels

extension Tensor {
  /// The dimensions in another order: dimension i of the result is dimension `order[i]` of this tensor.
  public func permuted(_ order: [Int]) -> Tensor {
    precondition(order.sorted() == Array(0..<shape.count), "each dimension once")
    var strides = [Int](repeating: 1, count: shape.count)
    for dimension in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[dimension] = strides[dimension + 1] * shape[dimension + 1]
    }
    var newShape = Shape()
    for dimension in order { newShape.append(shape[dimension]) }
    let reordered = Tensor(uninitialized: newShape, on: compute)
    guard count > 0 else { return reordered }
    let result: Tensor
    if let tape = Tape.recording(self) {
      var inverse = order
      for (position, dimension) in order.enumerated() { inverse[dimension] = position }
      result = tape.record(reordered) { [node, inverse] gradient, tape in
        tape.accumulate(gradient.reshaped(newShape).permuted(inverse), in: node)
      }
    } else {
      result = reordered
    }
    withPointer { x in
      if let block = Tensor.exchange(of: shape, order) {
        // Most often two neighbouring groups of dimensions change places.
        for item in 0..<block.items {
          let at = item * block.rows * block.columns
          VectorKernels.best.transpose(
            x + at, block.columns, block.rows, block.columns, result.start + at, block.rows)
        }
      } else {
        copyPermuted(x, to: result.start, order, strides, newShape)
      }
    }
    return result
  }

  /// An order that leaves the first dimensions where they are, and exchanges two groups of the others, as transposed matrices of `rows` x
  /// `columns`; nil for others.
  private static func exchange(
    of shape: Shape, _ order: [Int]
  ) -> (items: Int, rows: Int, columns: Int)? {
    var kept = 0
    while kept < order.count, order[kept] == kept { kept += 1 }
    guard kept < order.count else { return (shape.elementCount, 1, 1) }
    let first = order[kept]
    // first, first + 1, …, then kept, kept + 1, …
    let expected = Array(first..<order.count) + Array(kept..<first)
    guard Array(order[kept...]) == expected else { return nil }
    func product(_ range: Range<Int>) -> Int { range.reduce(1) { $0 * shape[$1] } }
    return (product(0..<kept), product(kept..<first), product(first..<order.count))
  }

  private func copyPermuted(
    _ x: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ order: [Int], _ strides: [Int],
    _ newShape: Shape
  ) {
    let inner = newShape.innermost
    let innerStride = order.last.map { strides[$0] } ?? 1
    var index = [Int](repeating: 0, count: order.count)
    var out = target
    for _ in 0..<newShape.rows {
      var at = 0
      for dimension in 0..<Swift.max(0, order.count - 1) {
        at += index[dimension] * strides[order[dimension]]
      }
      for position in 0..<inner { out[position] = x[at + position * innerStride] }
      out += inner
      var dimension = order.count - 2
      while dimension >= 0 {
        index[dimension] += 1
        if index[dimension] < newShape[dimension] { break }
        index[dimension] = 0
        dimension -= 1
      }
    }
  }

  /// Tensors one after the other along the outermost dimension; the other sizes are equal.
  public static func concatenating(_ tensors: [Tensor], on compute: Compute = .shared) -> Tensor {
    guard let first = tensors.first else { return Tensor(uninitialized: [0], on: compute) }
    var sizes = first.shape
    sizes[0] = tensors.reduce(0) { $0 + $1.shape[0] }
    let shape = sizes
    let result = Tensor(uninitialized: shape, on: first.compute)
    var out = result.start
    for tensor in tensors {
      precondition(tensor.shape.dropFirst().elementsEqual(shape.dropFirst()), "equal inner sizes")
      tensor.withPointer { out.initialize(from: $0, count: tensor.count) }
      out += tensor.count
    }
    guard let tape = Tape.recording(tensors) else { return result }
    return tape.record(result) { gradient, tape in
      let whole = gradient.reshaped(shape)
      var first = 0
      for tensor in tensors {
        let rows = first..<first + tensor.shape[0]
        if tensor.node != nil { tape.accumulate(whole[outermost: rows], in: tensor.node) }
        first = rows.upperBound
      }
    }
  }
}
