internal import Datasets
internal import Evaluation
internal import Files
internal import Imaging

/// `edges`: the Berkeley benchmark of edge maps, its steps by themselves and as a whole (`EdgesPart+Maps`).
///
/// The truth of the folder's maps lies beside it, in `../data/bsds_val`; without it the maps are not covered.
enum EdgesPart {
  static func steps(_ context: PartContext) throws(VerificationError) -> [PartStep] {
    [
      PartStep { (recorder) throws(VerificationError) in
        try thinning(context.folder, recorder)
        try matching(context.folder, recorder)
        try aggregation(context.folder, recorder)
        try suppression(context.folder, recorder)
        try maps(context, recorder)
      }
    ]
  }

  /// What the folder's description allows of numbers worked out from stored counts.
  static let ratios = Limit.bounds(absolute: 1e-9, relative: nil)

  // MARK: - Thinning

  private static func thinning(
    _ folder: ReferenceFolder, _ recorder: Recorder
  ) throws(VerificationError) {
    guard folder.has("thin_cases.json") else { return }
    for shape in try folder.json("thin_cases.json").member("cases").elements() {
      let name = "thinning/" + (try shape.member("name").text())
      let before = try mask(shape.member("before"))
      let after = try mask(shape.member("after"))
      guard before.width == after.width, before.height == after.height else {
        throw shape.unexpected("two shapes of one size")
      }
      recorder.record(
        name, Difference(largest: Double(differing(before.thinned(), after))), .exact)
    }
  }

  private static func differing(_ first: BitMask, _ second: BitMask) -> Int {
    first.subtracting(second).area + second.subtracting(first).area
  }

  /// A shape drawn in lines of text.
  private static func mask(_ value: ReferenceValue) throws(VerificationError) -> BitMask {
    var rows: [[UInt8]] = []
    for line in try value.elements() {
      rows.append(try line.text().utf8.map { $0 == UInt8(ascii: "#") ? 1 : 0 })
    }
    guard let width = rows.first?.count, width > 0, rows.allSatisfy({ $0.count == width }),
      let mask = try? Mask(width: width, height: rows.count, bits: rows.flatMap { $0 })
    else { throw value.unexpected("lines of one length") }
    return BitMask(mask)
  }

  // MARK: - Matching

  private static func matching(
    _ folder: ReferenceFolder, _ recorder: Recorder
  ) throws(VerificationError) {
    guard folder.has("correspond_cases.json") else { return }
    for pair in try folder.json("correspond_cases.json").member("cases").elements() {
      let name = "matching/" + (try pair.member("name").text())
      let width = try pair.member("width").integer(in: 1...1024)
      let height = try pair.member("height").integer(in: 1...1024)
      let share = try pair.member("max_dist").number()
      guard share > 0, share <= 0.1 else { throw pair.unexpected("a pair of partners at most a tenth apart") }
      let matcher = EdgeMatcher(share: share)
      let result = matcher.match(
        try points(pair.member("boundary1"), width, height),
        truth: try points(pair.member("boundary2"), width, height))
      recorder.record(
        name,
        Difference(
          [Double(result.matches), Double(result.distance)],
          [
            try pair.member("optimal_matches").number(),
            try pair.member("optimal_distance_x100").number(),
          ]), .exact)
    }
  }

  private static func points(
    _ value: ReferenceValue, _ width: Int, _ height: Int
  ) throws(VerificationError) -> BitMask {
    var mask = BitMask(Mask(width: width, height: height))
    for point in try value.elements() {
      let place = try point.integers(2, in: 0...1023)
      guard place[0] < height, place[1] < width else { throw point.unexpected("a pixel of the image") }
      mask[place[1], place[0]] = true
    }
    return mask
  }

  // MARK: - From counts to scores

