/// A file format for pictures.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
  case jpeg
  case png
  case webp
  /// Read only.
  case tiff

  /// The format that a file name's extension names: jpg, jpeg, png, webp, tif or tiff in any case.
  public init?(path: String) {
    let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...].lowercased() {
    case "jpg", "jpeg", "jpe": self = .jpeg
    case "png": self = .png
    case "webp": self = .webp
    case "tif", "tiff": self = .tiff
    default: return nil
    }
  }

  /// The usual extension, without the dot.
  public var pathExtension: String {
    switch self {
    case .jpeg: "jpg"
    case .png: "png"
    case .webp: "webp"
    case .tiff: "tif"
    }
  }

  /// How people write it.
  var displayName: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .webp: "WebP"
    case .tiff: "TIFF"
    }
  }
}
