import ArgumentParser
import Datasets
import Files
import SegmentAnything

/// `sam everything`: masks for all of an image, of a folder of images, or of a million.
struct EverythingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "everything",
    abstract: "Segment everything in pictures, without prompts: one or a million.",
    discussion: """
      Inputs are pictures, folders (with those below them), patterns such as 'photos/**/*.jpg', and tar archives; - \
      reads a list of them from standard input, one in a line. The output folder mirrors the inputs' folders.

      Stop it whenever you like: run again, it goes on where it was, and the files will be the same bytes. Pictures that fail \
      are named on standard error and in failures.jsonl, and tried again in the next run.

      Examples:
        sam everything photos -o masks
        sam everything photos -o seen --format overlay --format sa1b
        sam everything photos -o better --checkpoint vit_b
        sam everything photos -o quick --convert-to-rle --points-per-side 16 --pred-iou-thresh 0.86
        sam everything photos -o shared --format coco --shard 0/2
        sam everything photos -o shared --format coco --shard 1/2
        sam merge shared

      Formats are described in docs/formats.md. Exit codes: 0 all done, 1 a wrong command line or nothing done, \
      3 some pictures failed.
      """)

  @Argument(
    help: "Pictures, folders, patterns or tar archives; - is a list on standard input.", completion: .file())
  var inputs: [String] = []

  @Option(
    name: .customLong("input"),
    help: ArgumentHelp("An input, as the reference's script names it.", valueName: "path"),
    completion: .file())
  var namedInputs: [String] = []

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("The folder to write to.", valueName: "folder"), completion: .directory)
  var output: String

  @Option(
    help: ArgumentHelp(
      "What is written: masks (PNG files and metadata.csv), rle, sa1b, coco, yolo, labelme, labelmap, overlay. "
        + "Repeatable, each then in a folder of its own (default: masks).",
      valueName: "format"))
  var format: [OutputFormat] = []

  @Flag(help: "The same as --format rle.")
  var convertToRle = false

  @Option(
    help: ArgumentHelp(
      "Masks in COCO's file: run lengths, or polygons where they give the same mask.",
      valueName: "rle|polygon"))
  var cocoSegmentation: COCOWriter.Segmentation = .rle

  @OptionGroup var modelOptions: ModelOptions

  @Option(
    help: ArgumentHelp(
      "vit_b, vit_l, vit_h or default: a downloaded model, where no --checkpoint is given.", valueName: "type"
    ))
  var modelType: String?

  @Option(
    help: ArgumentHelp("Accepted for the reference's command lines; always the CPU.", valueName: "name"))
  var device: String?

  @OptionGroup(title: "Generator") var generatorOptions: GeneratorOptions

  @Option(help: ArgumentHelp("Do only part i of n, counted from 0; then 'sam merge'.", valueName: "i/n"))
  var shard: Shard?

  @Flag(help: "Begin anew where the folder has masks made otherwise.")
  var overwrite = false

  @Flag(help: "Print one JSON object for each image instead of a line of text.")
  var json = false

  func validate() throws {
    guard !inputs.isEmpty || !namedInputs.isEmpty else {
      throw ValidationError("no pictures: name a file or folder")
    }
    guard (inputs + namedInputs).count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("standard input (-) can be read only once")
    }
    if output == "-" { throw ValidationError("--output -: expected a folder") }
    if convertToRle, !format.isEmpty {
      throw ValidationError("--convert-to-rle is --format rle; give one of them")
    }
    guard Set(format).count == format.count else {
      throw ValidationError("--format: a format is named twice")
    }
    if let modelType, !["default", "vit_h", "vit_l", "vit_b"].contains(modelType) {
      throw ValidationError("--model-type \(modelType): expected default, vit_h, vit_l or vit_b")
    }
    if shard != nil, overwrite {
      throw ValidationError("--overwrite would remove what other shards write; remove the folder instead")
    }
  }

  func run() throws {
    if let device, device != "cpu" { Console.note("--device \(device): there is only the CPU") }
    let pictures = try PictureInputs(try arguments(), excluding: output)
    for (_, error) in pictures.unreadable { Console.note("sam: \(error)") }
    guard !pictures.items.isEmpty else {
      if !pictures.unreadable.isEmpty { throw ExitCode.failure }
      throw CommandError.noPictures
    }
    var options = modelOptions
    if options.checkpoint == nil, let modelType {
      options.checkpoint = modelType == "default" ? "vit_h" : modelType
    }
    let model = try options.load()
    let generator = try AutomaticMaskGenerator(model, settings: try generatorOptions.settings(for: model))
    // The order in which they are named means nothing.
    let named = convertToRle ? [.rle] : format.isEmpty ? [.masks] : format
    let formats = OutputFormat.allCases.filter(named.contains)
    var run = try EverythingRun(
      generator: generator, inputs: pictures,
      files: RunFiles(output: output, formats: formats, shard: shard), segmentation: cocoSegmentation,
      printsJSON: json)
    try run.prepare(overwrite: overwrite)
    try run.run()
  }

  /// The inputs with those listed on standard input.
  private func arguments() throws -> [String] {
    try (inputs + namedInputs).flatMap { argument -> [String] in
      guard argument == "-" else { return [argument] }
      let text = String(decoding: try Console.readAll(limit: 1 << 30), as: UTF8.self)
      return text.split(whereSeparator: \.isNewline).map(String.init)
    }
  }
}
