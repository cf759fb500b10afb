internal import Evaluation
internal import Imaging

/// `stats`: distances, clicks and shapes of masks; random numbers and statistics (`StatsPart+Statistics`).
enum StatsPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [
      PartStep { (recorder) throws(VerificationError) in
        try masks(context.folder, recorder)
        try pairs(context.folder, recorder)
        try statistics(context.folder, recorder)
      }
    ]
  }

  /// What the folder's description allows: everything but whole numbers to 1e-12.
  static let tolerance = Limit.bounds(absolute: 1e-12, relative: nil)

  // MARK: - Single masks

  private static func masks(_ folder: ReferenceFolder, _ recorder: Recorder) throws(VerificationError) {
    let masks = try folder.json("masks.json").member("masks").elements()
    let file = try folder.json("expected_masks.json")
    let expected = try file.member("masks").elements()
    guard masks.count == expected.count else {
      throw .inconsistent(path: file.path, what: "\(expected.count) masks, masks.json has \(masks.count)")
    }
    var shapes: [MaskShape] = []
    for (mask, expected) in zip(masks, expected) {
      let name = try mask.member("name").text()
      let bits = try runs(mask.member("segmentation"))
      recorder.attempt("masks/" + name) { () throws(VerificationError) in
        try compareDistances(
          bits, try expected.member("edt_border_is_background"), "masks/\(name)/distance", recorder)
        guard let shape = MaskShape(bits) else { return }
        shapes.append(shape)
        try compare(shape, expected, "masks/" + name, recorder)
      }
    }
    // Distances that leave the border out and the hulls of pixel centres and of rasters are for information.
    for name in [
      "masks/edt_border_ignored", "masks/hull.centre_hull_area_x2", "masks/hull.raster_hull_pixels",
    ] {
      recorder.skip(name)
    }
    for (kind, maps) in try file.member("heat_maps").members() {
      for (size, entries) in try maps.members() {
        guard let cells = Int(size), (1...4096).contains(cells) else { throw maps.unexpected("maps by size") }
        var map = HeatMap(cells: cells)
        for shape in shapes { if kind == "centroid" { map.add(shape) } else { map.add(boxOf: shape) } }
        var wanted = [Double](repeating: 0, count: cells * cells)
        for entry in try entries.elements() {
          let values = try entry.integers(3, in: 0...1_000_000)
          guard values[0] < cells, values[1] < cells else { throw entry.unexpected("a cell of the map") }
          wanted[values[0] * cells + values[1]] = Double(values[2])
        }
        recorder.record(
          "heat_maps/\(kind)/\(size)", Difference(map.counts.map(Double.init), wanted), .exact)
      }
    }
  }

  private static func compareDistances(
    _ mask: BitMask, _ expected: ReferenceValue, _ name: String, _ recorder: Recorder
  ) throws(VerificationError) {
    let largest = try expected.member("max_sq").integer()
    let point = mask.innermostPoint
    var values = [Double(point?.squaredDistance ?? 0)]
    var wanted = [Double(largest)]
    let distances = mask.isEmpty ? [] : mask.mask.squaredDistances()
    values.append(Double(distances.count { $0 > 0 && Int($0) == largest }))
    wanted.append(Double(try expected.member("count").integer()))
    if let first = expected[optional: "first_xy"] {
      wanted += try first.numbers(2)
      values += [Double(point?.x ?? -1), Double(point?.y ?? -1)]
    } else if point != nil {
      return recorder.fail(name, "\(expected.path): \(expected.place) expects no point")
    }
    recorder.record(name, Difference(values, wanted), .exact)
  }

  private static func compare(
    _ shape: MaskShape, _ expected: ReferenceValue, _ name: String, _ recorder: Recorder
  ) throws(VerificationError) {
    let hull = try expected.member("hull")
    let box = try expected.member("bbox_xywh").numbers(4)
    recorder.record(
      name + "/whole numbers",
      Difference(
        [shape.area, shape.doubledHullArea, shape.sumX, shape.sumY].map(Double.init)
          + [shape.box.x, shape.box.y, shape.box.width, shape.box.height].map(Double.init),
        [
          try hull.member("area").number(), try hull.member("corner_hull_area_x2").number(),
          try expected.member("sum_x").number(), try expected.member("sum_y").number(),
        ] + box), .exact)
    let centroid = try expected.member("centroid_xy").numbers(2)
    recorder.record(
      name + "/shape",
      Difference(
        [shape.concavity, shape.centroid.x, shape.centroid.y, shape.relativeSize],
        [try hull.member("concavity").number()] + centroid + [try expected.member("relative_size").number()]),
      tolerance)
  }

  // MARK: - Pairs of masks

  private static func pairs(_ folder: ReferenceFolder, _ recorder: Recorder) throws(VerificationError) {
    let pairs = try folder.json("pairs.json").member("pairs").elements()
    let file = try folder.json("expected_pairs.json")
    let expected = try file.member("pairs").elements()
    guard pairs.count == expected.count else {
      throw .inconsistent(path: file.path, what: "\(expected.count) pairs, pairs.json has \(pairs.count)")
    }
    for (pair, expected) in zip(pairs, expected) {
      let name = "pairs/" + (try pair.member("name").text())
      let truth = try runs(pair.member("gt"))
      let prediction = try runs(pair.member("pred"))
      guard truth.width == prediction.width, truth.height == prediction.height else {
        throw pair.unexpected("two masks of one size")
      }
      recorder.attempt(name) { () throws(VerificationError) in
        try compare(prediction, truth, expected, name, recorder)
      }
    }
  }

  private static func compare(
    _ prediction: BitMask, _ truth: BitMask, _ expected: ReferenceValue, _ name: String, _ recorder: Recorder
  ) throws(VerificationError) {
    let shared = truth.intersectionArea(with: prediction)
    let boundary = BoundaryIoU(prediction, truth: truth)
    var wanted: [Double] = []
    for key in [
      "intersection", "union", "dilation_px", "gt_boundary", "pred_boundary", "boundary_intersection",
      "boundary_union",
    ] { wanted.append(Double(try expected.member(key).integer())) }
    recorder.record(
      name + "/pixels",
      Difference(
        [
          shared, truth.area + prediction.area - shared, boundary.distance, boundary.truthArea,
          boundary.predictionArea, boundary.intersection, boundary.union,
        ].map(Double.init), wanted), .exact)
    if let iou = try expected[optional: "iou"]?.number() {
      recorder.record(
        name + "/iou", Difference([truth.intersectionOverUnion(with: prediction)], [iou]), tolerance)
    }
    if let value = boundary.value {
      recorder.record(
        name + "/boundary iou", Difference([value], [try expected.member("boundary_iou").number()]), tolerance
      )
    } else if expected[optional: "boundary_iou"] != nil {
      recorder.fail(name + "/boundary iou", "\(expected.path): \(expected.place) expects one of empty masks")
    }
    try compareDistances(
      truth.subtracting(prediction), try expected.member("false_negative"), name + "/missing", recorder)
    try compareDistances(
      prediction.subtracting(truth), try expected.member("false_positive"), name + "/excess", recorder)
    let click = SimulatedClick.correcting(prediction, towards: truth)
    var next: [Double] = [-1, -1, -1]
    if let value = expected[optional: "next_click"] {
      next = try value.member("xy").numbers(2) + [try value.member("label").number()]
    }
    var own: [Double] = [-1, -1, -1]
    if let click { own = [Double(click.x), Double(click.y), click.isForeground ? 1 : 0] }
    recorder.record(name + "/next click", Difference(own, next), .exact)
  }

  /// A mask in COCO's compressed runs.
  private static func runs(_ value: ReferenceValue) throws(VerificationError) -> BitMask {
    let size = try value.member("size").integers(2, in: 1...65536)
    let text = try value.member("counts").text()
    do throws(RunLengthError) {
      return BitMask(try RunLengthMask(compressed: text, width: size[1], height: size[0]))
    } catch {
      throw .inconsistent(path: value.path, what: "\(value.place): \(error)")
    }
  }
}
