internal import Kernels

/// Tensors whose numbers lie in memory in half precision, as views of a mapped file.
///
/// They hold the same values as their floats and behave alike everywhere: whatever is not made for halves reads a copy
/// in floats, made when it is wanted and gone afterwards (``Tensor/readable``). ``Tensor/linear(_:_:activation:adding:)``
/// is made for them: it converts a large matrix of weights while it packs it.
extension Tensor {
  /// A read-only view of half-precision numbers in memory that `keeper` keeps valid for as long as it lives.
  ///
  /// - Parameters:
  ///   - halves: the bits of the first number; 2-byte alignment is enough.
  ///   - shape: the sizes; the memory holds at least their product.
  ///   - keeper: an object whose lifetime spans that of the memory.
  ///   - compute: where operations on this tensor run.
  public init(
    borrowing halves: UnsafePointer<UInt16>, shape: Shape, keeper: AnyObject, compute: Compute = .shared
  ) {
    self.shape = shape
    self.storage = Storage(
      borrowing: halves, isHalf: true, count: shape.elementCount, keeper: keeper, compute: compute)
    self.offset = 0
  }

  /// Whether the numbers lie in memory in half precision.
  public var isHalf: Bool { storage.isHalf }

  /// The same values as floats in memory: this tensor itself, unless its numbers are halves.
  public func inFloats() -> Tensor {
    guard isHalf else { return self }
    var result = self
    (result.storage, result.offset) = readable
    return result
  }

  /// The elements rounded to half precision, to nearest and ties to even: their bits, in row-major order.
  public func halfBits() -> [UInt16] {
    if let bits = withHalves({ Array(UnsafeBufferPointer(start: $0, count: count)) }) { return bits }
    return [UInt16](unsafeUninitializedCapacity: count) { buffer, written in
      written = count
      guard let base = buffer.baseAddress else { return }
      withPointer { VectorKernels.best.float_to_half($0, base, count) }
    }
  }

  /// Memory that holds this tensor's elements as floats, and where they begin: the one place where halves become
  /// floats for whoever reads floats.
  @inline(__always) var readable: (storage: Storage, offset: Int) {
    storage.isHalf ? (converted(), 0) : (storage, offset)
  }

  @inline(never) private func converted() -> Storage {
    let floats = Storage(count: count, on: storage.compute)
    nonisolated(unsafe) let (source, target) = (storage.halves + offset, floats.base)
    compute.forEachRange(of: count, atLeast: 1 << 16) { range in
      VectorKernels.best.half_to_float(source + range.lowerBound, target + range.lowerBound, range.count)
    }
    withExtendedLifetime(storage) {}
    return floats
  }

  /// Calls `body` with the bits of the numbers, where they are halves; else returns nil.
  func withHalves<Result>(_ body: (UnsafePointer<UInt16>) -> Result) -> Result? {
    guard isHalf else { return nil }
    defer { withExtendedLifetime(storage) {} }
    return body(storage.halves + offset)
  }
}
