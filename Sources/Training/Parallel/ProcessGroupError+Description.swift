extension ProcessGroupError: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .notBuilt(let processes):
      "started as one of \(processes) processes, but built without MPI: build with swift build --traits MPI"
    case .start(let reason): "MPI does not start: \(reason)"
    case .lost(let rank, let reason): "process \(rank) of the training is lost: \(reason)"
    case .tooMany(let processes, let shards):
      "\(processes) processes, but a batch has \(shards) parts; raise the recipe's 'shards'"
    case .differs(let rank):
      "process \(rank) has another training than process 0; the run's folder, the recipe and its checkpoint "
        + "must be the same for all machines, and these of one kind"
    }
  }
}
