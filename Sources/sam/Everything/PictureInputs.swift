import Datasets
import Files
import Imaging

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The pictures that a command line names, in the order of their outputs' names.
struct PictureInputs {
  /// One picture.
  struct Item {
    /// Where its outputs go, relative to the output folder and without extension; unique.
    var name: String
    /// What it is called in messages and records: its path as given, or archive and entry.
    var path: String
    var picture: StoredPicture
  }

  private(set) var items: [Item] = []
  /// The absolute paths of the pictures.
  private var places: Set<String> = []
  /// Folders and archives that could not be read.
  private(set) var unreadable: [(path: String, error: any Error)] = []

  /// Expands files, folders (with those below them), patterns and tar archives.
  ///
  /// Names mirror the folders below the deepest folder that all inputs have in common; an archive counts as a folder. Where pictures of
  /// one folder differ only in their extensions, these are part of the names.
  ///
  /// - Throws: ``CommandError`` where nothing is named by an argument, or two pictures would have one name.
  ///
  /// - Parameter output: a folder whose files are no inputs, even where it lies in one.
  init(_ arguments: [String], excluding output: String) throws {
    var found: [Found] = []
    for argument in arguments { found += try expand(argument) }
    let outputs = Self.absolute(output) + "/"
    var seen: Set<String> = []
    found = found.filter {
      (($0.root + "/").hasPrefix(outputs) || !$0.place.hasPrefix(outputs)) && seen.insert($0.place).inserted
    }
    places = seen
    let common = Self.commonFolder(Set(found.map(\.root)))

    var stems: [String: Int] = [:]
    let names = found.map { found -> (full: String, stem: String) in
      let full = String(found.place.dropFirst(common.count + 1))
      return (full, Path.splitExtension(full).stem)
    }
    for name in names { stems[name.stem, default: 0] += 1 }
    items = zip(found, names).map { found, name in
      Item(
        name: stems[name.stem] == 1 ? name.stem : name.full, path: found.path, picture: found.picture)
    }
    items.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for (first, second) in zip(items, items.dropFirst()) where first.name == second.name {
      throw CommandError.sameName(first: first.path, second: second.path, name: first.name)
    }
  }

  /// Whether a path is that of one of the pictures.
  func contains(_ path: String) -> Bool { places.contains(Self.absolute(path)) }

  private struct Found {
    /// The absolute path, which goes on inside an archive.
    var place: String
    /// The absolute path of the folder that was named, or that a named file is in.
    var root: String
    var path: String
    var picture: StoredPicture
  }

  private mutating func expand(_ argument: String) throws -> [Found] {
    switch FolderListing.kind(of: argument) {
    case .folder:
      return files(in: argument, root: Self.absolute(argument)) { _ in true }
    case .file where Self.isArchive(argument):
      return archive(argument, root: nil)
    case .file:
      let place = Self.absolute(argument)
      return [
        Found(place: place, root: Self.folder(of: place), path: argument, picture: .file(path: argument))
      ]
    case nil:
      guard let pattern = PathPattern(argument) else { throw CommandError.missingInput(argument) }
      let found = files(in: pattern.folder, root: Self.absolute(pattern.folder), pattern.matches)
      guard !found.isEmpty else { throw CommandError.nothingMatches(pattern: argument) }
      return found
    }
  }

  /// The pictures and archives in a folder.
  private mutating func files(
    in folder: String, root: String, _ isWanted: (String) -> Bool
  ) -> [Found] {
    let listing: FolderListing
    do {
      listing = try FolderListing(of: folder)
    } catch {
      unreadable.append((folder, error))
      return []
    }
    for error in listing.unreadable {
      if case .system(_, let path, _) = error { unreadable.append((path, error)) }
    }
    var found: [Found] = []
    for file in listing.files where isWanted(file) {
      let path = folder == "." ? file : Path.join(folder, file)
      if Self.isArchive(file) {
        found += archive(path, root: root)
      } else if ImageFormat(path: file) != nil {
        found.append(
          Found(place: Self.absolute(path), root: root, path: path, picture: .file(path: path)))
      }
    }
    return found
  }

  /// The pictures in an archive.
  private mutating func archive(_ path: String, root: String?) -> [Found] {
    let archive: TarArchive
    do {
      archive = try TarArchive(path: path)
    } catch {
      unreadable.append((path, error))
      return []
    }
    let folder = Self.absolute(Path.splitExtension(path).stem)
    return archive.entries.filter { ImageFormat(path: $0.name) != nil }.map { entry in
      Found(
        // Names inside may not lead out of the output folder.
        place: folder + "/"
          + entry.name.split(separator: "/").filter { $0 != ".." && $0 != "." }.joined(separator: "/"),
        root: root ?? folder, path: path + "/" + entry.name, picture: .entry(entry, of: archive))
    }
  }

  private static func isArchive(_ path: String) -> Bool {
    Path.splitExtension(path).ending.lowercased() == ".tar"
  }

  /// A path from the root, without `.`, `..` and needless slashes; empty for the root itself.
  private static func absolute(_ path: String) -> String {
    let absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    var components: [Substring] = []
    for component in absolute.split(separator: "/") where component != "." {
      if component == ".." { _ = components.popLast() } else { components.append(component) }
    }
    return components.map { "/" + $0 }.joined()
  }

  private static func folder(of place: String) -> String {
    place.lastIndex(of: "/").map { String(place[..<$0]) } ?? ""
  }

  /// The deepest folder that is each of some folders or above it.
  private static func commonFolder(_ folders: Set<String>) -> String {
    guard var common = folders.first?.split(separator: "/") else { return "" }
    for folder in folders {
      common = zip(common, folder.split(separator: "/")).prefix { $0 == $1 }.map(\.0)
    }
    return common.map { "/" + $0 }.joined()
  }
}
