import ArgumentParser
import Datasets
import Files
import Imaging

/// `sam merge`: puts together what several machines wrote.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge the files of 'sam everything --shard', or COCO files.",
    discussion: """
      Given the output folder of a run in shards, makes coco.json and failures.jsonl of the shards' files: those of an \
      undivided run, byte for byte. The shards' files are removed, or kept where pictures failed, so that those shards can \
      run again. Given COCO files, writes one with all of their images.

      Examples:
        sam merge masks
        sam merge first.json second.json -o both.json
      """)

  @Argument(help: "The output folder of a run, or COCO files.", completion: .file())
  var inputs: [String]

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The new file, where COCO files are merged.", valueName: "file"), completion: .file())
  var output: String?

  func run() throws {
    if inputs.count == 1, Folder.isFolder(inputs[0]) {
      guard output == nil else { throw ValidationError("--output: the files of a folder are merged in it") }
      return try mergeShards(in: inputs[0])
    }
    guard let output else { throw ValidationError("--output: name the new file") }
    try COCOMerging.merge(inputs, to: output)
    try Console.print("\(output): \(inputs.count) files merged")
  }

  private func mergeShards(in folder: String) throws {
    let listing = try FolderListing(of: folder, isRecursive: false)
    let coco = try shards(listing.files, "coco", "json", in: folder)
    // A shard without failures has no file of them.
    let failures = listing.files.compactMap { ShardFile($0, "failures", "jsonl") }.sorted {
      $0.shard.index < $1.shard.index
    }
    guard !coco.isEmpty || !failures.isEmpty else {
      guard RunFiles.exists(Path.join(folder, "coco.json")) else {
        throw CommandError.nothingToMerge(folder: folder)
      }
      return try Console.print("\(folder): merged already")
    }
    if !coco.isEmpty {
      try COCOMerging.merge(coco.map { Path.join(folder, $0.name) }, to: Path.join(folder, "coco.json"))
    }
    if !failures.isEmpty {
      let lines = try failures.flatMap { file in
        try MappedFile(path: Path.join(folder, file.name)).withBytes { Array($0) }
      }
      try AtomicFile.write(lines, to: Path.join(folder, "failures.jsonl"))
    }
    if failures.isEmpty {
      for file in coco { try RunFiles.remove(Path.join(folder, file.name)) }
    }
    try Console.print("\(folder): \(coco.count + failures.count) files merged")
  }

  /// The shards' files in their order, none missing.
  private func shards(_ files: [String], _ stem: String, _ ending: String, in folder: String) throws
    -> [ShardFile]
  {
    let found = files.compactMap { ShardFile($0, stem, ending) }.sorted { $0.shard.index < $1.shard.index }
    guard let count = found.first?.shard.count else { return [] }
    for file in found where file.shard.count != count {
      throw CommandError.otherShards(
        first: Path.join(folder, found[0].name), second: Path.join(folder, file.name))
    }
    let there = Set(found.map(\.shard.index))
    if let missing = (0..<count).first(where: { !there.contains($0) }) {
      throw CommandError.missingShard(
        file: Path.join(folder, stem + Shard(index: missing, count: count).suffix + "." + ending))
    }
    return found
  }

  /// A file that one shard wrote.
  private struct ShardFile {
    let name: String
    let shard: Shard

    init?(_ name: String, _ stem: String, _ ending: String) {
      guard name.hasPrefix(stem + "-"), name.hasSuffix("." + ending) else { return nil }
      let middle = name.dropFirst(stem.count + 1).dropLast(ending.count + 1)
      guard let of = middle.firstRange(of: "-of-"),
        let shard = Shard(
          argument: middle[..<of.lowerBound] + "/" + middle[of.upperBound...])
      else { return nil }
      self.name = name
      self.shard = shard
    }
  }
}
