internal import Files

/// Puts several files of annotations in COCO's form together: what machines wrote that each had a part of the images.
///
/// Annotations and images are copied as they are, in the files' order, so that the parts of one run give the file that an
/// undivided run writes, byte for byte.
public enum COCOMerging {
  /// Writes the merged file.
  ///
  /// - Parameters:
  ///   - parts: paths of the files; their numbers of images must be different. Of none a file without images is made.
  ///   - path: of the new file.
  /// - Throws: ``DatasetError``, also where files have different categories or the same image.
  public static func merge(_ parts: [String], to path: String) throws(DatasetError) {
    var failure: DatasetError?
    do throws(FileError) {
      try AtomicFile.write(to: path) { (sink) throws(FileError) in
        do throws(DatasetError) {
          try write(parts, to: sink)
        } catch .file(let error) {
          throw error
        } catch {
          failure = error
          // Any error keeps the file from getting its name; the true one is told below.
          throw FileError.notAFile(path: path)
        }
      }
    } catch {
      throw failure ?? .file(error)
    }
  }

  private static func write(_ parts: [String], to sink: AtomicFile.Sink) throws(DatasetError) {
    var writer = try inFile { () throws(FileError) in try COCOWriter(sink) }
    var categories: [UInt8]?
    var ids: Set<Int> = []
    for part in parts {
      let pieces = try read(part)
      if let categories, pieces.categories != categories {
        throw .record(path: part, annotation: nil, .missing("the same categories as \(parts[0])"))
      }
      categories = pieces.categories
      for id in pieces.ids {
        guard ids.insert(id).inserted else {
          throw .record(path: part, annotation: nil, .duplicate("image \(id)"))
        }
      }
      for image in pieces.images { writer.add(imageLine: image) }
      try inFile { () throws(FileError) in
        try pieces.file.withBytes { (bytes) throws(FileError) in
          for range in pieces.annotations { try writer.add(annotationLine: Array(bytes[range])) }
        }
      }
    }
    try inFile { () throws(FileError) in
      if let categories { try writer.finish(categories: categories) } else { try writer.finish() }
    }
  }

  private static func inFile<Result>(_ body: () throws(FileError) -> Result) throws(DatasetError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw .file(error)
    }
  }

  /// The parts of a file: small ones as text, annotations as places.
  private struct Pieces {
    let file: MappedFile
    var categories: [UInt8] = Array("[]".utf8)
    var ids: [Int] = []
    var images: [[UInt8]] = []
    var annotations: [Range<Int>] = []
  }

  private static func read(_ path: String) throws(DatasetError) -> Pieces {
    var pieces = Pieces(file: try DatasetPath.map(path))
    do throws(JSONScanner.Failure) {
      try pieces.file.withBytes { (bytes) throws(JSONScanner.Failure) in
        func skipped(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> Range<Int> {
          _ = scanner.peek()
          let start = scanner.position
          try scanner.skipValue()
          return start..<scanner.position
        }
        var scanner = JSONScanner(bytes)
        try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
          switch key {
          case "categories": pieces.categories = Array(bytes[try skipped(&scanner)])
          case "annotations":
            try scanner.array { (scanner) throws(JSONScanner.Failure) in
              pieces.annotations.append(try skipped(&scanner))
            }
          case "images":
            try scanner.array { (scanner) throws(JSONScanner.Failure) in
              _ = scanner.peek()
              let start = scanner.position
              guard let id = try StoredImage(&scanner).id else {
                throw scanner.failure("an image without id")
              }
              pieces.ids.append(id)
              pieces.images.append(Array(bytes[start..<scanner.position]))
            }
          default: try scanner.skipValue()
          }
        }
        try scanner.expectEnd()
      }
    } catch {
      throw .json(path: path, problem: error.problem, offset: error.offset)
    }
    return pieces
  }
}