  private static func aggregation(
    _ folder: ReferenceFolder, _ recorder: Recorder
  ) throws(VerificationError) {
    guard folder.has("aggregate_cases.json") else { return }
    for table in try folder.json("aggregate_cases.json").member("cases").elements() {
      let name = "aggregation/" + (try table.member("name").text())
      var images: [[EdgeCounts]] = []
      for image in try table.member("images_cntR_sumR_cntP_sumP").elements() {
        var levels: [EdgeCounts] = []
        for row in try image.elements() {
          let numbers = try row.integers(4, in: 0...1_000_000_000)
          levels.append(
            EdgeCounts(
              matchedTruth: numbers[0], truth: numbers[1], matchedMap: numbers[2], map: numbers[3]))
        }
        images.append(levels)
      }
      let thresholds = try table.member("thresholds").numbers()
      guard images.allSatisfy({ $0.count == thresholds.count }) else {
        throw table.unexpected("a row for each threshold")
      }
      for (key, repeated) in [
        ("expected_first_occurrence", EdgeScores.Repeated.first), ("expected_last_occurrence", .last),
      ] {
        guard let expected = table[optional: key] else { continue }
        let scores = EdgeScores(images: images, thresholds: thresholds, repeated: repeated)
        try compare(scores, expected, "\(name)/\(key)", recorder, ratios)
      }
      let scores = EdgeScores(images: images, thresholds: thresholds)
      for (index, expected) in try (table[optional: "per_image"]?.elements() ?? []).enumerated() {
        guard index < scores.images.count else { throw expected.unexpected("one of the images") }
        recorder.record(
          "\(name)/image \(index + 1)",
          try difference(scores.images[index].best, expected), ratios)
      }
    }
  }

  /// F, precision and recall; the threshold is not determined on a plateau.
  static func difference(
    _ best: EdgeScores.Best, _ expected: ReferenceValue
  ) throws(VerificationError) -> Difference {
    try difference((best.f, best.precision, best.recall), expected)
  }

  private static func difference(
    _ own: (f: Double, precision: Double, recall: Double), _ expected: ReferenceValue
  ) throws(VerificationError) -> Difference {
    Difference(
      [own.f, own.precision, own.recall],
      [
        try expected.member("F").number(), try expected.member("P").number(),
        try expected.member("R").number(),
      ])
  }

  static func compare(
    _ scores: EdgeScores, _ expected: ReferenceValue, _ name: String, _ recorder: Recorder, _ limit: Limit,
    withRecallAtHalf: Bool = true
  ) throws(VerificationError) {
    recorder.record(name + "/ODS", try difference(scores.best, expected.member("ODS")), limit)
    if let grid = expected[optional: "ODS_grid"] {
      recorder.record(name + "/ODS_grid", try difference(scores.bestOnGrid, grid), limit)
    }
    let best = scores.bestPerImage
    recorder.record(
      name + "/OIS",
      try difference((best.f, best.precision, best.recall), expected.member("OIS")), limit)
    recorder.record(
      name + "/AP", Difference([scores.averagePrecision], [try expected.member("AP").number()]), limit)
    guard withRecallAtHalf else { return }
    for (own, key) in [
      (scores.recallAtHalf, "R50"), (scores.recallAtHalfAsPlotted, "R50_recall_above_.001"),
    ] {
      guard let value = expected[optional: key] else {
        // Null, or left out.
        if own != nil, expected.value[key] == .null {
          recorder.fail("\(name)/\(key)", "\(expected.path): \(expected.place) has no \(key)")
        }
        continue
      }
      recorder.record("\(name)/\(key)", Difference([own ?? .nan], [try value.number()]), limit)
    }
  }

  // MARK: - Suppression

  private static func suppression(
    _ folder: ReferenceFolder, _ recorder: Recorder
  ) throws(VerificationError) {
    for file in try folder.files("png") where file.hasPrefix("nms_") {
      let expected = try grayMap(folder.file(file))
      let map = try grayMap(folder.file(String(file.dropFirst("nms_".count))))
      guard map.width == expected.width, map.height == expected.height,
        let own = EdgeStrength(map).suppressedByCurvature().map(maximum: expected.maximum)
      else { throw .inconsistent(path: folder.file(file), what: "is of another size than its map") }
      var (support, differing, largest) = (0, 0, 0)
      for (value, reference) in zip(own.samples, expected.samples) {
        if value != 0 || reference != 0 { support += 1 }
        if (value == 0) != (reference == 0) {
          differing += 1
        } else {
          largest = max(largest, abs(Int(value) - Int(reference)))
        }
      }
      recorder.record(
        "suppression/\(file)/support",
        Difference(largest: Double(differing), relative: Double(differing) / Double(max(1, support))),
        .pixels(0, orFraction: 0.001))
      recorder.record(
        "suppression/\(file)/values", Difference(largest: Double(largest)),
        .bounds(absolute: 1, relative: nil))
    }
  }

  static func grayMap(_ path: String) throws(VerificationError) -> GrayMap {
    do throws(ImageError) { return try GrayMap(contentsOfFile: path) } catch { throw .image(error) }
  }
}
