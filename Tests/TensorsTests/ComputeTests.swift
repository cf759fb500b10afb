import Synchronization
import TestSupport
import Testing

@testable import Tensors

@Suite("Compute")
struct ComputeTests {
  /// How often each task ran.
  private final class Counts: Sendable {
    private let counts: Mutex<[Int]>
    init(_ tasks: Int) { counts = Mutex(Array(repeating: 0, count: tasks)) }
    func add(_ task: Int) { counts.withLock { $0[task] += 1 } }
    var areAllOne: Bool { counts.withLock { $0.allSatisfy { $0 == 1 } } }
  }

  @Test(arguments: [-1, 0, 1, 2, 3, 8, 64], [0, 1, 2, 3, 7, 1000])
  func everyTaskRunsOnce(threads: Int, tasks: Int) {
    let counts = Counts(tasks)
    Compute(threads: threads).forEach(tasks) { counts.add($0) }
    #expect(counts.areAllOne)
  }

  @Test func fewerThanNoTasksAreNone() {
    Compute(threads: 4).forEach(-3) { _ in Issue.record("no task") }
  }

  @Test func thereIsAtLeastOneThread() {
    #expect(Compute(threads: 0).threads == 1 && Compute(threads: -5).threads == 1)
    #expect(Compute.shared.threads == Compute.processorCount)
  }

  @Test func callsMayBeNested() {
    let (outer, inner) = (Compute(threads: 4), Compute(threads: 3))
    let counts = Counts(20 * 30 * 4)
    outer.forEach(20) { i in
      inner.forEach(30) { j in
        outer.forEach(4) { k in counts.add((i * 30 + j) * 4 + k) }
      }
    }
    #expect(counts.areAllOne)
  }

  @Test func severalTasksMayCallAtOnce() async {
    let compute = Compute(threads: 3)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 {
        group.addTask {
          let counts = Counts(500)
          compute.forEach(500) { counts.add($0) }
          return counts.areAllOne
        }
      }
      for await isComplete in group { #expect(isComplete) }
    }
  }

  @Test(arguments: [0, 1, 15, 16, 17, 100, 1001], [0, 1, 16, 2000])
  func rangesCoverEverythingOnce(count: Int, least: Int) {
    for threads in [1, 2, 5] {
      let counts = Counts(count)
      let smallest = Mutex(Int.max)
      Compute(threads: threads).forEachRange(of: count, atLeast: least) { range in
        for index in range { counts.add(index) }
        if range.upperBound < count { smallest.withLock { $0 = min($0, range.count) } }
      }
      #expect(counts.areAllOne)
      let size = smallest.withLock { $0 }
      #expect(size >= min(least, count), "no range but the last is smaller than asked")
    }
  }

  @Test func operationsOfSeveralTasksDoNotDisturbEachOther() async {
    let x = Tensor.random([1, 200, 64], seed: 5), w = Tensor.random([64, 64], seed: 6)
    let alone = x.linear(w, activation: .gelu).attention(keys: x, values: x, heads: 4).elements
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<12 {
        group.addTask {
          let own = x.on(task % 2 == 0 ? .shared : Compute(threads: 2))
          return (0..<10).allSatisfy { _ in
            own.linear(w, activation: .gelu).attention(keys: x, values: x, heads: 4).elements == alone
          }
        }
      }
      for await isEqual in group { #expect(isEqual) }
    }
  }
}
