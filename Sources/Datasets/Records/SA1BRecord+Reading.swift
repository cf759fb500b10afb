internal import Files
internal import Imaging

extension SA1BRecord {
  /// Reads a record's file.
  ///
  /// - Throws: ``DatasetError`` that names the file, and the annotation where one is to blame.
  public init(contentsOfFile path: String) throws(DatasetError) {
    let file: MappedFile
    do throws(FileError) {
      file = try MappedFile(path: path)
    } catch {
      throw .file(error)
    }
    self = try file.withBytes { (bytes) throws(DatasetError) in try SA1BRecord(parsing: bytes, name: path) }
  }

  /// Reads a record: `{"image": …, "annotations": […]}`, or as the reference's batch script writes it, the list of
  /// annotations alone.
  ///
  /// A segmentation is an object with COCO's run lengths, compressed or not, or a list of polygons. Unknown keys are
  /// passed over.
  ///
  /// - Parameter name: what errors call the bytes.
  /// - Throws: ``DatasetError``.
  public init(parsing bytes: UnsafeRawBufferPointer, name: String) throws(DatasetError) {
    var image = StoredImage()
    var annotations: [StoredAnnotation]?
    do throws(JSONScanner.Failure) {
      var scanner = JSONScanner(bytes)
      func list(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> [StoredAnnotation] {
        var list: [StoredAnnotation] = []
        try scanner.array { (scanner) throws(JSONScanner.Failure) in
          list.append(try StoredAnnotation(&scanner))
        }
        return list
      }
      if scanner.peek() == UInt8(ascii: "[") {
        annotations = try list(&scanner)
      } else {
        try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
          switch key {
          case "image": image = try StoredImage(&scanner)
          case "annotations": annotations = try list(&scanner)
          default: try scanner.skipValue()
          }
        }
      }
      try scanner.expectEnd()
    } catch {
      throw .json(path: name, problem: error.problem, offset: error.offset)
    }
    guard let annotations else { throw .record(path: name, annotation: nil, .missing("annotations")) }
    let size = annotations.lazy.compactMap { $0.segmentation?.size }.first
    guard let width = image.width ?? size?.width, let height = image.height ?? size?.height else {
      throw .record(path: name, annotation: nil, .missing("image"))
    }
    guard width > 0, height > 0, ImageLimits.standard.allow(width: width, height: height) else {
      throw .record(path: name, annotation: nil, .size(width: width, height: height))
    }
    self.init(imageID: image.id, width: width, height: height, fileName: image.fileName, annotations: [])
    self.annotations.reserveCapacity(annotations.count)
    for (index, stored) in annotations.enumerated() {
      do throws(RecordProblem) {
        self.annotations.append(try stored.annotation(width: width, height: height, position: index + 1))
      } catch {
        throw .record(path: name, annotation: index, error)
      }
    }
  }
}

/// What SA-1B and COCO say about an image itself.
struct StoredImage {
  private(set) var id: Int?
  private(set) var width: Int?
  private(set) var height: Int?
  private(set) var fileName: String?
  /// LVIS's categories that are known not to be in the image, and those of which not all objects are marked.
  private(set) var absentCategories: [Int] = [], partialCategories: [Int] = []
  /// Where LVIS says that the picture is to be had.
  private var address: String?

  init() {}

  init(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
      guard scanner.peek() != UInt8(ascii: "n") else { return try scanner.word("null") }
      switch key {
      case "image_id", "id": id = try scanner.integer()
      case "width": width = try scanner.integer()
      case "height": height = try scanner.integer()
      case "file_name": fileName = try scanner.string()
      case "coco_url": address = try scanner.string()
      case "neg_category_ids": absentCategories = try scanner.integers()
      case "not_exhaustive_category_ids": partialCategories = try scanner.integers()
      default: try scanner.skipValue()
      }
    }
    // LVIS has no file names, but addresses that end in FOLDER/FILE.
    if fileName == nil { fileName = address?.split(separator: "/").suffix(2).joined(separator: "/") }
  }
}

extension JSONScanner {
  /// A list of whole numbers.
  fileprivate mutating func integers() throws(Failure) -> [Int] {
    var integers: [Int] = []
    try array { (scanner) throws(Failure) in integers.append(try scanner.integer()) }
    return integers
  }
}
