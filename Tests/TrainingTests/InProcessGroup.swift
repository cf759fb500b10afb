import Foundation
import Training

/// Threads of this process in the place of processes.
final class InProcessExchange: @unchecked Sendable {
  private let condition = NSCondition()
  /// Messages under way, by sender and receiver.
  private var messages: [[Int]: [[UInt8]]] = [:]
  /// Processes that have died.
  private var lost: Set<Int> = []

  func put(_ bytes: [UInt8], from sender: Int, to receiver: Int) {
    condition.withLock {
      messages[[sender, receiver], default: []].append(bytes)
      condition.broadcast()
    }
  }

  func take(from sender: Int, to receiver: Int) throws(ProcessGroupError) -> [UInt8] {
    condition.lock()
    defer { condition.unlock() }
    while messages[[sender, receiver], default: []].isEmpty {
      if lost.contains(sender) { throw .lost(rank: sender, reason: "gone") }
      condition.wait()
    }
    return messages[[sender, receiver], default: []].removeFirst()
  }

  /// A process dies: those that wait for it learn of it.
  func lose(_ rank: Int) {
    condition.withLock {
      lost.insert(rank)
      condition.broadcast()
    }
  }

  /// Runs a body as each of several processes, to the end of all.
  static func run<Value: Sendable>(
    _ count: Int, dying: (rank: Int, afterMessages: Int)? = nil,
    _ body: @escaping @Sendable (InProcessGroup) throws -> Value
  ) -> [Result<Value, any Error>] {
    let exchange = InProcessExchange()
    let results = Results<Value>()
    let all = DispatchGroup()
    for rank in 0..<count {
      all.enter()
      let member = InProcessGroup(
        rank: rank, count: count, exchange: exchange,
        budget: Counter(dying.flatMap { $0.rank == rank ? $0.afterMessages : nil }))
      let thread = Thread {
        let result = Result { try body(member) }
        if case .failure = result { exchange.lose(rank) }
        results.set(rank, result)
        all.leave()
      }
      thread.stackSize = 16 << 20
      thread.start()
    }
    all.wait()
    return (0..<count).compactMap { results.get($0) }
  }

  private final class Results<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Int: Result<Value, any Error>] = [:]
    func set(_ rank: Int, _ value: Result<Value, any Error>) { lock.withLock { values[rank] = value } }
    func get(_ rank: Int) -> Result<Value, any Error>? { lock.withLock { values[rank] } }
  }
}

/// How many messages are left; nil for any number. Used by one thread.
final class Counter: @unchecked Sendable {
  private var left: Int?
  init(_ left: Int?) { self.left = left }
  func takesOne() -> Bool {
    guard let left else { return true }
    self.left = left - 1
    return left > 0
  }
}

/// One of the threads.
struct InProcessGroup: ProcessGroup {
  let rank: Int
  let count: Int
  let exchange: InProcessExchange
  let budget: Counter

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(ProcessGroupError) {
    guard budget.takesOne() else { throw .lost(rank: self.rank, reason: "dead") }
    exchange.put(Array(bytes), from: self.rank, to: rank)
  }

  func receive(
    into bytes: UnsafeMutableRawBufferPointer, from rank: Int
  ) throws(ProcessGroupError) {
    let message = try exchange.take(from: rank, to: self.rank)
    guard message.count == bytes.count else { throw .lost(rank: rank, reason: "another size") }
    bytes.copyBytes(from: message)
  }

  func finish() {}
}
