internal import Dispatch
internal import Files
internal import Imaging

extension OutputFormat {
  /// Writes an image's files, each whole or not there, the one of ``lastFile(of:)`` last. Bytes depend on the arguments only.
  ///
  /// - Parameters:
  ///   - image: its name must be a relative path without `..`.
  ///   - folder: to write to; it and those that the name asks for are made.
  /// - Throws: ``DatasetError``. ``coco`` writes nothing here; see ``COCOWriter``.
  public func write(_ image: AnnotatedImage, to folder: String) throws(DatasetError) {
    guard let last = lastFile(of: image.name) else { return }
    try DatasetPath.checkIsInside(image.name)
    let path = DatasetPath.join(folder, last)
    do throws(FileError) {
      try Folder.make(String(DatasetPath.folder(path).dropLast()))
    } catch {
      throw .file(error)
    }
    let bytes: [UInt8]
    switch self {
    case .masks:
      try writeMasks(of: image, to: DatasetPath.folder(path))
      bytes = Array(MaskMetadata.text(image.annotations).utf8)
    case .rle: bytes = image.record.annotationsJSON
    case .sa1b: bytes = image.record.json
    case .yolo: bytes = Array(YOLOText.text(image).utf8)
    case .labelme: bytes = LabelMeFile.json(image)
    case .labelmap: bytes = try image.labelMap(path: path)
    case .overlay: bytes = try image.overlay(path: path)
    case .coco: return
    }
    do throws(FileError) {
      try AtomicFile.write(bytes, to: path)
    } catch {
      throw .file(error)
    }
  }

  /// Compresses and writes one file for each mask, several at a time.
  private func writeMasks(of image: AnnotatedImage, to folder: String) throws(DatasetError) {
    let failures = Failures()
    @Sendable func write(_ index: Int) {
      do throws(ImageError) {
        try image.annotations[index].mask.mask.write(to: folder + "\(index).png")
      } catch {
        failures.add(error, at: index)
      }
    }
    // Of very large images one mask at a time is memory enough.
    if image.width * image.height > 1 << 26 {
      for index in image.annotations.indices where failures.first == nil { write(index) }
    } else {
      DispatchQueue.concurrentPerform(iterations: image.annotations.count, execute: write)
    }
    if let first = failures.first { throw DatasetError(writing: first) }
  }
}

/// The failure of the first of several tasks that run at the same time.
private final class Failures: @unchecked Sendable {
  private let queue = DispatchQueue(label: "failures")
  private var found: [(index: Int, error: ImageError)] = []

  func add(_ error: ImageError, at index: Int) { queue.sync { found.append((index, error)) } }

  var first: ImageError? { queue.sync { found.min { $0.index < $1.index }?.error } }
}

extension DatasetError {
  /// An error of writing a picture; one of the file system is told apart, since a full disk concerns all that follows.
  init(writing error: ImageError) {
    if case .file(let error) = error { self = .file(error) } else { self = .image(error) }
  }
}

extension AnnotatedImage {
  /// The masks as SA-1B has them.
  public var record: SA1BRecord {
    SA1BRecord(imageID: imageID, width: width, height: height, fileName: fileName, annotations: annotations)
  }

  fileprivate func labelMap(path: String) throws(DatasetError) -> [UInt8] {
    let order = paintingOrder
    let map: LabelMap
    do throws(RunLengthError) {
      map = try LabelMap(
        order.map { annotations[$0].mask }, labels: order.map { UInt32($0 + 1) }, width: width, height: height
      )
    } catch {
      throw .record(path: path, annotation: nil, .runs(error))
    }
    do throws(ImageError) {
      return try map.encodedPNG()
    } catch {
      throw .cannotHold(path: path, format: "PNG", problem: "more than 65535 masks")
    }
  }

  fileprivate func overlay(path: String) throws(DatasetError) -> [UInt8] {
    guard let image else { throw .cannotHold(path: path, format: "an overlay", problem: "no picture") }
    var overlay = Overlay(image)
    do throws(ImageError) {
      // Colours follow the masks' numbers, whatever order they are painted in.
      for index in paintingOrder { try overlay.add(annotations[index].mask.mask, color: .distinct(index)) }
      return try overlay.image.encoded(as: .jpeg)
    } catch {
      throw .image(error)
    }
  }
}
