internal import Kernels

#if canImport(Dispatch) && !hasFeature(Embedded)
  import Dispatch
#endif
#if canImport(Synchronization) && !hasFeature(Embedded)
  import Synchronization
#endif

/// Where tensors live and run: how many threads an operation may use, and the memory it recycles.
///
/// Every tensor belongs to a compute, and an operation runs on that of its first operand. Several computes
/// in one process share the process's worker threads, so that two predictors do not oversubscribe the cores.
public final class Compute: Sendable {
  /// How many threads an operation uses at most, the caller's included.
  public let threads: Int
  /// Whether products of matrices round what is multiplied to bfloat16, where ``multipliesTiles``; sums, and all else, are floats.
  ///
  /// For training, whose noise is larger than what is lost.
  public let roundsProducts: Bool
  let pool: BufferPool

  /// The compute used where none is named: all cores.
  public static let shared = Compute(threads: Compute.processorCount)

  /// A compute of its own.
  ///
  /// - Parameters:
  ///   - threads: how many threads an operation uses at most; at least 1.
  ///   - keeping: bytes of freed tensors kept for reuse at most.
  ///   - roundingProducts: see ``roundsProducts``.
  public init(threads: Int, keeping limit: Int = 1 << 30, roundingProducts: Bool = false) {
    self.threads = Swift.max(1, threads)
    roundsProducts = roundingProducts
    self.pool = BufferPool(limit: limit)
  }

  private init(threads: Int, roundsProducts: Bool, pool: BufferPool) {
    self.threads = threads
    self.roundsProducts = roundsProducts
    self.pool = pool
  }

  /// A compute of one thread with the same memory, for tasks that ``forEach(_:_:)`` runs side by side.
  public var onOneThread: Compute { Compute(threads: 1, roundsProducts: roundsProducts, pool: pool) }

  /// Gives memory kept for reuse back to the system, for example after the last image of a batch.
  public func releaseMemory() { pool.drain() }

  /// Calls `body` once for each task number, from up to ``threads`` threads, and returns when all are done.
  ///
  /// Threads take the next number when they finish one, so unequal tasks, or a core that is busy elsewhere,
  /// do not leave the others waiting for long.
  @inline(__always)
  public func forEach(_ tasks: Int, _ body: @Sendable (Int) -> Void) {
    #if canImport(Dispatch) && !hasFeature(Embedded)
      let workers = Swift.min(threads, tasks)
      guard workers > 1 else {
        for task in 0..<Swift.max(0, tasks) { body(task) }
        return
      }
      let next = Atomic<Int>(0)
      withExtendedLifetime(next) {
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
          while true {
            let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard task < tasks else { return }
            body(task)
          }
        }
      }
    #else
      for task in 0..<Swift.max(0, tasks) { body(task) }
    #endif
  }
}

extension Compute {
  #if !hasFeature(Embedded)
    /// Whether this processor multiplies matrices of bfloat16 in tiles (Intel AMX, on Linux).
    public static var multipliesTiles: Bool { PanelProduct.tiles != nil }

    /// The sets of inner loops that this processor can run, from the plainest to the fastest: `plain`, `avx2`, `avx512`; `neon` alone on
    /// arm64.
    ///
    /// The last is used, or the one that the environment variable `SAM_KERNELS` names.
    public static var kernelSets: [String] {
      var list = [UnsafePointer<SamKernels>?](repeating: nil, count: 8)
      let count = Int(sam_kernels_available(&list, Int32(list.count)))
      return list.prefix(count).compactMap { $0.map { String(cString: $0.pointee.name) } }
    }

    /// Which of ``kernelSets`` is used.
    public static var kernelSet: String { String(cString: VectorKernels.best.name) }
  #endif

  /// Processors this process may use: its affinity mask on Linux, the online ones elsewhere.
  public static var processorCount: Int { Int(sam_processor_count()) }
}
