/// How a batch is divided: into parts, each of which is run as a whole, and these among processes.
///
/// The parts are the same whatever the number of processes, and neighbouring ones go to one process.
struct BatchPartition: Sendable, Equatable {
  /// Images of the whole batch.
  let total: Int
  /// Places in the batch of this process's parts, one after the other.
  let parts: [Range<Int>]

  /// - Parameters:
  ///   - total: images of the batch.
  ///   - shards: parts at most.
  ///   - rank: the process.
  ///   - count: processes.
  init(_ total: Int, shards: Int, rank: Int = 0, of count: Int = 1) {
    self.total = total
    guard total > 0 else {
      parts = []
      return
    }
    let wanted = min(max(1, shards), total)
    let size = (total + wanted - 1) / wanted
    // With parts of that size there may be fewer than were wanted.
    let all = (total + size - 1) / size
    parts = (rank * all / count..<(rank + 1) * all / count).map { index in
      index * size..<min(total, (index + 1) * size)
    }
  }

  /// Places of this process.
  var places: Range<Int> {
    guard let first = parts.first, let last = parts.last else { return 0..<0 }
    return first.lowerBound..<last.upperBound
  }
}
