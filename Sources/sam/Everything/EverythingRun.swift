import ArgumentParser
import Datasets
import Files
import Imaging
import SegmentAnything

/// One run of everything mode over many pictures.
struct EverythingRun {
  /// Numbers of masks begin with their image's; so many fit.
  private static let masksPerImage = 1_000_000

  let generator: AutomaticMaskGenerator
  let inputs: PictureInputs
  let files: RunFiles
  let segmentation: COCOWriter.Segmentation
  let printsJSON: Bool

  /// Positions of this run's images among all.
  private var positions: Range<Int> { files.shard?.range(of: inputs.items.count) ?? 0..<inputs.items.count }
  private var failures: [(position: Int, line: String)] = []
  private var doneBefore = 0
  private var done = 0
  private var masks = 0

  init(
    generator: AutomaticMaskGenerator, inputs: PictureInputs, files: RunFiles,
    segmentation: COCOWriter.Segmentation, printsJSON: Bool
  ) throws {
    self.generator = generator
    self.inputs = inputs
    self.files = files
    self.segmentation = segmentation
    self.printsJSON = printsJSON
    // Unreadable folders come first: they have no position. One machine records them.
    guard files.shard?.index ?? 0 == 0 else { return }
    for (path, error) in inputs.unreadable { failures.append((-1, Self.line(path, error))) }
  }

  /// Makes the output folder, and sees to it that what is in it was made in the same way.
  func prepare(overwrite: Bool) throws {
    try Folder.make(files.output)
    let names = inputs.items.map(\.name)
    let manifest = RunManifest(
      model: generator.sam, settings: generator.settings, formats: files.formats, segmentation: segmentation,
      names: names)
    for item in inputs.items {
      for format in files.formats where inputs.contains(files.lastFile(of: item.name, format)) {
        throw CommandError.overInput(file: files.lastFile(of: item.name, format))
      }
    }
    if overwrite { files.forget(names) }
    if RunFiles.exists(files.manifest) {
      if let difference = try manifest.difference(from: files.manifest) {
        throw CommandError.madeOtherwise(
          folder: files.output, key: difference.key, there: difference.there, here: difference.here)
      }
      return
    }
    for name in names {
      for format in files.formats where RunFiles.exists(files.lastFile(of: name, format)) {
        throw CommandError.notMadeHere(file: files.lastFile(of: name, format), folder: files.output)
      }
    }
    try AtomicFile.write(manifest.bytes, to: files.manifest)
  }

  /// Does what is left to do, and tells the outcome by the error that it throws.
  mutating func run() throws {
    files.removeSpentParts()
    var progress = ProgressLine("everything", unit: .images)
    let begin = positions.lowerBound
    for position in positions {
      let item = inputs.items[position]
      let missing = files.formats.filter { !files.isDone(item.name, $0) }
      if missing.isEmpty {
        doneBefore += 1
      } else {
        do {
          try segment(item, at: position, missing, &progress)
        } catch let error as WriteError {
          progress.clear()
          try? writeFailures()
          Console.note("sam: \(error.error)")
          Console.note(
            "sam: stopped after \(done + doneBefore) of \(positions.count) images; run again to go on")
          throw done + doneBefore > 0 ? ExitCode(3) : ExitCode.failure
        } catch {
          let error = (error as? SAMError).map { CommandError.naming(item.path, $0) } ?? error
          progress.clear()
          Console.note("sam: \(error)")
          failures.append((position, Self.line(item.path, error)))
        }
      }
      progress.update(
        position + 1 - begin, of: positions.count, skipped: doneBefore,
        note: done > 0 ? Decimal.fixed(Double(masks) / Double(done), decimals: 1) + " masks/image" : nil)
    }
    progress.clear()
    do {
      try finish()
    } catch {
      Console.note("sam: \(error)")
      throw done + doneBefore > 0 ? ExitCode(3) : ExitCode.failure
    }
    if !failures.isEmpty {
      Console.note(
        "sam: \(failures.count) failed, \(done + doneBefore) of \(positions.count) images are done; see \(files.failures)"
      )
      throw done + doneBefore > 0 ? ExitCode(3) : ExitCode.failure
    }
  }

  /// Writing failed, which concerns all that follow: a full disk, a folder that may not be written to.
  private struct WriteError: Error {
    let error: any Error
  }

