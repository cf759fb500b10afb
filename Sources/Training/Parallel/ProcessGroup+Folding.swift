extension ProcessGroup {
  /// Folds buffers over the processes, one after the other: process 0 changes what was given, hands it to process 1, which changes
  /// that, and so on. All processes end with what the last one made.
  ///
  /// Sums are so made in one order, that of the processes, whatever arrives first: they are the same bits everywhere, and the same
  /// as one process makes of the same terms. While one buffer is on its way the next one is worked on, so that with
  /// many buffers every process sends and receives each once in either direction, as in a ring.
  ///
  /// - Parameters:
  ///   - buffers: of the same sizes in all processes; those given to process 0 are the beginning.
  ///   - change: makes a process's change to the buffer of that index.
  func fold<Element: BitwiseCopyable>(
    _ buffers: inout [[Element]], _ change: (_ index: Int, _ buffer: inout [Element]) -> Void
  ) throws(ProcessGroupError) {
    for index in buffers.indices {
      if rank > 0 { try receive(&buffers[index], from: rank - 1) }
      change(index, &buffers[index])
      if rank < count - 1 { try send(buffers[index], to: rank + 1) }
    }
    for index in buffers.indices {
      if rank < count - 1 { try receive(&buffers[index], from: rank + 1) }
      if rank > 0 { try send(buffers[index], to: rank - 1) }
    }
  }

  /// Whether something holds for any process. No process goes on before all have come here.
  func isAny(_ condition: Bool) throws(ProcessGroupError) -> Bool {
    guard count > 1 else { return condition }
    var flags: [[UInt8]] = [[0]]
    try fold(&flags) { if condition { $1[0] = 1 } }
    return flags[0][0] != 0
  }

  /// Checks that all processes have the same number.
  ///
  /// - Throws: ``ProcessGroupError/differs(rank:)`` in all of them.
  func agree(on value: UInt64) throws(ProcessGroupError) {
    guard count > 1 else { return }
    var numbers: [[UInt64]] = [[value, 0]]
    try fold(&numbers) { if $1[0] != value, $1[1] == 0 { $1[1] = UInt64(rank) } }
    guard numbers[0][1] == 0 else { throw .differs(rank: Int(numbers[0][1])) }
  }

  private func send<Element: BitwiseCopyable>(
    _ elements: [Element], to other: Int
  ) throws(ProcessGroupError) {
    // The array's own method does not forward typed errors.
    let result = elements.withUnsafeBytes { bytes in
      Result { () throws(ProcessGroupError) in try send(bytes, to: other) }
    }
    try result.get()
  }

  private func receive<Element: BitwiseCopyable>(
    _ elements: inout [Element], from other: Int
  ) throws(ProcessGroupError) {
    let result = elements.withUnsafeMutableBytes { bytes in
      Result { () throws(ProcessGroupError) in try receive(into: bytes, from: other) }
    }
    try result.get()
  }
}
