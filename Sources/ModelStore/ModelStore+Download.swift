import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension ModelStore {
  /// Fetches a checkpoint, checks its SHA-256 and returns its path; returns at once where it is already there.
  ///
  /// A broken connection is taken up again where it broke: here, as long as each try brings something, and by the
  /// next call. While the file comes it is `FILE.part`; another process that asks for the same gets an error.
  ///
  /// - Parameters:
  ///   - checkpoint: what to fetch.
  ///   - progress: called often with the bytes that are here and the whole number, where the server tells it.
  /// - Throws: ``ModelStoreError``.
  public func download(
    _ checkpoint: OfficialCheckpoint,
    progress: @escaping (_ received: Int, _ total: Int?) -> Void = { _, _ in }
  ) throws(ModelStoreError) -> String {
    if let path = path(of: checkpoint) { return path }
    let destination = destination(of: checkpoint)
    try makeFolder()

    let part = try PartialFile(path: destination + ".part")
    // Another process may have finished between the first look and the lock.
    if let path = path(of: checkpoint) {
      part.remove()
      return path
    }
    let address = address(of: checkpoint)
    do throws(ModelStoreError) {
      try fetch(address, into: part, progress: progress)
    } catch {
      if part.count == 0 { part.remove() }
      throw error
    }

    let found = try Self.forwarding { () throws(FileError) in try part.sha256() }
    guard found == checkpoint.sha256 else {
      part.remove()
      throw .wrongContent(
        file: destination, address: address, expected: checkpoint.sha256, found: found)
    }
    try Self.forwarding { () throws(FileError) in try part.rename(to: destination) }
    return destination
  }

  /// Fills `part`, going on after broken connections until one brings nothing.
  private func fetch(
    _ address: String, into part: PartialFile, progress: @escaping (Int, Int?) -> Void
  ) throws(ModelStoreError) {
    while true {
      let before = part.count
      let body = BodyReceiver(part: part, progress: progress)
      let result = body.get(address)
      if let failure = body.failure { throw .file(failure) }
      switch result.outcome {
      case .complete:
        return
      case .refused(416) where before > 0:
        // Nothing is left to ask for: an earlier process ended after the last byte. The hash tells.
        return
      case .refused(let status):
        throw .refused(address: address, status: status)
      case .noClient:
        throw .noClient
      case .unreachable:
        throw .unreachable(address: address, reason: result.message)
      case .interrupted:
        guard part.count > before else {
          throw .interrupted(address: address, reason: result.message, kept: part.count)
        }
      }
    }
  }

  /// Makes the folder and those above it.
  private func makeFolder() throws(ModelStoreError) {
    var path = folder.hasPrefix("/") ? "/" : ""
    for component in folder.split(separator: "/") {
      path += (path.isEmpty || path.hasSuffix("/") ? "" : "/") + component
      guard mkdir(path, 0o777) == 0 || errno == EEXIST || access(path, X_OK) == 0 else {
        throw .file(.system(operation: .create, path: path, code: errno))
      }
    }
  }

  private static func forwarding<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(ModelStoreError) -> Result {
    do throws(FileError) { return try body() } catch { throw .file(error) }
  }
}
