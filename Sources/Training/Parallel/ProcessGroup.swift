/// The processes, on one machine or several, that make one training together: each works on its part of every batch, and all come to
/// the same weights.
///
/// Two operations are all that has to be given; sums and agreements are made of them (`ProcessGroup+Folding.swift`). All processes call the same
/// operations in the same order, from one thread each.
public protocol ProcessGroup: Sendable {
  /// This process's number, from 0. Process 0 writes the files and reports.
  var rank: Int { get }
  /// How many processes there are.
  var count: Int { get }
  /// Sends bytes to a process, and returns when their memory may be used again.
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(ProcessGroupError)
  /// Waits for bytes from a process, which sends as many.
  func receive(into bytes: UnsafeMutableRawBufferPointer, from rank: Int) throws(ProcessGroupError)
  /// Says that this process has come to its end, and waits until the others have. Processes that fail do not say so, which ends the others.
  func finish() throws(ProcessGroupError)
}

/// A training by one process.
public struct SingleProcess: ProcessGroup {
  /// The only one.
  public var rank: Int { 0 }
  /// One.
  public var count: Int { 1 }

  /// A process that has no others.
  public init() {}

  /// - Throws: ``ProcessGroupError/lost(rank:reason:)`` always: there is nobody.
  public func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(ProcessGroupError) {
    throw .lost(rank: rank, reason: "there is no such process")
  }

  /// - Throws: ``ProcessGroupError/lost(rank:reason:)`` always: there is nobody.
  public func receive(
    into bytes: UnsafeMutableRawBufferPointer, from rank: Int
  ) throws(ProcessGroupError) {
    throw .lost(rank: rank, reason: "there is no such process")
  }

  /// Nothing to wait for.
  public func finish() {}
}

/// Why processes cannot train together.
public enum ProcessGroupError: Error, Sendable, Equatable {
  /// The program was started by mpirun, but built without MPI.
  case notBuilt(processes: Int)
  /// MPI does not start.
  case start(reason: String)
  /// A process cannot be reached.
  case lost(rank: Int, reason: String)
  /// There are more processes than parts of a batch.
  case tooMany(processes: Int, shards: Int)
  /// A process has another training than process 0: another step, or other weights.
  case differs(rank: Int)
}
