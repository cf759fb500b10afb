/// Wall-clock milliseconds of a call.
func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  return (ContinuousClock.now - start) / .milliseconds(1)
}

/// Milliseconds of several runs of the same work.
struct Samples {
  private(set) var values: [Double] = []

  /// Runs `body` so many times, once before to warm up unless told otherwise.
  init(_ runs: Int, warmingUp: Bool = true, _ body: () throws -> Void) rethrows {
    if warmingUp { try body() }
    for _ in 0..<max(1, runs) { values.append(try milliseconds(body)) }
  }

  init(_ values: [Double]) { self.values = values }

  /// The middle value, or the mean of the two middle ones.
  var median: Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  var least: Double { values.min() ?? .nan }
}
