/// Wall-clock time since it was made or last read.
struct Stopwatch {
  private var start = ContinuousClock.now

  /// Milliseconds since the last call, and starts again.
  mutating func lap() -> Double {
    let now = ContinuousClock.now
    defer { start = now }
    return (now - start) / .milliseconds(1)
  }
}
