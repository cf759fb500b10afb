import ArgumentParser
import ModelStore

/// `sam model download`: fetches a published checkpoint into the user's cache.
struct ModelDownloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download",
    abstract: "Download an official checkpoint and verify it.",
    discussion: """
      A broken download goes on where it broke when the command is repeated. The file gets its name only when its \
      SHA-256 is the published one. Prints the file's path.

      Examples:
        sam model download vit_b
        sam segment photo.jpg --checkpoint vit_b --point 300,180 -o mask.png

      Environment:
        SAM_CACHE   folder to keep checkpoints in
        SAM_MIRROR  address to fetch the files from instead of the publishers'
      """)

  @Argument(
    help: "The checkpoint's name: \(OfficialCheckpoint.all.map(\.name).joined(separator: ", ")).",
    completion: .list(OfficialCheckpoint.all.map(\.name)))
  var name: String

  func run() throws {
    guard let checkpoint = OfficialCheckpoint.named(name) else { throw ModelStoreError.unknownName(name) }
    let store = try ModelStore.ofUser()
    var progress = ProgressLine(checkpoint.name, unit: .bytes)
    let path: String
    do {
      path = try store.download(checkpoint) { progress.update($0, of: $1) }
    } catch {
      progress.clear()
      throw error
    }
    progress.clear()
    try Console.print(path)
  }
}
