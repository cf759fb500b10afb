import Datasets
import Files
import Imaging
import TestSupport
import Testing

@testable import Evaluation

/// The Berkeley benchmark's reference data: synthetic cases here, the six maps at some of their thresholds (`sam verify` does
/// them all).
@Suite("Edge scores equal the reference", .enabled(if: SharedData.has("golden/edges/counts.json")))
struct EdgeGoldenTests {
  private func cases(_ name: String) throws -> [JSONValue] {
    try #require(json(name)["cases"]?.array)
  }

  private func json(_ name: String) throws -> JSONValue {
    let file = try MappedFile(path: SharedData.require("golden/edges/" + name))
    return try file.withBytes { (bytes) throws(JSONScanner.Failure) in try JSONValue(parsing: bytes) }
  }

  private func mask(_ rows: JSONValue?) throws -> Mask {
    let lines = try #require(rows?.array).map { Array(($0.text ?? "").utf8) }
    return try Mask(
      width: lines[0].count, height: lines.count,
      bits: lines.flatMap { $0.map { $0 == UInt8(ascii: "#") ? 1 : 0 } })
  }

  @Test func thinning() throws {
    for shape in try cases("thin_cases.json") {
      let before = BitMask(try mask(shape["before"]))
      #expect(before.thinned() == BitMask(try mask(shape["after"])), "\(shape["name"]?.text ?? "")")
    }
  }

  @Test func matching() throws {
    let workspace = BoundaryMatching.Workspace()
    for pair in try cases("correspond_cases.json") {
      func number(_ key: String) throws -> Int { try #require(pair[key]?.integer) }
      let (width, height) = (try number("width"), try number("height"))
      func pixels(_ key: String) throws -> [Int32] {
        try #require(pair[key]?.array).map { pixel in
          let place = try #require(pixel.array).compactMap(\.integer)
          return Int32(place[0] * width + place[1])
        }.sorted()
      }
      let share = try #require(pair["max_dist"]?.real)
      let matching = BoundaryMatching(width: width, height: height, share: share)
      #expect(Int(matching.alone) == (try number("outlier_weight")))
      let (first, second) = (try pixels("boundary1"), try pixels("boundary2"))
      var hits = Set<Int>()
      let result = matching.match(first, second, width: width, height: height, workspace: workspace) {
        hits.insert($0)
      }
      let name = pair["name"]?.text ?? ""
      #expect(result.matches == (try number("optimal_matches")), "\(name)")
      #expect(result.distance == (try number("optimal_distance_x100")), "\(name)")
      #expect(hits.count == result.matches, "\(name)")
    }
  }

  @Test func aggregation() throws {
    for table in try cases("aggregate_cases.json") {
      let images = try #require(table["images_cntR_sumR_cntP_sumP"]?.array).map { image in
        try #require(image.array).map { row in
          let numbers = try #require(row.array).compactMap(\.integer)
          return EdgeCounts(
            matchedTruth: numbers[0], truth: numbers[1], matchedMap: numbers[2], map: numbers[3])
        }
      }
      let thresholds = try #require(table["thresholds"]?.array).compactMap(\.real)
      let name = table["name"]?.text ?? ""
      for (key, repeated) in [
        ("expected_first_occurrence", EdgeScores.Repeated.first), ("expected_last_occurrence", .last),
      ] {
        let scores = EdgeScores(images: images, thresholds: thresholds, repeated: repeated)
        try compare(scores, #require(table[key]), name + " " + key)
      }
      let scores = EdgeScores(images: images, thresholds: thresholds)
      for (own, wanted) in zip(scores.images, try #require(table["per_image"]?.array)) {
        #expect(own.bestIndex + 1 == wanted["argmax_index"]?.integer, "\(name)")
        try compare(own.best, wanted, name)
      }
    }
  }

  private func compare(_ best: EdgeScores.Best, _ wanted: JSONValue, _ name: String) throws {
    for (own, key) in [(best.f, "F"), (best.precision, "P"), (best.recall, "R")] {
      #expect((own - (try #require(wanted[key]?.real))).magnitude <= 1e-9, "\(name): \(key)")
    }
  }

  private func compare(_ scores: EdgeScores, _ wanted: JSONValue, _ name: String) throws {
    try compare(scores.best, #require(wanted["ODS"]), name + " ODS")
    try compare(scores.bestOnGrid, #require(wanted["ODS_grid"]), name + " ODS_grid")
    let own = scores.bestPerImage
    #expect(
      [own.matchedTruth, own.truth, own.matchedMap, own.map]
        == wanted["OIS"]?["counts"]?.array?.compactMap(\.integer), "\(name)")
    #expect((scores.averagePrecision - (try #require(wanted["AP"]?.real))).magnitude <= 1e-9, "\(name)")
    for (own, key) in [
      (scores.recallAtHalf, "R50"), (scores.recallAtHalfAsPlotted, "R50_recall_above_.001"),
    ] {
      guard let number = wanted[key]?.real else {
        #expect(own == nil, "\(name): \(key)")
        continue
      }
      #expect(((own ?? -1) - number).magnitude <= 1e-9, "\(name): \(key)")
    }
  }

  @Test(arguments: ["42049", "160068", "196073", "105025"])
  func counts(_ name: String) throws {
    let map = try GrayMap(contentsOfFile: SharedData.require("golden/edges/\(name).png"))
    let truth = try BoundaryTruth(contentsOfFile: SharedData.require("data/bsds_val/\(name).mat"))
    let expected = try #require(json("counts.json")["images"]?[name])
    func number(_ key: String, _ percent: Int) throws -> Int {
      try #require(expected[key]?.array?[percent - 1].integer)
    }
    let percents = [1, 5, 20, 60, 61, 95]
    let levels = EdgeMatcher(percents: percents).levels(of: map, truth: truth.annotators)
    for (percent, level) in zip(percents, levels) {
      #expect(level.counts.truth == expected["sumR"]?.integer, "\(percent)")
      #expect(level.counts.map == (try number("sumP", percent)), "\(percent)")
      #expect(level.counts.matchedTruth == (try number("cntR_max", percent)), "\(percent)")
      #expect(level.distance == (try number("optimal_distance_x100", percent)), "\(percent)")
      let off = (level.counts.matchedMap - (try number("cntP_exact_solver", percent))).magnitude
      #expect(off <= 15, "\(percent)")
    }
  }

  @Test func curvatureSuppression() throws {
    let map = try GrayMap(contentsOfFile: SharedData.require("golden/edges/196073.png"))
    let wanted = try GrayMap(contentsOfFile: SharedData.require("golden/edges/nms_196073.png"))
    let own = try #require(EdgeStrength(map).suppressedByCurvature().map(maximum: 65535))
    var (support, differing) = (0, 0)
    for (a, b) in zip(own.samples, wanted.samples) {
      if a != 0 || b != 0 { support += 1 }
      if (a == 0) != (b == 0) {
        differing += 1
      } else {
        #expect((Int(a) - Int(b)).magnitude <= 1)
      }
    }
    #expect(Double(differing) <= 0.001 * Double(support), "\(differing) of \(support)")
  }
}

extension JSONValue {
  fileprivate var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}
