import ArgumentParser

/// One of several machines' parts of a run.
struct Shard: Equatable, Sendable, ExpressibleByArgument {
  /// Which, from 0 on.
  var index: Int
  /// Of how many.
  var count: Int

  /// `i/n`.
  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], (0..<max(count, 0)).contains(index)
    else {
      return nil
    }
    self.init(index: index, count: count)
  }

  init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// Its positions among all. Parts are contiguous, so that what they write can be put behind one another, and an archive's pictures stay
  /// on one machine.
  func range(of total: Int) -> Range<Int> { total * index / count..<total * (index + 1) / count }

  /// Appended to the names of files that each machine writes by itself.
  var suffix: String { "-\(index)-of-\(count)" }
}
