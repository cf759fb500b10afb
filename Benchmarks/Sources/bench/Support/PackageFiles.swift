internal import Foundation

/// Files of the repository, from the place of this source file.
enum PackageFiles {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static var photo: String { root.path + "/examples/photos/astronaut.jpg" }

  static func name(of path: String) -> String { URL(filePath: path).lastPathComponent }
}
