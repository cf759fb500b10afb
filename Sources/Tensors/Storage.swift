/// The memory behind a tensor: a pooled, 64-byte-aligned buffer, or a view of memory kept alive by somebody
/// else (a mapped checkpoint, the weights inside the library).
///
/// Only `Tensor` writes through `base`, after making sure that it is the only owner; see
/// ``Tensor/withUnsafeMutableBuffer(_:)``.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  let compute: Compute
  /// Whether the memory may be written: pooled memory may, a mapped file may not.
  let isWritable: Bool
  private let keeper: AnyObject?

  /// Uninitialised memory from the compute's pool.
  init(count: Int, on compute: Compute) {
    self.base = compute.pool.take(count)
    self.count = count
    self.compute = compute
    self.isWritable = true
    self.keeper = nil
  }

  /// Read-only memory that `keeper` keeps valid; at least 4-byte aligned.
  init(borrowing base: UnsafePointer<Float>, count: Int, keeper: AnyObject, compute: Compute) {
    self.base = UnsafeMutablePointer(mutating: base)
    self.count = count
    self.compute = compute
    self.isWritable = false
    self.keeper = keeper
  }

  deinit {
    if isWritable { compute.pool.give(base, count) }
  }
}
