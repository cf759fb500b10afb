import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Examples in the documents")
struct ExampleTests {
  /// A folder in which the documented commands find what they name, as far as it needs no download.
  private static func workplace() throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: folder.file("photos"), withIntermediateDirectories: true)
    for copy in ["photo.jpg", "photos/photo.jpg"] {
      try FileManager.default.copyItem(atPath: Sam.photo("coffee.jpg"), toPath: folder.file(copy))
    }
    try Data("[{\"image\": \"photo.jpg\", \"prompts\": [{\"points\": [[300, 180]]}]}]".utf8)
      .write(to: URL(filePath: folder.file("many.json")))
    _ = try Sam.run(["segment", "photo.jpg", "--point", "300,180", "-o", "rough.png"], in: folder)
    _ = try Sam.run(["embed", "photo.jpg", "-o", "."], in: folder)
    return folder
  }

  /// The lines that begin with `sam` in a document or a help page.
  private static func commands(in text: String) -> [String] {
    text.split(separator: "\n").map { $0.drop { $0 == " " } }
      .filter { $0.hasPrefix("sam ") || $0.hasPrefix("cat ") }
      .map { String($0.prefix { $0 != "(" }) }
      .filter { !$0.contains("--generate-completion-script") }
  }

  @Test func everyDocumentedCommandIsAccepted() throws {
    var texts = try ["README.md", "docs/command-line.md"].map {
      try String(contentsOf: URL(filePath: Sam.root + "/" + $0), encoding: .utf8)
    }
    for command in [
      [], ["segment"], ["embed"], ["model", "info"], ["model", "list"], ["model", "download"],
      ["model", "convert"], ["everything"],
    ] {
      let help = try Sam.run(command + ["--help"]).text
      texts.append(String(help.prefix(upTo: help.range(of: "USAGE")?.lowerBound ?? help.endIndex)))
    }
    let commands = texts.flatMap(Self.commands)
    #expect(commands.count > 25)

    let folder = try Self.workplace()
    for command in commands {
      let outcome = try Sam.shell(command, in: folder)
      // Nothing can be downloaded here.
      let needsDownload = command.contains("vit_b") || command.contains("download")
      #expect(outcome.status == (needsDownload ? 1 : 0), "\(command): \(outcome.errors)")
    }
  }

  @Test func theExampleOfTheLibraryRuns() throws {
    let folder = try TemporaryDirectory()
    let outcome = try Sam.example("ClickToMask", [Sam.photo("cell.jpg"), "429", "374", "."], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.text.split(separator: "\n").count == 3)
    let overlay = try Image(contentsOfFile: folder.file("overlay.jpg"))
    let photo = try Image(contentsOfFile: Sam.photo("cell.jpg"))
    #expect((overlay.width, overlay.height) == (photo.width, photo.height))
    let candidates = try (0..<3).map { try Mask(contentsOfFile: folder.file("candidate-\($0).png")) }
    #expect(candidates.contains { $0.area > 0 })
    #expect(try Sam.example("ClickToMask", [], in: folder).text.hasPrefix("usage: "))
  }
}
