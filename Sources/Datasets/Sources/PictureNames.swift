internal import Files
internal import Imaging

/// Paths as text, where a dataset's files are told apart by their names.
enum DatasetPath {
  /// The path without the extension of its last component.
  static func withoutExtension(_ path: String) -> String {
    let name = lastComponent(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return path }
    return String(path.dropLast(name[dot...].count))
  }

  /// The extension in lower case, without its dot.
  static func pathExtension(_ path: String) -> String {
    let name = lastComponent(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  static func lastComponent(_ path: String) -> Substring {
    path.split(separator: "/", omittingEmptySubsequences: true).last ?? ""
  }

  /// The folder that the last component is in, with a slash behind it; empty for none.
  static func folder(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return String(path[...slash])
  }

  static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") || name.hasPrefix("/") ? folder + name : folder + "/" + name
  }

  /// Those of a folder's files that are records in JSON. What `sam everything` keeps beside its masks is none, unless a picture is
  /// called so.
  static func records(in files: [String], of pictures: PictureNames) -> [String] {
    files.filter {
      pathExtension($0) == "json"
        && (lastComponent($0) != "everything.json" || pictures[withoutExtension($0)] != nil)
    }
  }

  /// Whether the name is that of a picture in a format that is read.
  static func isPicture(_ path: String) -> Bool { ImageFormat(path: path) != nil }

  /// The files in a folder and below.
  static func files(in folder: String) throws(DatasetError) -> [String] {
    let listing: FolderListing
    do throws(FileError) {
      listing = try FolderListing(of: folder)
    } catch {
      throw .file(error)
    }
    if let first = listing.unreadable.first { throw .file(first) }
    return listing.files
  }

  /// Maps a file.
  static func map(_ path: String) throws(DatasetError) -> MappedFile {
    do throws(FileError) {
      return try MappedFile(path: path)
    } catch {
      throw .file(error)
    }
  }
}

/// Pictures by their paths without extension; of several the one whose name comes first.
struct PictureNames {
  private var paths: [String: String] = [:]

  /// - Parameter files: in their order; what is no picture is passed over.
  init(_ files: some Sequence<String>) {
    for file in files where DatasetPath.isPicture(file) {
      let stem = DatasetPath.withoutExtension(file)
      if paths[stem] == nil { paths[stem] = file }
    }
  }

  /// Those in a folder, or without one, those among files that are listed already.
  init(in folder: String?, or files: [String]) throws(DatasetError) {
    guard let folder else {
      self.init(files)
      return
    }
    self.init(try DatasetPath.files(in: folder))
  }

  /// The picture of that path without extension.
  subscript(stem: String) -> String? { paths[stem] }

  /// How many there are.
  var count: Int { paths.count }
}

extension DatasetPath {
  /// Names come from files of others: one that leads out of the output folder is refused.
  static func checkIsInside(_ name: String) throws(DatasetError) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.hasPrefix("/"), !parts.contains(".."), !name.utf8.contains(0) else {
      throw .cannotHold(path: name, format: "the output folder", problem: "the name leads out of it")
    }
  }
}
