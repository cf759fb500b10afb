import Dispatch

/// Runs `body` for parts of 0..<count on all cores, and returns when all are done.
///
/// - Parameter grain: the fewest elements worth a part of their own.
func forEachPart(of count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
  // More parts than cores, so that a core that is busy elsewhere does not leave the others waiting.
  let parts = max(1, min(count / max(grain, 1), 32))
  guard parts > 1 else { return body(0..<count) }
  DispatchQueue.concurrentPerform(iterations: parts) { part in
    body(count * part / parts..<count * (part + 1) / parts)
  }
}
