/// One connected part of a mask as outlines: an outer ring and the rings of the holes in it.
///
/// Rings are closed without repeating their first point. Coordinates are positions in the image's plane, where
/// the corners of pixels are whole numbers. Seen on the screen, outer rings run clockwise and holes anticlockwise.
public struct Polygon: Sendable, Hashable {
  /// The outer ring.
  public var outer: [Point]
  /// The rings of the holes.
  public var holes: [[Point]]

  /// A polygon of given rings.
  public init(outer: [Point], holes: [[Point]] = []) {
    self.outer = outer
    self.holes = holes
  }

  /// The outer ring and the holes' rings.
  public var rings: [[Point]] { [outer] + holes }
}

/// A mask as polygons, one for each connected part.
///
/// ```swift
/// let outlines = MaskPolygons(mask)
/// outlines.mask == mask                       // true: outlines follow the pixels' edges exactly
/// outlines.simplified(tolerance: 1)           // fewer points, at most a pixel off
/// outlines.withoutHoles                       // for formats that know only simple rings
/// ```
public struct MaskPolygons: Sendable, Hashable {
  /// Pixels in a row of the mask.
  public let width: Int
  /// Rows of the mask.
  public let height: Int
  /// The parts, in the order in which they are met row by row.
  public internal(set) var polygons: [Polygon]

  /// Polygons of given rings.
  ///
  /// - Throws: ``PolygonError`` for a size that no mask has, or a point that is not near the image.
  public init(width: Int, height: Int, polygons: [Polygon]) throws(PolygonError) {
    guard width > 0, height > 0, ImageLimits.standard.allow(width: width, height: height) else {
      throw .invalidSize(width: width, height: height)
    }
    for ring in polygons.flatMap(\.rings) {
      for point in ring { try PolygonError.check(point.x, point.y) }
    }
    self.init(trusted: polygons, width: width, height: height)
  }

  init(trusted polygons: [Polygon], width: Int, height: Int) {
    self.width = width
    self.height = height
    self.polygons = polygons
  }

  /// Each ring as COCO writes it: x and y of one point after the other. Holes are lost unless
  /// ``withoutHoles`` has opened them.
  public var flatOuterRings: [[Double]] {
    polygons.map { $0.outer.flatMap { [$0.x, $0.y] } }
  }
}

/// What is wrong with a polygon.
public enum PolygonError: Error, Sendable, Equatable {
  /// A width or height that no mask has.
  case invalidSize(width: Int, height: Int)
  /// A coordinate that is not a number, or further from the image than any image is wide.
  case coordinate(Double)
  /// A flat list that is no list of pairs.
  case oddCount(Int)

  /// How far from the origin a coordinate may be.
  static let reach = Double(1 << 20)

  static func check(_ coordinates: Double...) throws(PolygonError) {
    for value in coordinates where !(abs(value) <= reach) { throw .coordinate(value) }
  }
}

extension PolygonError: CustomStringConvertible {
  /// One line.
  public var description: String {
    switch self {
    case .invalidSize(let width, let height): "a mask cannot be \(width) x \(height) pixels"
    case .coordinate(let value): "a polygon cannot have the coordinate \(value)"
    case .oddCount(let count): "a polygon's list holds pairs of x and y, not \(count) numbers"
    }
  }
}
