import Foundation

/// A browser that opens pages without a window, where one is installed: `chromium`, or the one that `SAM_CHROMIUM` names.
public enum Chromium {
  /// The program; nil where there is none.
  public static let path: String? = {
    if let named = ProcessInfo.processInfo.environment["SAM_CHROMIUM"] { return named }
    let names = ["chromium", "chromium-browser", "google-chrome"]
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return folders.lazy.flatMap { folder in names.map { "\(folder)/\($0)" } }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Whether there is one; says so where not.
  public static var isThere: Bool {
    if path != nil { return true }
    print("skipped: no Chromium is installed")
    return false
  }

  /// Opens a page and takes a picture of it.
  ///
  /// - Parameters:
  ///   - page: an HTML file.
  ///   - picture: the PNG file to write.
  ///   - isDark: what the reader prefers.
  /// - Returns: whether the browser ended well and the picture is there.
  public static func screenshot(
    of page: String, to picture: String, width: Int = 1200, height: Int = 1600, isDark: Bool = false
  ) throws -> Bool {
    guard let path else { return false }
    let profile = try TemporaryDirectory()
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
      "--no-first-run", "--disable-background-networking", "--user-data-dir=\(profile.path)",
      "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)", "--window-size=\(width),\(height)",
      "--screenshot=\(picture)", "file://" + page,
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0 && FileManager.default.fileExists(atPath: picture)
  }
}
