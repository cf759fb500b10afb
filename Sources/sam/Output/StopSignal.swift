import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Ctrl-C and SIGTERM as a wish: the first asks long work to save and stop, a second ends the process at once.
final class StopSignal: @unchecked Sendable {
  private let raised = Atomic<Bool>(false)
  // Written once, by init.
  private var sources: [any DispatchSourceSignal] = []

  init() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.raise(number) }
      source.activate()
      sources.append(source)
    }
  }

  deinit {
    for source in sources { source.cancel() }
  }

  /// Whether work is to stop.
  var isRaised: Bool { raised.load(ordering: .relaxed) }

  private func raise(_ number: Int32) {
    guard raised.exchange(true, ordering: .relaxed) else { return }
    signal(number, SIG_DFL)
    kill(getpid(), number)
  }
}
