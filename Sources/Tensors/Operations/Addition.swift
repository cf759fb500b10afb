internal import Kernels

extension Tensor {
  /// x + y elementwise, where y has the shape of x or of its inner dimensions and is then repeated.
  ///
  /// Works in place where this tensor is its memory's only owner.
  public consuming func adding(_ other: Tensor) -> Tensor {
    var result = self
    guard result.count > 0 else { return result }
    let period = other.count
    precondition(period > 0 && result.count % period == 0, "the second operand repeats evenly in the first")
    let compute = result.compute
    let rows = result.count / period
    let tape = Tape.recording(result, other)
    let (node, otherNode) = (result.node, other.node)
    // What is not this tensor's alone is read where it is, and not copied first.
    let sum = result.isUnique() ? nil : Tensor(uninitialized: result.shape, on: compute)
    func add(_ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>) {
      other.withPointer { y in
        nonisolated(unsafe) let (x, y, out) = (x, y, out)
        if rows == 1 {
          compute.forEachRange(of: period, atLeast: 1 << 14) { range in
            let at = range.lowerBound
            VectorKernels.best.add(x + at, y + at, out + at, range.count)
          }
        } else {
          compute.forEachRange(of: rows, atLeast: Swift.max(1, (1 << 14) / period)) { range in
            for row in range { VectorKernels.best.add(x + row * period, y, out + row * period, period) }
          }
        }
      }
    }
    if let sum {
      result.withPointer { add($0, into: sum.start) }
      result = sum
    } else {
      result.withUnsafeMutableBuffer { elements in
        if let base = elements.baseAddress { add(base, into: base) }
      }
    }
    guard let tape else { return result }
    return tape.record(result) { gradient, tape in
      tape.accumulate(gradient, in: node)
      #if !hasFeature(Embedded)
        if otherNode != nil {
          tape.accumulate(rows == 1 ? gradient : gradient.columnSums(of: period), in: otherNode)
        }
      #endif
    }
  }

  /// x + y for each item of x, with the item of y that it belongs to.
  ///
  /// Works in place where this tensor is its memory's only owner.
  ///
  /// - Parameters:
  ///   - other: items of the size of this tensor's items.
  ///   - owners: for each item of this tensor the number of the item of `other`.
  public consuming func adding(_ other: Tensor, owners: [Int]) -> Tensor {
    var result = self
    let size = owners.isEmpty ? 0 : result.count / owners.count
    precondition(owners.count * size == result.count && size > 0, "an owner for each item")
    precondition(owners.allSatisfy { $0 >= 0 && ($0 + 1) * size <= other.count }, "owners that exist")
    let compute = result.compute
    let tape = Tape.recording(result, other)
    let (node, otherNode) = (result.node, other.node)
    result.withUnsafeMutableBuffer { elements in
      guard let base = elements.baseAddress else { return }
      other.withPointer { y in
        nonisolated(unsafe) let (x, y) = (base, y)
        compute.forEach(owners.count) { item in
          VectorKernels.best.add(x + item * size, y + owners[item] * size, x + item * size, size)
        }
      }
    }
    guard let tape else { return result }
    return tape.record(result) { gradient, tape in
      tape.accumulate(gradient, in: node)
      guard otherNode != nil else { return }
      let items = gradient.reshaped([owners.count, size])
      for (item, owner) in owners.enumerated() {
        tape.accumulate(items[outermost: item], in: otherNode, at: owner * size)
      }
    }
  }

  /// The elementwise sum; see ``adding(_:)``.
  public static func + (left: Tensor, right: Tensor) -> Tensor { left.adding(right) }
}
