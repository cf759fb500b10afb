import Imaging
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Against pycocotools' results.
@Suite struct RunLengthMaskTests {
  let reference: Reference

  init() throws {
    reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.path("coco/rle.json"))))
  }

  @Test func masksAreaAndBoxEqualTheReference() throws {
    #expect(reference.masks.count == 30)
    for entry in reference.masks {
      let runs = try RunLengthMask(compressed: entry.rle, width: entry.size[1], height: entry.size[0])
      #expect(runs.compressed == entry.rle, "\(entry.name)")
      #expect(runs.area == entry.area, "\(entry.name)")
      #expect(runs.boundingBox == box(entry.bbox_xywh), "\(entry.name)")
      if let counts = entry.counts { #expect(runs.counts == counts, "\(entry.name)") }

      let mask = runs.mask
      #expect(mask.bits == plainBits(runs), "\(entry.name)")
      #expect(RunLengthMask(mask) == runs, "\(entry.name)")
      #expect(mask.area == entry.area, "\(entry.name)")
      #expect(mask.boundingBox ?? .empty == box(entry.bbox_xywh), "\(entry.name)")
    }
  }

  @Test func overlapsEqualTheReference() throws {
    let overlap = reference.iou
    let detections = try overlap.dt.map { try decode($0, overlap.size) }
    let truth = try overlap.gt.map { try decode($0, overlap.size) }
    let crowd = overlap.iscrowd.map { $0 == 1 }
    expectEqual(
      try RunLengthMask.intersectionOverUnion(detections: detections, groundTruth: truth), overlap.iou_nocrowd
    )
    expectEqual(
      try RunLengthMask.intersectionOverUnion(detections: detections, groundTruth: truth, isCrowd: crowd),
      overlap.iou_crowd)
    for (row, detection) in detections.enumerated() {
      for (column, mask) in truth.enumerated() {
        let value = try detection.intersectionOverUnion(with: mask, isCrowd: crowd[column])
        #expect(abs(value - overlap.iou_crowd[row][column]) <= 1e-12)
      }
    }
  }

  @Test func boxOverlapsEqualTheReference() {
    let overlap = reference.iou.box
    let box = { (values: [Double]) in BoxXYWH(x: values[0], y: values[1], width: values[2], height: values[3])
    }
    let values = overlap.dt_xywh.map { detection in
      zip(overlap.gt_xywh, overlap.iscrowd).map {
        box(detection).intersectionOverUnion(with: box($0), isCrowd: $1 == 1)
      }
    }
    expectEqual(values, overlap.iou)
  }

  @Test func setOperationsEqualTheReference() throws {
    let overlap = reference.iou
    let masks = try overlap.dt.map { try decode($0, overlap.size) }
    #expect(try RunLengthMask.union(of: Array(masks[..<5]))?.compressed == overlap.merge_union)
    #expect(
      try RunLengthMask.intersection(of: [masks[1], masks[2]])?.compressed == overlap.merge_intersection)
    #expect(try RunLengthMask.union(of: []) == nil)
  }

  @Test func randomMasksSurviveEveryForm() throws {
    var random = SplitMix64(seed: 3)
    for round in 0..<60 {
      let width = Int.random(in: 1...150, using: &random)
      let height = Int.random(in: 1...40, using: &random)
      let density = Int.random(in: 0...10, using: &random)
      var value: UInt8 = 0
      let bits = (0..<width * height).map { _ in
        if Int.random(in: 0..<12, using: &random) <= density { value ^= 1 }
        return value
      }
      let mask = try Mask(width: width, height: height, bits: bits)
      let runs = RunLengthMask(mask)
      #expect(plainBits(runs) == bits, "round \(round)")
      #expect(runs.mask == mask, "round \(round)")
      #expect(try RunLengthMask(compressed: runs.compressed, width: width, height: height) == runs)
      #expect(try RunLengthMask(counts: runs.counts, width: width, height: height) == runs)
      #expect(runs.area == bits.count { $0 == 1 })
      #expect(mask.boundingBox ?? .empty == runs.boundingBox)
      let inverse = RunLengthMask(mask.inverted)
      #expect(try runs.union(inverse).area == width * height)
      #expect(try runs.intersection(inverse).isEmpty)
      #expect(try runs.subtracting(inverse) == runs)
    }
  }

  @Test func needlessRunsDoNotMakeMasksDifferent() throws {
    let plain = try RunLengthMask(counts: [2, 3, 1], width: 3, height: 2)
    #expect(try RunLengthMask(counts: [1, 0, 1, 3, 0, 0, 1, 0], width: 3, height: 2) == plain)
    #expect(plain.counts == [2, 3, 1])
  }

  @Test(arguments: [
    ("0o", RunLengthError.unfinished), ("  ", .invalidCharacter(code: 32, offset: 0)),
    ("5", .wrongTotal(total: 5, width: 3, height: 2)), ("7", .invalidRun(index: 0)),
    ("O", .invalidRun(index: 0)), ("43", .wrongTotal(total: 7, width: 3, height: 2)),
    ("ooooooooo0", .invalidRun(index: 0)), ("é", .invalidCharacter(code: 0xC3, offset: 0)),
    ("", .wrongTotal(total: 0, width: 3, height: 2)),
  ])
  func malformedTextIsAnError(_ text: String, _ expected: RunLengthError) {
    #expect(throws: expected) { try RunLengthMask(compressed: text, width: 3, height: 2) }
  }

  @Test func impossibleSizesAndCountsAreErrors() {
    #expect(throws: RunLengthError.invalidSize(width: 0, height: 3)) {
      try RunLengthMask(counts: [0], width: 0, height: 3)
    }
    #expect(throws: RunLengthError.invalidSize(width: .max, height: 3)) {
      try RunLengthMask(compressed: "0", width: .max, height: 3)
    }
    #expect(throws: RunLengthError.wrongTotal(total: 7, width: 3, height: 2)) {
      try RunLengthMask(counts: [7], width: 3, height: 2)
    }
    #expect(throws: RunLengthError.self) {
      let small = try RunLengthMask(counts: [6], width: 3, height: 2)
      _ = try small.union(RunLengthMask(counts: [6], width: 2, height: 3))
    }
  }

  @Test func hostileTextNeverTraps() {
    var random = SplitMix64(seed: 11)
    for _ in 0..<20_000 {
      let text = String(
        decoding: (0..<Int.random(in: 0...12, using: &random)).map { _ in
          UInt8.random(in: 40...115, using: &random)
        }, as: UTF8.self)
      if let runs = try? RunLengthMask(compressed: text, width: 40, height: 30) {
        #expect(runs.counts.reduce(0) { $0 + Int($1) } == 1200)
      }
    }
  }

  private func decode(_ text: String, _ size: [Int]) throws -> RunLengthMask {
    try RunLengthMask(compressed: text, width: size[1], height: size[0])
  }

  private func box(_ values: [Double]) -> PixelBox {
    PixelBox(x: Int(values[0]), y: Int(values[1]), width: Int(values[2]), height: Int(values[3]))
  }

  private func expectEqual(_ values: [[Double]], _ expected: [[Double]]) {
    #expect(values.count == expected.count)
    for (row, expectedRow) in zip(values, expected) {
      #expect(row.count == expectedRow.count)
      for (value, expectedValue) in zip(row, expectedRow) { #expect(abs(value - expectedValue) <= 1e-12) }
    }
  }

  /// Column by column, as the format is defined.
  private func plainBits(_ runs: RunLengthMask) -> [UInt8] {
    let columns = runs.counts.enumerated().flatMap { [UInt8](repeating: UInt8($0 % 2), count: Int($1)) }
    return (0..<runs.width * runs.height).map { columns[$0 % runs.width * runs.height + $0 / runs.width] }
  }

  struct Reference: Decodable {
    struct Mask: Decodable {
      let name: String
      let size: [Int]
      let rle: String
      let area: Int
      let bbox_xywh: [Double]
      let counts: [UInt32]?
    }
    struct Overlap: Decodable {
      let size: [Int]
      let dt: [String]
      let gt: [String]
      let iscrowd: [Int]
      let iou_nocrowd: [[Double]]
      let iou_crowd: [[Double]]
      let merge_union: String
      let merge_intersection: String
      let box: BoxOverlap
    }
    struct BoxOverlap: Decodable {
      let dt_xywh: [[Double]]
      let gt_xywh: [[Double]]
      let iscrowd: [Int]
      let iou: [[Double]]
    }
    let masks: [Mask]
    let iou: Overlap
  }
}
