import Datasets
import Files
import Imaging

/// A dataset on its way into another form, sample by sample.
struct Conversion {
  let source: any DatasetSource
  let format: OutputFormat
  let segmentation: COCOWriter.Segmentation

  /// How many images and masks have been written, and how many images were passed over.
  private(set) var images = 0
  private(set) var masks = 0
  private(set) var failed = 0

  private var categories: CategoryTable
  private var lastNumber = 0
  private var imageNumbers: Set<Int> = []

  init(source: any DatasetSource, format: OutputFormat, segmentation: COCOWriter.Segmentation) {
    self.source = source
    self.format = format
    self.segmentation = segmentation
    categories = CategoryTable(source.categories)
  }

  /// Writes a file or several for each image.
  mutating func writeFolder(_ folder: String, withPictures: Bool) throws {
    try Folder.make(folder)
    let format = format
    try forEachImage(withPictures: withPictures) { image, picture in
      try format.write(image, to: folder)
      guard withPictures else { return }
      let path = Path.join(folder, Path.join(Path.folder(image.name), image.fileName))
      try Folder.make(Path.folder(path))
      try AtomicFile.write(picture, to: path)
    }
    if format == .yolo {
      let names = categories.rankedNames.map { $0 + "\n" }.joined()
      try AtomicFile.write(Array(names.utf8), to: Path.join(folder, "classes.txt"))
    }
  }

  /// Writes one file for all images.
  mutating func writeCOCO(to path: String) throws {
    try atomically(path) { conversion, sink in
      var coco = try COCOWriter(sink)
      let segmentation = conversion.segmentation
      try conversion.forEachImage { image, _ in
        try coco.add(
          image.annotations, ofImage: image.imageID, width: image.width, height: image.height,
          fileName: Path.join(Path.folder(image.name), image.fileName), as: segmentation)
      }
      let names = conversion.categories.names
      try coco.finish(categories: names.isEmpty ? [1: "object"] : names)
    }
  }

  /// Writes one archive of pictures and records.
  mutating func writeArchive(to path: String) throws {
    try atomically(path) { conversion, sink in
      let tar = TarWriter(sink)
      try conversion.forEachImage(withPictures: true) { image, picture in
        try tar.add(Path.join(Path.folder(image.name), image.fileName), picture)
        try tar.add(image.name + ".json", image.record.json)
      }
      try tar.finish()
    }
  }

  /// Calls `body` for each sample; one that cannot be read is told of and passed over, one that cannot be written ends all.
  private mutating func forEachImage(
    withPictures: Bool = false, _ body: (_ image: AnnotatedImage, _ picture: [UInt8]) throws -> Void
  ) throws {
    var progress = ProgressLine("convert", unit: .images)
    defer { progress.clear() }
    for index in 0..<source.count {
      do {
        let sample = try source.sample(at: index)
        var image = try annotated(sample, at: index)
        if format == .overlay { image.image = try sample.image() }
        let picture = withPictures ? try sample.picture.bytes() : []
        do {
          try body(image, picture)
        } catch DatasetError.file(let error) {
          throw error
        }
        images += 1
        masks += image.annotations.count
      } catch let error as DatasetError {
        progress.clear()
        Console.note("sam: \(error)")
        failed += 1
      }
      progress.update(index + 1, of: source.count)
    }
  }

  /// The sample with numbers that are unique in the whole dataset.
  private mutating func annotated(_ sample: DatasetSample, at index: Int) throws(DatasetError)
    -> AnnotatedImage
  {
    var image = AnnotatedImage(
      name: sample.name, fileName: sample.picture.fileName, imageID: sample.imageID ?? index + 1,
      width: sample.width, height: sample.height, annotations: sample.annotations)
    guard imageNumbers.insert(image.imageID).inserted else {
      throw .record(path: sample.picture.path, annotation: nil, .duplicate("image \(image.imageID)"))
    }
    for position in image.annotations.indices {
      categories.complete(&image.annotations[position], withoutGaps: format == .yolo)
      // Sources without numbers of images count the masks of each from 1.
      lastNumber += 1
      if sample.imageID == nil { image.annotations[position].id = lastNumber }
    }
    return image
  }

  /// ``Files/AtomicFile`` with errors of any kind, all of which keep the file from getting its name.
  private mutating func atomically(
    _ path: String, _ body: (inout Conversion, AtomicFile.Sink) throws -> Void
  ) throws {
    var failure: (any Error)?
    do {
      try AtomicFile.write(to: path) { (sink) throws(FileError) in
        do {
          try body(&self, sink)
        } catch let error as FileError {
          throw error
        } catch {
          failure = error
          throw FileError.notAFile(path: path)
        }
      }
    } catch {
      throw failure ?? error
    }
  }
}
