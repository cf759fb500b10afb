internal import ArgumentParser
internal import Foundation
internal import Imaging

/// The program itself, from its start to the mask's file.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract: "The program sam: from process start to the mask's file.",
    discussion: "Build it first: make build.")

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("The program.", valueName: "file"))
  var sam = PackageFiles.root.path + "/.build/release/sam"

  func run() throws {
    guard FileManager.default.isExecutableFile(atPath: sam) else {
      throw ValidationError("\(sam) is not a program; build it with make build, or name one with --sam")
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "sam-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (photo, mask) = (folder.path + "/photo.jpg", folder.path + "/mask.png")
    try BenchedModel.photo().write(to: photo)
    var report = Report("The program", "command", "first ms", "next ms")
    for (name, arguments) in [
      ("sam --version", ["--version"]),
      (
        "sam segment photo.jpg --point 500,300 -o mask.png",
        ["segment", photo, "--point", "500,300", "--threads", "\(common.threads)", "-o", mask]
      ),
    ] {
      let times = try (0...common.runs).map { _ in try milliseconds { try launch(arguments) } }
      report.add(
        .text(name), Report.time(times[0]), Report.time(Samples(Array(times.dropFirst())).median))
    }
    try report.print(common)
  }

  private func launch(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: sam)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw ValidationError("sam \(arguments.joined(separator: " ")) failed")
    }
  }
}
