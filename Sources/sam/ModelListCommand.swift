import ArgumentParser
import Files
import ModelStore

/// `sam model list`: the published checkpoints and whether they are here.
struct ModelListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the official checkpoints and where they are kept.",
    discussion: """
      Asks no server. Checkpoints are kept in SAM_CACHE, or else in segment-anything in the user's cache folder.

      Examples:
        sam model list
        sam model list --json
      """)

  @Flag(help: "Print one JSON object for each checkpoint.")
  var json = false

  func run() throws {
    let store = try ModelStore.ofUser()
    if json {
      for checkpoint in OfficialCheckpoint.all {
        try Console.print(
          JSONText.object([
            ("name", .string(checkpoint.name)), ("file", .string(checkpoint.file)),
            ("bytes", .optional(checkpoint.bytes, JSONText.integer)), ("sha256", .string(checkpoint.sha256)),
            ("licence", .string(checkpoint.licence)), ("address", .string(store.address(of: checkpoint))),
            ("path", .optional(store.path(of: checkpoint), JSONText.string)),
          ]).line)
      }
      return
    }
    var table = Table([
      "name": .left, "model": .left, "size": .left, "licence": .left, "downloaded": .left, "SHA-256": .left,
    ])
    for checkpoint in OfficialCheckpoint.all {
      table.add(
        checkpoint.name, checkpoint.summary, checkpoint.size, checkpoint.licence,
        store.path(of: checkpoint) == nil ? "no" : "yes", checkpoint.sha256)
    }
    try Console.print(table.text)
    try Console.print("\nfrom:")
    for checkpoint in OfficialCheckpoint.all { try Console.print("  " + store.address(of: checkpoint)) }
    try Console.print("kept in: \(store.folder)")
  }
}
