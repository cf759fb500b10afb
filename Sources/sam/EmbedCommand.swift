import ArgumentParser
import Files
import Imaging
import SegmentAnything

/// `sam embed`: encodes images once, so that later prompts are answered at once.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Encode images into embedding files, the slow part of segmenting.",
    discussion: """
      An embedding belongs to the model that made it and carries its fingerprint; 'sam segment --embedding' refuses \
      another model's.

      Examples:
        sam embed photo.jpg -o embeddings
        sam embed photos/*.jpg --checkpoint vit_b --half -o embeddings
        sam segment --embedding embeddings/photo.embedding --point 300,180 --json
      """)

  @Argument(help: "Images: JPEG, PNG, WebP or TIFF; - is standard input.", completion: .file())
  var images: [String]

  @OptionGroup var modelOptions: ModelOptions

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to write IMAGE.embedding files to.", valueName: "folder"),
    completion: .directory)
  var output: String

  @Flag(help: "Store 16-bit floats: half the size, slightly rounded.")
  var half = false

  @Flag(help: "Print one JSON object for each image instead of a table.")
  var json = false

  func validate() throws {
    guard images.count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("standard input (-) can be read only once")
    }
    if output == "-" { throw ValidationError("--output -: expected a folder") }
  }

  func run() throws {
    let files = images.map { image in
      Path.join(output, (image == "-" ? "stdin" : Path.stem(image)) + ".embedding")
    }
    var names: [String: String] = [:]
    for (image, file) in zip(images, files) {
      if let first = names.updateValue(image, forKey: file) {
        throw CommandError.sameName(first: first, second: image, name: file)
      }
    }
    try Folder.make(output)

    var watch = Stopwatch()
    let model = try modelOptions.load()
    var load = watch.lap()
    var failed = 0
    var progress = ProgressLine("embed", unit: .images)
    for (index, (image, file)) in zip(images, files).enumerated() {
      do {
        _ = watch.lap()
        var times = StepTimes()
        times.load = load
        load = 0
        let picture = try InputFile.image(image)
        times.read = watch.lap()
        let embedding = try model.embed(picture)
        times.encode = watch.lap()
        try embedding.write(to: file, half: half)
        times.write = watch.lap()
        progress.clear()
        try Console.print(report(image, picture, file, times, model.info.name))
      } catch SAMError.image(let error) where images.count > 1 {
        failed += fail(error, &progress)
      } catch let error as ImageError where images.count > 1 {
        // One bad image does not spoil the others.
        failed += fail(error, &progress)
      }
      if images.count > 1 { progress.update(index + 1, of: images.count) }
    }
    progress.clear()
    if failed > 0 { throw CommandError.someFailed(failed: failed, of: images.count) }
  }

  private func fail(_ error: any Error, _ progress: inout ProgressLine) -> Int {
    progress.clear()
    Console.note("sam: \(error)")
    return 1
  }

  private func report(_ image: String, _ picture: Image, _ file: String, _ times: StepTimes, _ model: String)
    -> String
  {
    guard json else {
      return "\(file): \(picture.width) x \(picture.height), \(model), \(times.line)"
    }
    return JSONText.object([
      ("image", .string(image)), ("width", .integer(picture.width)), ("height", .integer(picture.height)),
      ("model", .string(model)), ("file", .string(file)), ("times_ms", times.json),
    ]).line
  }
}
