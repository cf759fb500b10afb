/// Which candidate learns which target: each target has one of its own, so that the sum of losses is the least.
struct Assignment {
  /// For each target its candidate.
  private(set) var columns: [Int] = []
  private var least = Float.infinity

  /// Tries all ways; there are six at most.
  ///
  /// - Parameters:
  ///   - losses: target by target those of all candidates, of which there are at least as many.
  ///   - weight: what a target after the first counts; the first counts 1.
  init(_ losses: [[Float]], weight: Float) {
    columns = losses.indices.map { $0 }
    search(losses, weight: weight, chosen: [], sum: 0)
  }

  private mutating func search(_ losses: [[Float]], weight: Float, chosen: [Int], sum: Float) {
    guard chosen.count < losses.count else {
      if sum < least { (least, columns) = (sum, chosen) }
      return
    }
    for column in losses[chosen.count].indices where !chosen.contains(column) {
      let loss = losses[chosen.count][column]
      search(
        losses, weight: weight, chosen: chosen + [column], sum: sum + (chosen.isEmpty ? 1 : weight) * loss)
    }
  }
}
