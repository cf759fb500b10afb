internal import Files
internal import Imaging

/// An annotation as SA-1B and COCO write it, before its image's size is known.
struct StoredAnnotation {
  private(set) var id: Int?
  private(set) var imageID: Int?
  private(set) var segmentation: StoredSegmentation?
  private var area: Double?
  private var box: BoxXYWH?
  private var predictedIoU: Double?
  private var stabilityScore: Double?
  private var points: [Point] = []
  private var cropBox: BoxXYWH?
  private var category: Int?
  private var isCrowd = false

  /// Reads the object that comes next; unknown keys are passed over.
  init(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
      // What is unknown may be written as null.
      guard scanner.peek() != UInt8(ascii: "n") else { return try scanner.word("null") }
      switch key {
      case "id": id = try scanner.integer()
      case "image_id": imageID = try scanner.integer()
      case "segmentation": segmentation = try StoredSegmentation(&scanner)
      case "area": area = try scanner.number()
      case "bbox": box = try scanner.box()
      case "predicted_iou": predictedIoU = try scanner.number()
      case "stability_score": stabilityScore = try scanner.number()
      case "point_coords": points = try scanner.points()
      case "crop_box": cropBox = try scanner.box()
      case "category_id": category = try scanner.integer()
      case "iscrowd": isCrowd = try scanner.flag()
      default: try scanner.skipValue()
      }
    }
  }

  /// The annotation with its mask.
  ///
  /// - Parameters:
  ///   - position: the number it gets where the file has none.
  ///   - labels: names of categories by number.
  func annotation(
    width: Int, height: Int, position: Int, labels: [Int: String] = [:]
  ) throws(RecordProblem) -> Annotation {
    guard let segmentation else { throw .missing("segmentation") }
    var rings: [[Double]]?
    if case .rings(let stored) = segmentation { rings = stored }
    return Annotation(
      id: id ?? position, mask: try segmentation.mask(width: width, height: height), area: area, box: box,
      predictedIoU: predictedIoU, stabilityScore: stabilityScore, points: points, cropBox: cropBox,
      category: category, label: category.flatMap { labels[$0] }, isCrowd: isCrowd, rings: rings)
  }
}

extension JSONScanner {
  /// A whole number, which may be negative or written with a point.
  mutating func integer() throws(Failure) -> Int {
    let value = try number()
    guard let whole = Int(exactly: value) else { throw failure("expected a whole number") }
    return whole
  }

  /// A truth value, or 0 or 1.
  mutating func flag() throws(Failure) -> Bool {
    switch peek() {
    case UInt8(ascii: "t"):
      try word("true")
      return true
    case UInt8(ascii: "f"):
      try word("false")
      return false
    default: return try number() != 0
    }
  }

  /// Takes a box.
  ///
  /// - Parameter number: takes one of its four numbers.
  mutating func box(
    _ number: (inout JSONScanner) throws(Failure) -> Double = { (scanner) throws(Failure) in
      try scanner.number()
    }
  ) throws(Failure) -> BoxXYWH {
    var values: [Double] = []
    try array { (scanner) throws(Failure) in
      guard values.count < 4 else { throw scanner.failure("expected [x, y, width, height]") }
      values.append(try number(&scanner))
    }
    guard values.count == 4 else { throw failure("expected [x, y, width, height]") }
    return BoxXYWH(x: values[0], y: values[1], width: values[2], height: values[3])
  }

  mutating func points() throws(Failure) -> [Point] {
    var points: [Point] = []
    try array { (scanner) throws(Failure) in
      var values: [Double] = []
      try scanner.array { (scanner) throws(Failure) in
        guard values.count < 2 else { throw scanner.failure("expected [x, y]") }
        values.append(try scanner.number())
      }
      guard values.count == 2 else { throw scanner.failure("expected [x, y]") }
      points.append(Point(x: values[0], y: values[1]))
    }
    return points
  }
}
