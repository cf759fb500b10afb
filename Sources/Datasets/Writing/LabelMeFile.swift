internal import Files
internal import Imaging

/// A file of LabelMe, the annotation tool: shapes with labels, and the name of their picture.
enum LabelMeFile {
  /// The file's text. A mask is a polygon, or several with a number in common, as LabelMe groups them; holes are joined to what
  /// surrounds them.
  static func json(_ image: AnnotatedImage) -> [UInt8] {
    var shapes: [JSONText] = []
    for (index, annotation) in image.annotations.enumerated() {
      let rings = MaskPolygons(annotation.mask).withoutHoles.polygons.map(\.outer)
      for ring in rings {
        shapes.append(
          .object([
            ("label", .string(annotation.label ?? "object")),
            ("points", .array(ring.map { .array([.real($0.x), .real($0.y)]) })),
            ("group_id", rings.count > 1 ? .integer(index + 1) : .null), ("shape_type", .string("polygon")),
            ("flags", .object([])),
          ]))
      }
    }
    let document = JSONText.object([
      ("version", .string("5.0.1")), ("flags", .object([])), ("shapes", .array(shapes)),
      ("imagePath", .string(image.fileName)), ("imageData", .null), ("imageHeight", .integer(image.height)),
      ("imageWidth", .integer(image.width)),
    ])
    return Array((document.line + "\n").utf8)
  }

  /// What a file says.
  struct Content {
    var width: Int
    var height: Int
    var picture: String?
    var annotations: [Annotation]
  }

  /// Reads a file: polygons, rectangles and circles. Points and lines have no area and are passed over. Shapes of one label with one group number are one mask.
  static func read(_ bytes: UnsafeRawBufferPointer, path: String) throws(DatasetError) -> Content {
    var shapes: [Shape] = []
    var width: Int?
    var height: Int?
    var picture: String?
    do throws(JSONScanner.Failure) {
      var scanner = JSONScanner(bytes)
      try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
        guard scanner.peek() != UInt8(ascii: "n") else { return try scanner.word("null") }
        switch key {
        case "shapes":
          try scanner.array { (scanner) throws(JSONScanner.Failure) in shapes.append(try Shape(&scanner)) }
        case "imageWidth": width = try scanner.integer()
        case "imageHeight": height = try scanner.integer()
        case "imagePath": picture = try scanner.string()
        default: try scanner.skipValue()
        }
      }
      try scanner.expectEnd()
    } catch {
      throw .json(path: path, problem: error.problem, offset: error.offset)
    }
    guard let width, let height else {
      throw .record(path: path, annotation: nil, .missing("imageWidth and imageHeight"))
    }
    guard width > 0, height > 0, ImageLimits.standard.allow(width: width, height: height) else {
      throw .record(path: path, annotation: nil, .size(width: width, height: height))
    }
    return Content(
      width: width, height: height, picture: picture,
      annotations: try annotations(of: shapes, width: width, height: height, path: path))
  }

  /// Whether a file is LabelMe's and not SA-1B's: whether it lists shapes. One that cannot be read does not.
  static func hasShapes(_ path: String) -> Bool {
    guard let file = try? MappedFile(path: path) else { return false }
    var hasShapes = false
    try? file.withBytes { (bytes) throws(JSONScanner.Failure) in
      var scanner = JSONScanner(bytes)
      try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
        hasShapes = hasShapes || key == "shapes"
        try scanner.skipValue()
      }
    }
    return hasShapes
  }

  private static func annotations(
    of shapes: [Shape], width: Int, height: Int, path: String
  ) throws(DatasetError) -> [Annotation] {
    var groups: [(label: String, polygons: [Polygon])] = []
    var places: [Group: Int] = [:]
    for shape in shapes {
      guard let ring = shape.ring else { continue }
      let group = shape.group.map { Group(label: shape.label, number: $0) }
      if let group, let place = places[group] {
        groups[place].polygons.append(Polygon(outer: ring))
      } else {
        if let group { places[group] = groups.count }
        groups.append((shape.label, [Polygon(outer: ring)]))
      }
    }
    var annotations: [Annotation] = []
    for (index, group) in groups.enumerated() {
      do throws(PolygonError) {
        let polygons = try MaskPolygons(width: width, height: height, polygons: group.polygons)
        annotations.append(
          Annotation(id: index + 1, mask: RunLengthMask(polygons.mask), label: group.label))
      } catch {
        throw .record(path: path, annotation: index, .polygon(error))
      }
    }
    return annotations
  }

  /// What shapes of one mask have in common.
  private struct Group: Hashable {
    let label: String
    let number: Int
  }

  private struct Shape {
    var label = ""
    var group: Int?
    private var kind = "polygon"
    private var points: [Point] = []

    init(_ scanner: inout JSONScanner) throws(JSONScanner.Failure) {
      try scanner.object { (scanner, key) throws(JSONScanner.Failure) in
        guard scanner.peek() != UInt8(ascii: "n") else { return try scanner.word("null") }
        switch key {
        case "label": label = try scanner.string()
        case "group_id": group = try scanner.integer()
        case "shape_type": kind = try scanner.string()
        case "points": points = try scanner.points()
        default: try scanner.skipValue()
        }
      }
    }

    /// The shape's outline; nil for what has no area.
    var ring: [Point]? {
      switch kind {
      case "polygon" where points.count >= 3: return points
      case "rectangle" where points.count == 2:
        let (a, b) = (points[0], points[1])
        return [a, Point(x: b.x, y: a.y), b, Point(x: a.x, y: b.y)]
      case "rectangle" where points.count == 4: return points
      case "circle" where points.count == 2: return Self.circle(points[0], through: points[1])
      default: return nil
      }
    }

    /// Corners closer together than a pixel's diagonal, for circles of any sensible size.
    private static func circle(_ centre: Point, through rim: Point) -> [Point] {
      let (x, y) = (rim.x - centre.x, rim.y - centre.y)
      // A quarter turn by halving angles: each step adds the middle of two neighbouring directions.
      var directions = [Point(x: 1, y: 0), Point(x: 0, y: 1), Point(x: -1, y: 0), Point(x: 0, y: -1)]
      for _ in 0..<7 {
        directions = directions.indices.flatMap { index -> [Point] in
          let (a, b) = (directions[index], directions[(index + 1) % directions.count])
          let length = ((a.x + b.x) * (a.x + b.x) + (a.y + b.y) * (a.y + b.y)).squareRoot()
          return [a, Point(x: (a.x + b.x) / length, y: (a.y + b.y) / length)]
        }
      }
      let radius = (x * x + y * y).squareRoot()
      return directions.map { Point(x: centre.x + radius * $0.x, y: centre.y + radius * $0.y) }
    }
  }
}
