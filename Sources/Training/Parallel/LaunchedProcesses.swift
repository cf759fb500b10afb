#if MPI
  internal import MPIBridge
#endif
#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// The processes that this one was started with: by mpirun several, else it alone.
///
/// - Throws: ``ProcessGroupError/notBuilt(processes:)`` where there are several and the package was built without its trait
///   `MPI`: each would make the whole training, in the same folder.
/// - Parameter environment: what the process was given; its own where nil.
public func launchedProcesses(
  environment: [String: String]? = nil
) throws(ProcessGroupError) -> any ProcessGroup {
  let environment = environment ?? ProcessInfo.processInfo.environment
  // What the launchers of Open MPI and of MPICH and Slurm tell their children.
  let counts = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"].compactMap { environment[$0].flatMap { Int($0) } }
  guard let count = counts.first, count > 1 else { return SingleProcess() }
  #if MPI
    return try MPIGroup()
  #else
    throw .notBuilt(processes: count)
  #endif
}

#if MPI
  /// Processes that are connected by MPI.
  struct MPIGroup: ProcessGroup {
    let rank: Int
    let count: Int

    /// Joins the others, once in a process's life.
    init() throws(ProcessGroupError) {
      var (rank, count): (Int32, Int32) = (0, 1)
      let code = sam_mpi_start(&rank, &count)
      guard code == 0 else { throw .start(reason: MPIGroup.text(code)) }
      (self.rank, self.count) = (Int(rank), Int(count))
    }

    func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) throws(ProcessGroupError) {
      guard let base = bytes.baseAddress, bytes.count > 0 else { return }
      try check(sam_mpi_send(base, bytes.count, Int32(rank)), rank)
    }

    func receive(
      into bytes: UnsafeMutableRawBufferPointer, from rank: Int
    ) throws(ProcessGroupError) {
      guard let base = bytes.baseAddress, bytes.count > 0 else { return }
      try check(sam_mpi_receive(base, bytes.count, Int32(rank)), rank)
    }

    func finish() throws(ProcessGroupError) { try check(sam_mpi_finish(), 0) }

    private func check(_ code: Int32, _ rank: Int) throws(ProcessGroupError) {
      guard code == 0 else { throw .lost(rank: rank, reason: MPIGroup.text(code)) }
    }

    private static func text(_ code: Int32) -> String {
      var text = [CChar](repeating: 0, count: 512)
      sam_mpi_describe(code, &text, text.count)
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
#endif
