internal import Tensors

/// A tensor as a file holds it: numbers of some type at some place, possibly strided.
///
/// `bytes` stay valid while `keeper` lives.
struct StoredTensor {
  var scalar: Scalar
  /// The storage's bytes; element 0 of the tensor is `offset` elements in.
  var bytes: UnsafeRawBufferPointer
  var offset: Int
  var shape: [Int]
  /// Elements from one index to the next, for each dimension.
  var strides: [Int]
  var keeper: AnyObject

  /// What is wrong with a tensor's sizes.
  enum Problem {
    /// More than five dimensions, a negative size, or a number of elements beyond all bounds.
    case shape
    /// A negative stride, or elements that lie outside the storage.
    case outsideStorage
    /// Copies would need far more memory than the file has bytes.
    case budget
  }

  /// The strides of a contiguous, row-major tensor.
  static func rowMajorStrides(of shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for dimension in shape.indices.reversed().dropFirst() {
      strides[dimension] =
        strides[dimension + 1].multipliedReportingOverflow(by: shape[dimension + 1]).partialValue
    }
    return strides
  }

  /// Whether the elements lie one after the other in row-major order.
  var isContiguous: Bool {
    var expected = 1
    for dimension in shape.indices.reversed() where shape[dimension] != 1 {
      guard strides[dimension] == expected else { return false }
      expected *= shape[dimension]
    }
    return true
  }

  /// The tensor: a view of the file where type (Float32 or half precision), order and alignment allow, else a copy in
  /// Float32 whose bytes are taken off `budget`.
  func tensor(on compute: Compute, budget: inout Int) -> Result<Tensor, StoredTensor.Failure> {
    guard let size = Shape(checking: shape), strides.count == shape.count else {
      return .failure(.init(.shape))
    }
    let count = size.elementCount
    guard count > 0 else { return .success(Tensor(uninitialized: size, on: compute)) }
    guard let last = lastElement, last < bytes.count / scalar.width, let storage = bytes.baseAddress else {
      return .failure(.init(.outsideStorage))
    }
    let first = storage + offset * scalar.width
    let contiguous = isContiguous
    if contiguous, UInt32(littleEndian: 1) == 1, UInt(bitPattern: first) % UInt(scalar.width) == 0 {
      if scalar == .float32 {
        let elements = first.assumingMemoryBound(to: Float.self)
        return .success(Tensor(borrowing: elements, shape: size, keeper: keeper, compute: compute))
      }
      if scalar == .float16 {
        let elements = first.assumingMemoryBound(to: UInt16.self)
        return .success(Tensor(borrowing: elements, shape: size, keeper: keeper, compute: compute))
      }
    }
    let (needed, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !overflow, needed <= budget else { return .failure(.init(.budget)) }
    budget -= needed
    var tensor = Tensor(uninitialized: size, on: compute)
    tensor.withUnsafeMutableBuffer { target in
      guard let base = target.baseAddress else { return }
      if contiguous {
        scalar.read(count, from: first, into: base)
      } else {
        gather(from: first, into: base)
      }
    }
    withExtendedLifetime(keeper) {}
    return .success(tensor)
  }

  /// Why a tensor could not be made.
  struct Failure: Error {
    let problem: Problem
    init(_ problem: Problem) { self.problem = problem }
  }

  /// The largest element number that the tensor touches, or nil where the strides leave all bounds.
  private var lastElement: Int? {
    guard offset >= 0 else { return nil }
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (reach, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(reach)
      guard stride >= 0, !overflow, !beyond else { return nil }
      last = sum
    }
    return last
  }

  /// Copies strided elements into row-major order; at most five dimensions.
  private func gather(from source: UnsafeRawPointer, into target: UnsafeMutablePointer<Float>) {
    let missing = Shape.maximumRank - shape.count
    let n = [Int](repeating: 1, count: missing) + shape
    let step = [Int](repeating: 0, count: missing) + strides
    scalar.withReader(of: source) { read in
      var next = 0
      for a in 0..<n[0] {
        for b in 0..<n[1] {
          for c in 0..<n[2] {
            for d in 0..<n[3] {
              let row = a * step[0] + b * step[1] + c * step[2] + d * step[3]
              for e in 0..<n[4] {
                target[next] = read(row + e * step[4])
                next += 1
              }
            }
          }
        }
      }
    }
  }
}
