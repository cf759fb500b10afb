internal import Files
internal import Imaging

/// A file of annotations in COCO's form (also LVIS's), and the folder of its pictures.
///
/// The file is mapped and read once to find where each image's annotations are; they are parsed when a sample is asked for. A
/// file of a gigabyte needs a few dozen bytes of memory for each annotation.
public struct COCODataset: DatasetSource {
  private struct ListedImage: Sendable {
    var id: Int
    var width: Int
    var height: Int
    var fileName: String
  }

  /// What the dataset is called.
  public let name: String
  /// Names of categories by their numbers.
  public let categories: [Int: String]
  private let path: String
  private let folder: String
  private let file: MappedFile
  private let images: [ListedImage]
  /// Annotations of image i are at `places[starts[i]..<starts[i + 1]]`: where their objects begin in the file, and which
  /// they are in its list.
  private let starts: [Int]
  private let places: [(offset: Int, position: Int)]

  /// How many samples there are.
  public var count: Int { images.count }

  /// Reads a file of annotations.
  ///
  /// - Parameters:
  ///   - path: of the JSON file.
  ///   - folder: where the pictures are; their `file_name` is relative to it. By default the folder of the JSON file.
  ///   - name: by default the JSON file's name without extension.
  /// - Throws: ``DatasetError``.
  public init(annotations path: String, images folder: String? = nil, name: String? = nil)
    throws(DatasetError)
  {
    let file = try DatasetPath.map(path)
    var index = FileIndex()
    do throws(JSONScanner.Failure) {
      try file.withBytes { (bytes) throws(JSONScanner.Failure) in
        var scanner = JSONScanner(bytes)
        try index.read(&scanner)
      }
    } catch {
      throw .json(path: path, problem: error.problem, offset: error.offset)
    }

    var images: [ListedImage] = []
    var numbers: [Int: Int] = [:]
    for stored in index.images {
      guard let id = stored.id else { throw .record(path: path, annotation: nil, .missing("id")) }
      guard let width = stored.width, let height = stored.height else {
        throw .record(path: path, annotation: nil, .missing("width and height of image \(id)"))
      }
      guard width > 0, height > 0, ImageLimits.standard.allow(width: width, height: height) else {
        throw .record(path: path, annotation: nil, .size(width: width, height: height))
      }
      guard let fileName = stored.fileName else {
        throw .record(path: path, annotation: nil, .missing("file_name of image \(id)"))
      }
      guard numbers.updateValue(images.count, forKey: id) == nil else {
        throw .record(path: path, annotation: nil, .duplicate("image \(id)"))
      }
      images.append(ListedImage(id: id, width: width, height: height, fileName: fileName))
    }
    guard !images.isEmpty else { throw .noSamples(path: path, expected: "images") }

    var starts = [Int](repeating: 0, count: images.count + 1)
    var owners: [Int] = []
    owners.reserveCapacity(index.annotations.count)
    for (position, annotation) in index.annotations.enumerated() {
      guard let image = annotation.image else {
        throw .record(path: path, annotation: position, .missing("image_id"))
      }
      guard let owner = numbers[image] else {
        throw .record(path: path, annotation: position, .unknownImage(id: image))
      }
      owners.append(owner)
      starts[owner + 1] += 1
    }
    for image in images.indices { starts[image + 1] += starts[image] }
    var next = starts
    var places = [(offset: Int, position: Int)](repeating: (0, 0), count: owners.count)
    for (position, owner) in owners.enumerated() {
      places[next[owner]] = (index.annotations[position].offset, position)
      next[owner] += 1
    }

    self.name = name ?? String(DatasetPath.lastComponent(DatasetPath.withoutExtension(path)))
    self.path = path
    self.folder = folder ?? DatasetPath.folder(path)
    self.file = file
    self.images = images
    self.starts = starts
    self.places = places
    categories = index.categories
  }

  /// The sample at an index; see ``DatasetSource/sample(at:)``.
  public func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    try check(index)
    let image = images[index]
    var annotations: [Annotation] = []
    for place in places[starts[index]..<starts[index + 1]] {
      let stored: StoredAnnotation
      do throws(JSONScanner.Failure) {
        stored = try file.withBytes { (bytes) throws(JSONScanner.Failure) in
          var scanner = JSONScanner(bytes, at: place.offset)
          return try StoredAnnotation(&scanner)
        }
      } catch {
        throw .json(path: path, problem: error.problem, offset: error.offset)
      }
      do throws(RecordProblem) {
        annotations.append(
          try stored.annotation(
            width: image.width, height: image.height, position: place.position + 1, labels: categories))
      } catch {
        throw .record(path: path, annotation: place.position, error)
      }
    }
    return DatasetSample(
      name: DatasetPath.withoutExtension(image.fileName), imageID: image.id, width: image.width,
      height: image.height, annotations: annotations,
      picture: .file(path: DatasetPath.join(folder, image.fileName)))
  }
}

/// What one pass over the file keeps of it.
private struct FileIndex {
  var images: [StoredImage] = []
  var annotations: [(image: Int?, offset: Int)] = []
  var categories: [Int: String] = [:]

  mutating func read(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
      switch key {
      case "images":
        try scanner.array { (scanner) throws(JSONScanner.Failure) in images.append(try StoredImage(&scanner))
        }
      case "annotations":
        try scanner.array { (scanner) throws(JSONScanner.Failure) in
          _ = scanner.peek()
          let offset = scanner.position
          var image: Int?
          try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
            if key == "image_id" { image = try scanner.integer() } else { try scanner.skipValue() }
          }
          annotations.append((image, offset))
        }
      case "categories":
        try scanner.array { (scanner) throws(JSONScanner.Failure) in
          var id: Int?
          var name: String?
          try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
            switch key {
            case "id": id = try scanner.integer()
            case "name": name = try scanner.string()
            default: try scanner.skipValue()
            }
          }
          if let id, let name { categories[id] = name }
        }
      default:
        try scanner.skipValue()
      }
    }
    try scanner.expectEnd()
  }
}
