#if canImport(Synchronization) && !hasFeature(Embedded)
  import Synchronization

  /// A lock; the one place where the platform's is named.
  final class Lock: Sendable {
    private let mutex = Mutex<Void>(())
    func withLock<Result>(_ body: () -> Result) -> Result {
      mutex.withLock { _ in body() }
    }
  }
#else
  /// Without threads (WebAssembly) there is nobody to keep out.
  final class Lock: Sendable {
    func withLock<Result>(_ body: () -> Result) -> Result { body() }
  }
#endif
