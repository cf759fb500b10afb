/// The memory behind a tensor: a pooled, 64-byte-aligned buffer, or a view of memory kept alive by somebody
/// else (a mapped checkpoint, the weights inside the library), of floats or of half-precision numbers.
///
/// Only `Tensor` writes through `base`, after making sure that it is the only owner; see
/// ``Tensor/withUnsafeMutableBuffer(_:)``.
final class Storage: @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer
  let count: Int
  let compute: Compute
  /// Whether the memory may be written: pooled memory may, a mapped file may not.
  let isWritable: Bool
  /// Whether the numbers are IEEE half precision; see ``Tensor/readable``.
  let isHalf: Bool
  private let keeper: AnyObject?

  /// Uninitialised memory from the compute's pool.
  init(count: Int, on compute: Compute) {
    self.memory = UnsafeMutableRawPointer(compute.pool.take(count))
    self.count = count
    self.compute = compute
    self.isWritable = true
    self.isHalf = false
    self.keeper = nil
  }

  /// Read-only memory that `keeper` keeps valid; aligned to the size of its numbers.
  init(borrowing memory: UnsafeRawPointer, isHalf: Bool, count: Int, keeper: AnyObject, compute: Compute) {
    self.memory = UnsafeMutableRawPointer(mutating: memory)
    self.count = count
    self.compute = compute
    self.isWritable = false
    self.isHalf = isHalf
    self.keeper = keeper
  }

  /// A view of another storage for another compute.
  convenience init(sharing other: Storage, compute: Compute) {
    self.init(
      borrowing: other.memory, isHalf: other.isHalf, count: other.count, keeper: other, compute: compute)
  }

  /// The first number, where the numbers are floats.
  @inline(__always) var base: UnsafeMutablePointer<Float> { memory.assumingMemoryBound(to: Float.self) }

  /// The first number's bits, where the numbers are halves.
  @inline(__always) var halves: UnsafePointer<UInt16> {
    UnsafePointer(memory.assumingMemoryBound(to: UInt16.self))
  }

  deinit {
    if isWritable { compute.pool.give(base, count) }
  }
}
