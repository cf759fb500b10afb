#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files in a folder and in the folders below it, in an order that does not depend on the file system.
///
/// Names that begin with a dot are left out. Symbolic links are followed; a folder that contains itself by a link is
/// entered once.
public struct FolderListing: Sendable {
  /// What a name stands for.
  public enum Kind: Sendable, Hashable {
    case file, folder
  }

  /// Paths of the files, relative to the folder, in the order of their bytes.
  public private(set) var files: [String] = []
  /// Folders below it that could not be read.
  public private(set) var unreadable: [FileError] = []

  /// Lists a folder.
  ///
  /// - Parameter isRecursive: whether the folders below it are listed, too.
  /// - Throws: ``FileError`` where the folder itself cannot be read.
  public init(of folder: String, isRecursive: Bool = true) throws(FileError) {
    var entered: Set<Identity> = []
    var waiting = [""]
    while let prefix = waiting.popLast() {
      let path = prefix.isEmpty ? folder : folder + "/" + prefix.dropLast()
      do throws(FileError) {
        for entry in try Self.entries(of: path, isFirst: prefix.isEmpty, entered: &entered) {
          switch entry.kind {
          case .file: files.append(prefix + entry.name)
          case .folder where isRecursive: waiting.append(prefix + entry.name + "/")
          case .folder: break
          }
        }
      } catch {
        guard !prefix.isEmpty else { throw error }
        unreadable.append(error)
      }
    }
    files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    unreadable.sort { $0.description.utf8.lexicographicallyPrecedes($1.description.utf8) }
  }

  /// What a path names, through links; nil where there is nothing, or neither a file nor a folder.
  public static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return nil
    }
  }

  private struct Identity: Hashable {
    let device: UInt64
    let number: UInt64
  }

  private static func entries(
    of path: String, isFirst: Bool, entered: inout Set<Identity>
  ) throws(FileError) -> [(name: String, kind: Kind)] {
    var status = stat()
    guard stat(path, &status) == 0, let directory = opendir(path) else {
      throw .system(operation: .list, path: path, code: errno)
    }
    defer { closedir(directory) }
    let identity = Identity(device: UInt64(truncatingIfNeeded: status.st_dev), number: UInt64(status.st_ino))
    guard entered.insert(identity).inserted else { return [] }
    var entries: [(name: String, kind: Kind)] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      guard !name.hasPrefix(".") else { continue }
      let kind: Kind? =
        switch Int32(entry.pointee.d_type) {
        case Int32(DT_REG): .file
        case Int32(DT_DIR): .folder
        // A link to nothing is a file that cannot be opened: it is not lost without a word.
        case Int32(DT_LNK): access(path + "/" + name, F_OK) == 0 ? kind(of: path + "/" + name) : .file
        default: kind(of: path + "/" + name)
        }
      // Devices are no inputs.
      if let kind { entries.append((name, kind)) }
    }
    return entries
  }
}
