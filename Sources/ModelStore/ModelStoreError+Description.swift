import Files

extension ModelStoreError: CustomStringConvertible {
  /// One line that names the checkpoint, address or path.
  public var description: String {
    switch self {
    case .unknownName(let name):
      "'\(name)' is no known checkpoint; known are "
        + OfficialCheckpoint.all.map(\.name).joined(separator: ", ")
    case .notDownloaded(let name, let folder):
      "checkpoint '\(name)' is not in \(folder); get it with: sam model download \(name)"
    case .noFolder:
      "no folder for downloaded checkpoints: none of SAM_CACHE, XDG_CACHE_HOME and HOME is set"
    case .noClient:
      "downloading needs libcurl, which is not on this machine (Debian's package: libcurl4)"
    case .unreachable(let address, let reason):
      "\(address): cannot reach the server, is there a network? (\(reason))"
    case .refused(let address, let status):
      "\(address): the server answered with status \(status)"
    case .interrupted(let address, let reason, let kept):
      "\(address): the connection keeps breaking (\(reason)); "
        + "\(kept) bytes are kept, the same command goes on from there"
    case .wrongContent(let file, let address, let expected, let found):
      "\(file): what \(address) sent is not the published file and was removed "
        + "(SHA-256 \(found), expected \(expected))"
    case .busy(let path):
      "\(path): another process is downloading this file"
    case .file(let error):
      error.description
    }
  }
}
