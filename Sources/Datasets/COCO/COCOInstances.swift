internal import Files
internal import Imaging

/// All objects of a file of annotations in COCO's form, for scoring: pictures are not needed.
///
/// ``COCODataset`` reads the same files image by image.
public struct COCOInstances: Sendable {
  /// A category.
  public struct Category: Sendable, Equatable {
    /// Its number.
    public var id: Int
    /// Its name; empty where the file has none.
    public var name: String
    /// How often LVIS's training images have it; nil where the file does not say.
    public var frequency: Frequency?

    /// A category.
    public init(id: Int, name: String, frequency: Frequency? = nil) {
      (self.id, self.name, self.frequency) = (id, name, frequency)
    }
  }

  /// LVIS's groups of categories, by the number of training images.
  public enum Frequency: String, Sendable, CaseIterable {
    /// In at most 10.
    case rare = "r"
    /// In at most 100.
    case common = "c"
    /// In more.
    case frequent = "f"
  }

  /// An image.
  public struct Picture: Sendable, Equatable {
    /// Its number.
    public var id: Int
    /// Its size in pixels; 0 where the file does not say.
    public var width: Int, height: Int
    /// The picture's file, as the file of annotations names it; nil where it does not.
    public var fileName: String?
    /// Categories that are known not to be in it (LVIS's `neg_category_ids`).
    public var absentCategories: [Int] = []
    /// Categories of which not all objects are marked (LVIS's `not_exhaustive_category_ids`).
    public var partialCategories: [Int] = []

    /// An image.
    public init(id: Int, width: Int, height: Int, fileName: String? = nil) {
      (self.id, self.width, self.height, self.fileName) = (id, width, height, fileName)
    }
  }

  /// The images by their numbers, ascending.
  public let pictures: [Picture]
  /// The categories by their numbers, ascending.
  public let categories: [Category]
  /// The objects in the file's order.
  public let instances: [COCOInstance]

  /// What is there.
  public init(pictures: [Picture], categories: [Category], instances: [COCOInstance]) {
    self.pictures = pictures.sorted { $0.id < $1.id }
    self.categories = categories.sorted { $0.id < $1.id }
    self.instances = instances
  }

  /// Reads a file of annotations.
  ///
  /// - Parameters:
  ///   - path: of the JSON file.
  ///   - masks: whether the masks are wanted; each object must have one then.
  /// - Throws: ``DatasetError`` that names the annotation.
  public init(annotations path: String, masks: Bool) throws(DatasetError) {
    var pictures: [Picture] = []
    var categories: [Category] = []
    var stored: [StoredInstance] = []
    var lists = Set(["images", "annotations"])
    try DatasetPath.scan(path) { (scanner) throws(JSONScanner.Failure) in
      try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
        lists.remove(key)
        switch key {
        case "images":
          try scanner.array { (scanner) throws(JSONScanner.Failure) in
            let image = try StoredImage(&scanner)
            guard let id = image.id else { throw scanner.failure("an image without an id") }
            var picture = Picture(
              id: id, width: image.width ?? 0, height: image.height ?? 0, fileName: image.fileName)
            picture.absentCategories = image.absentCategories
            picture.partialCategories = image.partialCategories
            pictures.append(picture)
          }
        case "annotations":
          try scanner.array { (scanner) throws(JSONScanner.Failure) in
            stored.append(try StoredInstance(&scanner))
          }
        case "categories":
          try scanner.array { (scanner) throws(JSONScanner.Failure) in
            categories.append(try Category(&scanner))
          }
        default: try scanner.skipValue()
        }
      }
    }
    if let absent = lists.min() { throw .record(path: path, annotation: nil, .missing(absent)) }
    let sizes = try COCOInstances.sizes(of: pictures, path: path)
    var numbers = Set<Int>()
    for category in categories where !numbers.insert(category.id).inserted {
      throw .record(path: path, annotation: nil, .duplicate("category \(category.id)"))
    }
    var instances: [COCOInstance] = []
    instances.reserveCapacity(stored.count)
    var ids = Set<Int>(minimumCapacity: stored.count)
    for (position, annotation) in stored.enumerated() {
      do throws(RecordProblem) {
        let instance = try annotation.truth(number: position + 1, sizes: sizes, masks: masks)
        guard ids.insert(instance.id).inserted else { throw .duplicate("annotation \(instance.id)") }
        instances.append(instance)
      } catch {
        throw .record(path: path, annotation: position, error)
      }
    }
    self.init(pictures: pictures, categories: categories, instances: instances)
  }

  /// The objects of some images, by their numbers.
  public func limited(to images: Set<Int>) -> COCOInstances {
    COCOInstances(
      pictures: pictures.filter { images.contains($0.id) }, categories: categories,
      instances: instances.filter { images.contains($0.image) })
  }

  /// Reads what a detector found: COCO's form of results, a list.
  ///
  /// - Parameters:
  ///   - path: of the JSON file.
  ///   - masks: whether the masks are wanted; each result must have one then.
  /// - Returns: the results in the file's order, numbered from 1.
  /// - Throws: ``DatasetError`` that names the result; also for one of an image that is not listed here.
  public func results(contentsOfFile path: String, masks: Bool) throws(DatasetError) -> [COCOInstance] {
    let sizes = try COCOInstances.sizes(of: pictures, path: path)
    var results: [COCOInstance] = []
    var problem: DatasetError?
    try DatasetPath.scan(path) { (scanner) throws(JSONScanner.Failure) in
      try scanner.array { (scanner) throws(JSONScanner.Failure) in
        let stored = try StoredInstance(&scanner)
        guard problem == nil else { return }
        do throws(RecordProblem) {
          results.append(try stored.result(number: results.count + 1, sizes: sizes, masks: masks))
        } catch {
          problem = .record(path: path, annotation: results.count, error)
        }
      }
    }
    if let problem { throw problem }
    return results
  }

  private static func sizes(
    of pictures: [Picture], path: String
  ) throws(DatasetError) -> [Int: (width: Int, height: Int)] {
    var sizes = [Int: (width: Int, height: Int)](minimumCapacity: pictures.count)
    for picture in pictures
    where sizes.updateValue((picture.width, picture.height), forKey: picture.id) != nil {
      throw .record(path: path, annotation: nil, .duplicate("image \(picture.id)"))
    }
    return sizes
  }
}

