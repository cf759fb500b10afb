internal import Files
internal import Imaging

/// A mask as COCO and SA-1B write it, before the image's size is known.
enum StoredSegmentation {
  /// Compressed run lengths.
  case compressed(String, width: Int, height: Int)
  /// Plain run lengths.
  case counts([UInt32], width: Int, height: Int)
  /// Rings as lists of x and y.
  case rings([[Double]])

  /// Reads the value of a `segmentation` key.
  init(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
    if scanner.peek() == UInt8(ascii: "[") {
      self = .rings(try Self.rings(&scanner))
      return
    }
    var size: [Int]?
    var text: String?
    var counts: [UInt32]?
    try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
      switch key {
      case "size":
        var values: [Int] = []
        try scanner.array { (scanner) throws(JSONScanner.Failure) in
          guard values.count < 2 else { throw scanner.failure("expected [height, width]") }
          values.append(try scanner.size())
        }
        size = values
      case "counts" where scanner.peek() == UInt8(ascii: "\""):
        text = try scanner.string()
      case "counts":
        var values: [UInt32] = []
        try scanner.array { (scanner) throws(JSONScanner.Failure) in
          guard let count = UInt32(exactly: try scanner.size()) else {
            throw scanner.failure("a run beyond all bounds")
          }
          values.append(count)
        }
        counts = values
      default:
        try scanner.skipValue()
      }
    }
    guard let size, size.count == 2 else { throw scanner.failure("run lengths without [height, width]") }
    if let text {
      self = .compressed(text, width: size[1], height: size[0])
    } else if let counts {
      self = .counts(counts, width: size[1], height: size[0])
    } else {
      throw scanner.failure("run lengths without counts")
    }
  }

  private static func rings(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) -> [[Double]] {
    var rings: [[Double]] = []
    try scanner.array { (scanner) throws(JSONScanner.Failure) in
      var ring: [Double] = []
      try scanner.array { (scanner) throws(JSONScanner.Failure) in ring.append(try scanner.number()) }
      rings.append(ring)
    }
    return rings
  }

  /// The size that the runs themselves state; nil for rings.
  var size: (width: Int, height: Int)? {
    switch self {
    case .compressed(_, let width, let height), .counts(_, let width, let height): (width, height)
    case .rings: nil
    }
  }

  /// The mask, which must be of the image's size.
  func mask(width: Int, height: Int) throws(RecordProblem) -> RunLengthMask {
    if let size {
      guard size.width == width, size.height == height else {
        throw .maskSize(width: size.width, height: size.height, imageWidth: width, imageHeight: height)
      }
    }
    do throws(RunLengthError) {
      switch self {
      case .compressed(let text, _, _):
        return try RunLengthMask(compressed: text, width: width, height: height)
      case .counts(let counts, _, _):
        return try RunLengthMask(counts: counts, width: width, height: height)
      case .rings: break
      }
    } catch {
      throw .runs(error)
    }
    guard case .rings(let rings) = self else { throw .missing("segmentation") }
    return try Self.mask(of: rings, width: width, height: height)
  }

  /// The rings' mask as COCO's tools draw it.
  static func mask(of rings: [[Double]], width: Int, height: Int) throws(RecordProblem) -> RunLengthMask {
    // An outline along pixels' edges crosses each column at most twice for each row.
    let most = min(4 * (width * height + width + height) + (1 << 16), 1 << 26)
    var crossings = 0
    for ring in rings {
      guard ring.count >= 4 else { continue }
      var last = ring[ring.count - 2]
      for index in stride(from: 0, to: ring.count - 1, by: 2) {
        let distance = abs(ring[index] - last)
        crossings += 1 + (distance < Double(width) ? Int(distance) : width)
        last = ring[index]
      }
      guard crossings <= most else { throw .polygonTooComplex(crossings: crossings) }
    }
    do throws(PolygonError) {
      return try RunLengthMask(polygons: rings, width: width, height: height)
    } catch {
      throw .polygon(error)
    }
  }
}