  private mutating func segment(
    _ item: PictureInputs.Item, at position: Int, _ formats: [OutputFormat], _ progress: inout ProgressLine
  ) throws {
    var watch = Stopwatch()
    var times = StepTimes()
    var annotated = AnnotatedImage(
      name: item.name, fileName: item.picture.fileName, imageID: position + 1, width: 0, height: 0,
      annotations: [])
    let found: [AutomaticMask]
    if let path = rowwisePath(item, formats) {
      let rows = try ImageRows(contentsOfFile: path)
      (annotated.width, annotated.height) = (rows.width, rows.height)
      found = try generator.masks(inFile: path)
    } else {
      let image = try item.picture.image()
      times.read = watch.lap()
      (annotated.width, annotated.height) = (image.width, image.height)
      if formats.contains(.overlay) { annotated.image = image }
      found = try generator.masks(in: image)
    }
    annotated.annotations = found.enumerated().map { index, mask in
      Annotation(mask, id: annotated.imageID * Self.masksPerImage + index + 1)
    }
    times.encode = watch.lap()
    for format in formats {
      do {
        if format == .coco {
          try writeCOCOPart(annotated)
        } else {
          try format.write(annotated, to: files.folder(of: format))
        }
      } catch DatasetError.file(let error) {
        throw WriteError(error: error)
      } catch let error as FileError {
        throw WriteError(error: error)
      }
    }
    times.write = watch.lap()
    done += 1
    masks += found.count
    progress.clear()
    try Console.print(report(item, annotated, times))
  }

  /// The file of a picture that is read row by row, since it may be larger than memory: a TIFF looked at in tiles.
  private func rowwisePath(_ item: PictureInputs.Item, _ formats: [OutputFormat]) -> String? {
    guard generator.settings.tileSize != nil, !formats.contains(.overlay),
      case .file(let path) = item.picture,
      ImageFormat(path: path) == .tiff
    else { return nil }
    return path
  }

  private func writeCOCOPart(_ image: AnnotatedImage) throws {
    let path = files.cocoPart(image.name)
    try Folder.make(Path.folder(path))
    try AtomicFile.write(to: path) { (sink) throws(FileError) in
      var coco = try COCOWriter(sink)
      // The picture is found below the folder of the inputs.
      let folder = Path.folder(image.name)
      try coco.add(
        image.annotations, ofImage: image.imageID, width: image.width, height: image.height,
        fileName: Path.join(folder, image.fileName), as: segmentation)
      try coco.finish()
    }
  }

  /// Writes the files that all images share.
  private mutating func finish() throws {
    if files.formats.contains(.coco), !files.isCOCOWhole {
      let parts = positions.map { files.cocoPart(inputs.items[$0].name) }.filter(RunFiles.exists)
      try COCOMerging.merge(parts, to: files.coco)
      if failures.isEmpty { try files.removeParts() }
    }
    try writeFailures()
  }

  private func writeFailures() throws {
    guard !failures.isEmpty else { return try RunFiles.remove(files.failures) }
    let lines = failures.sorted { $0.position < $1.position }.map { $0.line + "\n" }
    try AtomicFile.write(Array(lines.joined().utf8), to: files.failures)
  }

  private static func line(_ path: String, _ error: any Error) -> String {
    JSONText.object([("image", .string(path)), ("error", .string("\(error)"))]).line
  }

  private func report(_ item: PictureInputs.Item, _ image: AnnotatedImage, _ times: StepTimes) -> String {
    guard printsJSON else {
      return "\(item.path): \(image.width) x \(image.height), \(image.annotations.count) masks, \(times.line)"
    }
    return JSONText.object([
      ("image", .string(item.path)), ("name", .string(item.name)), ("width", .integer(image.width)),
      ("height", .integer(image.height)), ("masks", .integer(image.annotations.count)),
      ("times_ms", times.json),
    ]).line
  }
}

extension Annotation {
  /// A record of the generator.
  init(_ mask: AutomaticMask, id: Int) {
    // The shortest decimal that reads back as the same number: files need no more digits.
    func double(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
    self.init(
      id: id, mask: mask.segmentation, area: Double(mask.area), box: mask.box,
      predictedIoU: double(mask.predictedIoU), stabilityScore: double(mask.stabilityScore),
      points: [mask.point], cropBox: mask.cropBox)
  }
}
