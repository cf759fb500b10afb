import Datasets
import Files
import Imaging
import SegmentAnything

/// `everything.json`: how a run's masks were made, so that a run that goes on makes the others in the same way.
struct RunManifest {
  private let fields: [(key: String, value: JSONText)]

  /// - Parameter names: of all images of the run in their order; kept where files state their positions.
  init(
    model: SAM, settings: AutomaticMaskGenerator.Settings, formats: [OutputFormat],
    segmentation: COCOWriter.Segmentation, names: [String]
  ) {
    func real(_ value: Float) -> JSONText { .real(Double("\(value)") ?? Double(value)) }
    var fields: [(key: String, value: JSONText)] = [
      ("model", .string(model.info.fingerprint.description)),
      ("image_size", .integer(model.configuration.imageSize)),
      ("precision", .string(model.precision.rawValue)), ("points_per_side", .integer(settings.pointsPerSide)),
      ("pred_iou_thresh", real(settings.predictedIoUThreshold)),
      ("stability_score_thresh", real(settings.stabilityScoreThreshold)),
      ("stability_score_offset", real(settings.stabilityScoreOffset)),
      ("box_nms_thresh", .real(settings.boxNMSThreshold)), ("crop_n_layers", .integer(settings.cropLayers)),
      ("crop_nms_thresh", .real(settings.cropNMSThreshold)),
      ("crop_overlap_ratio", .real(settings.cropOverlapRatio)),
      ("crop_n_points_downscale_factor", .integer(settings.cropPointsDownscaleFactor)),
      ("crop_edge_tolerance", .real(settings.cropEdgeTolerance)),
      ("min_mask_region_area", .integer(settings.minimumRegionArea)),
      ("drops_masks_of_small_regions", .bool(settings.dropsMasksOfSmallRegions)),
      ("max_area_share", .optional(settings.largestAreaFraction, JSONText.real)),
      (
        "point_grid",
        .optional(settings.pointGrids) { grids in
          .array(grids.map { grid in .array(grid.map { .array([.real($0.x), .real($0.y)]) }) })
        }
      ),
      (
        "region",
        .optional(settings.regionOfInterest) { box in
          .array([box.x, box.y, box.width, box.height].map(JSONText.integer))
        }
      ),
      ("tile", .optional(settings.tileSize, JSONText.integer)),
      ("tile_overlap", .optional(settings.tileOverlap, JSONText.integer)),
      ("formats", .array(formats.map { .string($0.rawValue) })),
    ]
    if formats.contains(.coco) { fields.append(("coco_segmentation", .string(segmentation.rawValue))) }
    if formats.contains(where: \.statesNumbers) {
      var digest = SHA256()
      for name in names { Array((name + "\n").utf8).withUnsafeBytes { digest.update($0) } }
      fields.append(("images", .integer(names.count)))
      fields.append(("images_sha256", .string(digest.hexadecimal)))
    }
    self.fields = fields
  }

  /// The file's bytes.
  var bytes: [UInt8] {
    let lines = fields.map { "  " + JSONValue.quoted($0.key) + ": " + $0.value.line }
    return Array(("{\n" + lines.joined(separator: ",\n") + "\n}\n").utf8)
  }

  /// The first field in which a file says something else; nil where it agrees.
  func difference(from path: String) throws -> (key: String, there: String, here: String)? {
    let file = try MappedFile(path: path)
    guard let there = try? file.withBytes({ try JSONValue(parsing: $0) }) else {
      return ("everything.json", "damaged", "new")
    }
    for (key, value) in fields {
      guard let mine = try? JSONValue(parsing: value.line) else { continue }
      if there[key] != mine { return (key, there[key].map(Self.text) ?? "none", Self.text(mine)) }
    }
    return nil
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "none"
    case .bool(let value): value ? "true" : "false"
    case .number(let value): Decimal.exact(value)
    case .string(let value): value
    case .array(let values): values.map(text).joined(separator: ",")
    case .object: "…"
    }
  }
}
