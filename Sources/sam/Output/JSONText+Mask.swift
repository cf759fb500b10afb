import Files
import Imaging

extension JSONText {
  /// COCO's run lengths: `{"size": [height, width], "counts": "…"}`.
  static func segmentation(_ mask: Mask) -> JSONText {
    .object([
      ("size", .array([.integer(mask.height), .integer(mask.width)])),
      ("counts", .string(RunLengthMask(mask).compressed)),
    ])
  }

  /// A mask's outlines: COCO's flat rings, in which holes are opened by bridges of no width, and the same areas with
  /// holes of their own.
  static func polygons(_ mask: Mask) -> JSONText {
    func ring(_ points: [Point]) -> JSONText {
      .array(points.map { .array([coordinate($0.x), coordinate($0.y)]) })
    }
    let outlines = MaskPolygons(mask)
    return .object([
      ("size", .array([.integer(mask.height), .integer(mask.width)])),
      ("segmentation", .array(outlines.withoutHoles.flatOuterRings.map { .array($0.map(coordinate)) })),
      (
        "polygons",
        .array(
          outlines.polygons.map {
            .object([("outer", ring($0.outer)), ("holes", .array($0.holes.map(ring)))])
          })
      ),
    ])
  }

  private static func coordinate(_ value: Double) -> JSONText { .number(value, decimals: 2) }
}
