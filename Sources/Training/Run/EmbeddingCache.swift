internal import Modeling
internal import Synchronization
internal import Tensors

/// What a frozen encoder made of pictures, kept for the next time they are drawn, as far as memory is allowed.
///
/// Training comes to the same numbers with it and without.
public final class EmbeddingCache: Sendable {
  private struct State {
    var outputs: [TrainingSample.Identity: ImageEncoder.Output] = [:]
    var bytes = 0
  }
  private let state = Mutex(State())
  private let limit: Int

  /// A cache of so many bytes at most; what comes when it is full is not kept.
  public init(limit: Int) { self.limit = limit }

  /// A picture's encoding: kept, or made by `body` and kept.
  func output<Failure: Error>(
    _ identity: TrainingSample.Identity?, _ body: () throws(Failure) -> ImageEncoder.Output
  ) throws(Failure) -> ImageEncoder.Output {
    guard let identity, limit > 0 else { return try body() }
    if let kept = state.withLock({ $0.outputs[identity] }) { return kept }
    let made = try body()
    let size = 4 * (made.embedding.count + (made.stage4?.count ?? 0) + (made.stage8?.count ?? 0))
    state.withLock { state in
      guard state.outputs[identity] == nil, state.bytes + size <= limit else { return }
      state.outputs[identity] = made
      state.bytes += size
    }
    return made
  }
}
