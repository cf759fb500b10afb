import Datasets
import Files

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a run of everything mode keeps its files.
///
/// With one format the images' files lie in the output folder, with several in a folder for each. `everything.json` says how the
/// masks were made; `coco.json` and `failures.jsonl` are for all images, and each shard has its own until they are merged. While
/// `coco.json` is not whole, each image's share of it waits in a hidden folder.
struct RunFiles {
  let output: String
  let formats: [OutputFormat]
  let shard: Shard?

  private var suffix: String { shard?.suffix ?? "" }

  /// How the masks were made.
  var manifest: String { Path.join(output, "everything.json") }
  /// The images that failed.
  var failures: String { Path.join(output, "failures\(suffix).jsonl") }
  /// All images' annotations.
  var coco: String { Path.join(output, "coco\(suffix).json") }
  /// One image's share of ``coco``.
  func cocoPart(_ name: String) -> String { Path.join(parts, name + ".json") }
  private var parts: String { Path.join(output, ".coco-parts\(suffix)") }
  private var spentParts: String { parts + ".done" }

  /// The folder that a format's files go to.
  func folder(of format: OutputFormat) -> String {
    formats.count > 1 ? Path.join(output, format.rawValue) : output
  }

  /// The file that tells that an image is done in a format.
  func lastFile(of name: String, _ format: OutputFormat) -> String {
    format.lastFile(of: name).map { Path.join(folder(of: format), $0) } ?? cocoPart(name)
  }

  /// Whether the file for all images is there, or the merged one, and nothing waits to be put into it.
  var isCOCOWhole: Bool {
    !Folder.isFolder(parts) && (Self.exists(coco) || Self.exists(Path.join(output, "coco.json")))
  }

  /// Whether an image is done in a format.
  func isDone(_ name: String, _ format: OutputFormat) -> Bool {
    format == .coco && isCOCOWhole || Self.exists(lastFile(of: name, format))
  }

  /// Removes the shares of `coco.json` that are in it. A kill in between leaves either all of them or a folder that means nothing.
  func removeParts() throws(FileError) {
    guard rename(parts, spentParts) == 0 || errno == ENOENT else {
      throw .system(operation: .rename, path: parts, code: errno)
    }
    removeSpentParts()
  }

  /// Removes what a killed run left of ``removeParts()``.
  func removeSpentParts() { Self.removeFolder(spentParts) }

  /// Forgets what has been done, for images of these names.
  func forget(_ names: [String]) {
    for format in formats where format != .coco {
      for name in names { unlink(lastFile(of: name, format)) }
    }
    unlink(coco)
    unlink(failures)
    unlink(manifest)
    if rename(parts, spentParts) == 0 { removeSpentParts() }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Removes a file; fine where there is none.
  static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw .system(operation: .remove, path: path, code: errno)
    }
  }

  private static func removeFolder(_ folder: String) {
    guard let directory = opendir(folder) else { return }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      let path = folder + "/" + name
      if unlink(path) != 0 { removeFolder(path) }
    }
    closedir(directory)
    rmdir(folder)
  }
}
