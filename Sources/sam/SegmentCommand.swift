import ArgumentParser
import Files
import Imaging
import SegmentAnything

/// `sam segment`: masks for prompts on one image, or on many.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment",
    abstract: "Segment what points, boxes or masks on an image mean.",
    discussion: """
      Coordinates are pixels of the image as it is shown, after EXIF rotation, from the top left corner. All points \
      belong to one prompt; of several boxes each makes a prompt of its own, and the points apply to all of them. \
      Each prompt gives one mask: for a single point the most trusted of three candidates.

      Examples:
        sam segment photo.jpg --point 300,180 -o mask.png
        sam segment photo.jpg --point 300,180 --point 40,40,0 -o mask.png
        sam segment photo.jpg --box 172,14,404,275 --format cutout -o cup.png
        sam segment photo.jpg --box 172,14,404,275 --json --overlay seen.jpg
        sam segment photo.jpg --point 300,180 --multimask -o mask.png
        sam segment photo.jpg --point 300,180 --checkpoint vit_b -o mask.png
        sam segment photo.jpg --mask rough.png -o better.png
        sam segment --embedding photo.embedding --point 300,180 -o mask.png
        sam segment --prompts many.json -o masks --overlay seen
        cat photo.jpg | sam segment - --point 90,120 -o - > mask.png

      Files of prompts and of masks are described in docs/formats.md.
      """)

  @Argument(
    help:
      "The image: JPEG, PNG, WebP or TIFF; - is standard input. Not needed with --embedding or --prompts.",
    completion: .file())
  var image: String?

  @OptionGroup var modelOptions: ModelOptions

  @Option(
    help: ArgumentHelp(
      "An embedding made by 'sam embed' with the same model, instead of encoding the image.",
      valueName: "file"),
    completion: .file())
  var embedding: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A point on the object, or with label 0 on what is not meant. Repeatable.", valueName: "x,y[,label]"),
    transform: PointPrompt.parsing)
  var point: [PointPrompt] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A box around the object. Repeatable, a mask for each.", valueName: "x0,y0,x1,y1"),
    transform: Box.parsing)
  var box: [Box] = []

  @Option(
    help: ArgumentHelp(
      "A rough mask: a picture of the image's size, or logits of an earlier answer (.npy).", valueName: "file"
    ),
    completion: .file())
  var mask: String?

  @Option(
    help: ArgumentHelp("A JSON file of prompts, for the image or for many images.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var prompts: String?

  @Flag(help: "Write three masks for each prompt: whole, part and subpart where they are ambiguous.")
  var multimask = false

  @Option(help: ArgumentHelp("What masks are written as.", valueName: "format"))
  var format: MaskFormat = .png

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      "The mask's file, numbered where there are several; a folder for many images; - is standard output.",
      valueName: "out"),
    completion: .file())
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write the image with its masks painted on, candidates side by side; a folder for many images.",
      valueName: "file"),
    completion: .file())
  var overlay: String?

  @Option(
    help: ArgumentHelp("Write one picture of all overlays.", valueName: "file"), completion: .file())
  var contactSheet: String?

  @Flag(help: "Print one JSON object for each image instead of a table.")
  var json = false

  func validate() throws {
    if prompts != nil {
      guard point.isEmpty, box.isEmpty, mask == nil else {
        throw ValidationError("--prompts cannot be combined with --point, --box or --mask")
      }
    } else {
      guard !point.isEmpty || !box.isEmpty || mask != nil else {
        throw ValidationError("nothing to segment: give --point, --box, --mask or --prompts")
      }
      guard image != nil || embedding != nil else { throw ValidationError("no image and no --embedding") }
    }
    if image == nil, format == .cutout || overlay != nil || contactSheet != nil, prompts == nil {
      throw ValidationError(
        "an embedding has no picture: name the image, too, for --format cutout, --overlay and --contact-sheet"
      )
    }
    guard output != nil || overlay != nil || contactSheet != nil || json else {
      throw ValidationError("nowhere to put the masks: give --output, --overlay or --json")
    }
    guard [image, mask, prompts].count(where: { $0 == "-" }) <= 1 else {
      throw ValidationError("standard input (-) can be read only once")
    }
    if output == "-", json { throw ValidationError("--output - and --json both write to standard output") }
    if let output, let known = OutputNames.knownExtension(output), known != format.pathExtension {
      throw ValidationError(
        "--output \(output): --format \(format.rawValue) is written as .\(format.pathExtension)")
    }
    for (option, path) in [("--overlay", overlay), ("--contact-sheet", contactSheet)] {
      if path == "-" { throw ValidationError("\(option) -: only masks go to standard output") }
    }
    // Of many images --overlay is a folder.
    let overlayFile = image == nil && embedding == nil ? nil : overlay
    for (option, path) in [("--overlay", overlayFile), ("--contact-sheet", contactSheet)] {
      guard let path, [nil, .tiff].contains(ImageFormat(path: path)) else { continue }
      throw ValidationError("\(option) \(path): the name should end in .png, .jpg or .webp")
    }
  }

  func run() throws {
    let tasks = try plan()
    var watch = Stopwatch()
    let segmenter = Segmenter(
      model: try modelOptions.load(), format: format, drawsOverlays: contactSheet != nil)
    var load = watch.lap()

    var sheet = ContactSheet(columns: min(tasks.count, 4))
    var failed = 0
    var progress = ProgressLine("segment", unit: .images)
    for (index, task) in tasks.enumerated() {
      do {
        var (result, overlay) = try segmenter.run(task)
        result.times.load = load
        load = 0
        if let overlay, contactSheet != nil { sheet.add(overlay, of: task, result) }
        let report = SegmentReport(task: task, result: result, model: segmenter.model.info.name)
        progress.clear()
        try show(report, isFirst: index == 0)
      } catch let error where tasks.count > 1 && !(error is FileError) {
        // One bad image does not spoil the others; a full disk would.
        progress.clear()
        Console.note("sam: \(error)")
        failed += 1
      }
      if tasks.count > 1 { progress.update(index + 1, of: tasks.count) }
    }
    progress.clear()
    if let contactSheet, sheet.count > 0 { try sheet.image.write(to: contactSheet) }
    if failed > 0 { throw CommandError.someFailed(failed: failed, of: tasks.count) }
  }

  /// JSON and tables go to standard output, unless a mask does.
  private func show(_ report: SegmentReport, isFirst: Bool) throws {
    if json {
      try Console.print(report.json)
    } else if output == "-" {
      Console.note(report.text)
    } else {
      try Console.print((isFirst ? "" : "\n") + report.text)
    }
  }
}