extension COCOInstances.Category {
  fileprivate init(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    var id: Int?
    var name = ""
    var frequency: COCOInstances.Frequency?
    try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
      switch key {
      case "id": id = try scanner.integer()
      case "name": name = try scanner.string()
      case "frequency": frequency = COCOInstances.Frequency(rawValue: try scanner.string())
      default: try scanner.skipValue()
      }
    }
    guard let id else { throw scanner.failure("a category without an id") }
    self.init(id: id, name: name, frequency: frequency)
  }
}

extension DatasetPath {
  /// Calls `body` with a scanner of a whole JSON file.
  fileprivate static func scan(
    _ path: String, _ body: (inout JSONScanner) throws(JSONScanner.Failure) -> Void
  ) throws(DatasetError) {
    let file = try map(path)
    do throws(JSONScanner.Failure) {
      try file.withBytes { (bytes) throws(JSONScanner.Failure) in
        var scanner = JSONScanner(bytes)
        try body(&scanner)
        try scanner.expectEnd()
      }
    } catch {
      throw .json(path: path, problem: error.problem, offset: error.offset)
    }
  }
}

/// An annotation or a result as it stands in the file.
private struct StoredInstance {
  private var id: Int?
  private var image: Int?
  private var category: Int?
  private var segmentation: StoredSegmentation?
  private var box: BoxXYWH?
  private var area: Double?
  private var score: Double?
  private var isCrowd = false

  init(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
      guard scanner.peek() != UInt8(ascii: "n") else { return try scanner.word("null") }
      switch key {
      case "id": id = try scanner.integer()
      case "image_id": image = try scanner.integer()
      case "category_id": category = try scanner.integer()
      case "segmentation": segmentation = try StoredSegmentation(&scanner)
      case "bbox": box = try Self.box(&scanner)
      case "area": area = try Self.number(&scanner)
      case "score": score = try Self.number(&scanner)
      case "iscrowd": isCrowd = try scanner.flag()
      default: try scanner.skipValue()
      }
    }
  }

  /// A number, or what Python writes where there is none: `NaN` and `Infinity`, which are told of with the place in the list.
  private static func number(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> Double {
    var ahead = scanner
    let isNegative = ahead.take("-")
    guard let first = ahead.peek(), first == UInt8(ascii: "N") || first == UInt8(ascii: "I") else {
      return try scanner.number()
    }
    try ahead.word(first == UInt8(ascii: "N") ? "NaN" : "Infinity")
    scanner = ahead
    return first == UInt8(ascii: "N") ? .nan : isNegative ? -.infinity : .infinity
  }

  /// A box; an empty list is none.
  private static func box(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> BoxXYWH? {
    var empty = scanner
    if empty.take("["), empty.take("]") {
      scanner = empty
      return nil
    }
    return try scanner.box(number)
  }

  func truth(
    number: Int, sizes: [Int: (width: Int, height: Int)], masks: Bool
  ) throws(RecordProblem) -> COCOInstance {
    try instance(id: id ?? number, sizes: sizes, masks: masks, ownArea: area)
  }

  func result(
    number: Int, sizes: [Int: (width: Int, height: Int)], masks: Bool
  ) throws(RecordProblem) -> COCOInstance {
    guard let score else { throw .missing("score") }
    // It has no place in an order.
    guard score.isFinite else { throw .notANumber("a score") }
    var result = try instance(id: number, sizes: sizes, masks: masks, ownArea: box?.area)
    result.score = score
    result.isCrowd = false
    return result
  }

  private func instance(
    id: Int, sizes: [Int: (width: Int, height: Int)], masks: Bool, ownArea: Double?
  ) throws(RecordProblem) -> COCOInstance {
    guard let image else { throw .missing("image_id") }
    guard let size = sizes[image] else { throw .unknownImage(id: image) }
    guard let category else { throw .missing("category_id") }
    if let box, ![box.x, box.y, box.width, box.height].allSatisfy(\.isFinite) {
      throw .notANumber("a coordinate of the box")
    }
    guard area?.isFinite != false else { throw .notANumber("an area") }
    var mask: RunLengthMask?
    if masks || box == nil || ownArea == nil {
      if let segmentation {
        mask = try decoded(segmentation, size)
      } else if masks || box == nil {
        throw .missing("segmentation")
      }
    }
    let bounds = box ?? mask.map { BoxXYWH($0.boundingBox) } ?? BoxXYWH(x: 0, y: 0, width: 0, height: 0)
    return COCOInstance(
      id: id, image: image, category: category, box: bounds, mask: masks ? mask : nil,
      area: ownArea ?? mask.map { Double($0.area) } ?? bounds.area, isCrowd: isCrowd)
  }

  /// The mask, of the image's size where the file states one.
  private func decoded(
    _ segmentation: StoredSegmentation, _ size: (width: Int, height: Int)
  ) throws(RecordProblem) -> RunLengthMask {
    var (width, height) = size
    if width == 0 || height == 0, let own = segmentation.size { (width, height) = own }
    guard width > 0, height > 0, ImageLimits.standard.allow(width: width, height: height) else {
      throw .size(width: width, height: height)
    }
    return try segmentation.mask(width: width, height: height)
  }
}
