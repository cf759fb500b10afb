/// The files that one image's masks are written to.
struct OutputNames {
  /// The path as the user gave it, or `-`.
  let base: String

  /// The path of each of so many masks: the base itself for one, `OUT-0.png`, `OUT-1.png`, … for more.
  func paths(count: Int) -> [String] {
    guard count > 1 else { return Array(repeating: base, count: count) }
    let (stem, ending) = Path.splitExtension(base)
    return (0..<count).map { "\(stem)-\($0)\(ending)" }
  }
}

/// Paths as text.
enum Path {
  /// A path without and with only its extension, the dot included.
  static func splitExtension(_ path: String) -> (stem: String, ending: String) {
    let name = lastComponent(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (path, "") }
    let ending = String(name[dot...])
    return (String(path.dropLast(ending.count)), ending)
  }

  /// A file's name without folders.
  static func lastComponent(_ path: String) -> String {
    String(path.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
  }

  /// The folder that the last component is in; empty for none.
  static func folder(_ path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
  }

  /// A file's name without folders and extension.
  static func stem(_ path: String) -> String { lastComponent(splitExtension(path).stem) }

  /// A path inside a folder.
  static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  /// A path as seen from the folder of `file`.
  static func resolve(_ path: String, besides file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return String(file[...slash]) + path
  }
}

extension OutputNames {
  /// The extension in lower case where it is one that some format of masks or pictures uses.
  static func knownExtension(_ path: String) -> String? {
    let ending = Path.splitExtension(path).ending.dropFirst().lowercased()
    return ["png", "jpg", "jpeg", "webp", "tif", "tiff", "json", "npy"].contains(ending) ? ending : nil
  }
}
