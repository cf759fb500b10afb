import Foundation
import TestSupport
import Testing

private let coffee = Sam.photo("coffee.jpg")

@Suite("Errors of the command line")
struct ErrorTests {
  /// Wrong command lines: one line that names the option, exit code 64.
  @Test(arguments: [
    (["segment", coffee, "-o", "x.png"], "nothing to segment: give --point, --box, --mask or --prompts"),
    (["segment", "--point", "1,2", "-o", "x.png"], "no image and no --embedding"),
    (["segment", coffee, "--point", "1,2"], "nowhere to put the masks: give --output, --overlay or --json"),
    (
      ["segment", coffee, "--point", "nan,3", "--json"],
      "The value 'nan,3' is invalid for '--point <x,y[,label]>': 'nan' is not a finite number"
    ),
    (
      ["segment", coffee, "--point", "1", "--json"],
      "The value '1' is invalid for '--point <x,y[,label]>': expected x,y or x,y,label"
    ),
    (
      ["segment", coffee, "--point", "1,2,3", "--json"],
      "The value '1,2,3' is invalid for '--point <x,y[,label]>': label '3' is neither 1 (on the object) nor 0 (not on it)"
    ),
    (
      ["segment", coffee, "--box", "1,2,3,inf", "--json"],
      "The value '1,2,3,inf' is invalid for '--box <x0,y0,x1,y1>': 'inf' is not a finite number"
    ),
    (
      ["segment", coffee, "--point", "1,2", "--format", "gif", "-o", "x"],
      "The value 'gif' is invalid for '--format <format>'. Please provide one of 'png', 'rle', 'polygon', 'cutout' or 'logits'."
    ),
    (
      ["segment", coffee, "--point", "1,2", "-o", "x.jpg"],
      "--output x.jpg: --format png is written as .png"
    ),
    (
      ["segment", coffee, "--point", "1,2", "-o", "-", "--json"],
      "--output - and --json both write to standard output"
    ),
    (["segment", "-", "--mask", "-", "--json"], "standard input (-) can be read only once"),
    (
      ["segment", coffee, "--prompts", "p.json", "--point", "1,2", "--json"],
      "--prompts cannot be combined with --point, --box or --mask"
    ),
    (["segment", coffee, "--point", "1,2", "--json", "--threads", "0"], "--threads 0: expected 1 to 1024"),
    (
      ["segment", coffee, "--point", "1,2", "--json", "--precision", "int8"],
      "--precision int8: needs the --checkpoint of a vision transformer"
    ),
    (["embed", coffee], "Missing expected argument '--output <folder>'"),
    (["embed", coffee, "-o", "-"], "--output -: expected a folder"),
    (["segmnt"], "Unexpected argument 'segmnt'"),
  ])
  func aWrongCommandLineIsOneLine(arguments: [String], message: String) throws {
    let outcome = try Sam.run(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.errors.hasPrefix("sam: \(message) (see 'sam"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
    #expect(outcome.text.isEmpty)
  }

  @Test func kernelsThatThereAreNotAreRefused() throws {
    let outcome = try Sam.run(["model", "list"], environment: ["SAM_KERNELS": "avx1024"])
    #expect(outcome.status == 64 && outcome.text.isEmpty)
    #expect(outcome.errors.hasPrefix("sam: SAM_KERNELS=avx1024: this processor has \(Sam.plainKernels)"))
  }

  /// Things that fail while running: one line that names the file, exit code 1.
  @Test(arguments: [
    (
      ["segment", "none.jpg", "--point", "1,2", "--json"], "none.jpg: cannot open: No such file or directory"
    ),
    (["segment", ".", "--point", "1,2", "--json"], ".: not a regular file"),
    (
      ["segment", "text.jpg", "--point", "1,2", "--json"],
      "text.jpg: not an image in a known format; JPEG, PNG, WebP and TIFF are read"
    ),
    (["segment", "empty.png", "--point", "1,2", "--json"], "empty.png: empty, no image in it"),
    (["segment", "cut.jpg", "--point", "1,2", "--json"], "cut.jpg: the JPEG is cut off"),
    (
      ["segment", "coffee.jpg", "--point", "601,2", "--json"],
      "coffee.jpg: point 601,2 lies outside the image of 600x400 pixels"
    ),
    (
      ["segment", "coffee.jpg", "--point", "-1,2", "--json"],
      "coffee.jpg: point -1,2 lies outside the image of 600x400 pixels"
    ),
    (
      ["segment", "coffee.jpg", "--box", "30,30,10,10", "--json"],
      "coffee.jpg: box 30,30,10,10 is not left, top, right, bottom"
    ),
    (
      ["segment", "coffee.jpg", "--mask", "none.png", "--json"],
      "none.png: cannot open: No such file or directory"
    ),
    (["segment", "coffee.jpg", "--mask", "text.jpg", "--json"], "text.jpg: not an image in a known format"),
    (
      ["segment", "coffee.jpg", "--point", "1,2", "-o", "none/x.png"],
      "none/x.png: cannot create: No such file or directory"
    ),
    (
      ["segment", "coffee.jpg", "--point", "1,2", "-o", "/dev/full"],
      "/dev/full: cannot write: No space left on device"
    ),
    (
      ["segment", "coffee.jpg", "--prompts", "none.json", "--json"],
      "none.json: cannot open: No such file or directory"
    ),
    (
      ["segment", "coffee.jpg", "--checkpoint", "text.jpg", "--point", "1,2", "--json"], "text.jpg: "
    ),
    (["segment", "--embedding", "text.jpg", "--point", "1,2", "--json"], "text.jpg: "),
    (["embed", "none.jpg", "-o", "out"], "none.jpg: cannot open: No such file or directory"),
    (["embed", "coffee.jpg", "-o", "text.jpg"], "text.jpg: cannot create: "),
    (
      ["embed", "coffee.jpg", "./coffee.jpg", "-o", "out"],
      "coffee.jpg and ./coffee.jpg would both be written as"
    ),
    (
      ["segment", "coffee.jpg", "--point", "1,2", "--multimask", "-o", "-"],
      "--output -: standard output takes one mask, not 3"
    ),
  ])
  func aFailureIsOneLineThatNamesTheFile(arguments: [String], message: String) throws {
    #if !os(Linux)
      if arguments.contains("/dev/full") { return }
    #endif
    let folder = try TemporaryDirectory()
    let photo = try Data(contentsOf: URL(filePath: coffee))
    try photo.write(to: URL(filePath: folder.file("coffee.jpg")))
    try photo.prefix(photo.count / 2).write(to: URL(filePath: folder.file("cut.jpg")))
    try Data("not a picture".utf8).write(to: URL(filePath: folder.file("text.jpg")))
    try Data().write(to: URL(filePath: folder.file("empty.png")))

    let outcome = try Sam.run(arguments, in: folder)
    #expect(outcome.status == 1)
    #expect(outcome.messages.count == 1, "\(outcome.errors)")
    #expect(outcome.messages.first?.hasPrefix("sam: \(message)") == true, "\(outcome.errors)")
    #expect(outcome.text.isEmpty)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!left.contains { $0.hasSuffix(".tmp") || $0.hasPrefix("x.png") })
  }

  @Test(arguments: [
    ["model", "list"], ["segment", coffee, "--point", "300,180", "--json"],
    ["segment", coffee, "--point", "300,180", "-o", "-"],
  ])
  func aReaderThatGoesAwayIsAnErrorNotACrash(arguments: [String]) throws {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let outcome = try Sam.run(arguments, output: pipe.fileHandleForWriting)
    #expect(outcome.status == 1)
    #expect(outcome.messages == ["sam: standard output: cannot write: Broken pipe"])
  }
}

@Suite("Help and completion")
struct HelpTests {
  @Test(arguments: [
    [], ["segment"], ["embed"], ["everything"], ["merge"], ["convert"], ["model"], ["model", "info"],
    ["model", "list"], ["model", "download"],
    ["verify"],
  ])
  func everyCommandHasHelpWithExamples(command: [String]) throws {
    let outcome = try Sam.run(command + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
    #expect(outcome.text.contains("USAGE: sam"))
    #expect(outcome.text.contains("Examples:") || command == ["model"])
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionScriptsAreMade(shell: String) throws {
    let outcome = try Sam.run(["--generate-completion-script", shell])
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("multimask"))
  }

  @Test func exitCodesAreDocumented() throws {
    let text = try Sam.run(["--help"]).text
    for code in ["  0   ", "  1   ", "  64  "] { #expect(text.contains(code)) }
  }
}
