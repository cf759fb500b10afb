import Imaging
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite struct PolygonTests {
  @Test func aRectangleHasFourCorners() throws {
    let mask = try picture(
      "....",
      ".##.",
      ".##.")
    let polygons = MaskPolygons(mask)
    #expect(
      polygons.flatOuterRings == [[1, 1, 3, 1, 3, 3, 1, 3].map(Double.init)].map { rotated($0, by: 2) })
    #expect(polygons.polygons[0].holes.isEmpty)
  }

  @Test func holesBelongToThePartAroundThem() throws {
    let mask = try picture(
      "#####.",
      "#.#.#.",
      "#####.",
      "......",
      ".#####",
      ".#.#.#",
      ".#####")
    let polygons = MaskPolygons(mask).polygons
    #expect(polygons.count == 2)
    #expect(polygons.map(\.holes.count) == [2, 2])
    #expect(polygons.flatMap(\.rings).allSatisfy { $0.count == 4 })
    #expect(area(polygons[0].outer) == 15 && area(polygons[0].holes[0]) == -1)
  }

  @Test func partsThatTouchAtACornerStayApart() throws {
    let mask = try picture(
      "#.",
      ".#")
    #expect(MaskPolygons(mask).polygons.count == 2)
    #expect(MaskPolygons(mask).mask == mask)
  }

  @Test func tracedOutlinesFillToTheSameMask() throws {
    var random = SplitMix64(seed: 9)
    for round in 0..<150 {
      let mask = try randomMask(using: &random)
      let polygons = MaskPolygons(mask)
      #expect(polygons.mask == mask, "round \(round)")
      #expect(polygons.simplified(tolerance: 0) == polygons)
      let simple = polygons.withoutHoles
      #expect(simple.polygons.allSatisfy { $0.holes.isEmpty })
      #expect(simple.mask == mask, "round \(round)")
      // COCO's own drawing of the rings agrees, too.
      let runs = try RunLengthMask(polygons: simple.flatOuterRings, width: mask.width, height: mask.height)
      #expect(runs == RunLengthMask(mask), "round \(round)")
    }
  }

  @Test func simplificationStaysWithinItsTolerance() throws {
    // A disc with a hole.
    var mask = Mask(width: 120, height: 120)
    for y in 0..<120 {
      for x in 0..<120 {
        let square = (x - 60) * (x - 60) + (y - 60) * (y - 60)
        mask[x, y] = square < 50 * 50 && square > 20 * 20
      }
    }
    let exact = MaskPolygons(mask)
    let simple = exact.simplified(tolerance: 1)
    let points = { (polygons: MaskPolygons) in polygons.polygons.flatMap(\.rings).reduce(0) { $0 + $1.count }
    }
    #expect(simple.polygons.count == 1 && simple.polygons[0].holes.count == 1)
    #expect(points(simple) * 4 < points(exact))
    for (ring, original) in zip(simple.polygons[0].rings, exact.polygons[0].rings) {
      for point in original { #expect(distance(point, toRing: ring) <= 1) }
    }
    let overlap = try RunLengthMask(simple.mask).intersectionOverUnion(with: RunLengthMask(mask))
    #expect(overlap > 0.97)
    let opened = simple.withoutHoles
    #expect(opened.polygons[0].holes.isEmpty)
    #expect(opened.mask == simple.mask)
  }

  @Test func aSinglePixelSurvivesSimplification() throws {
    var mask = Mask(width: 3, height: 3)
    mask[1, 1] = true
    #expect(MaskPolygons(mask).simplified(tolerance: 5).mask == mask)
  }

  @Test func polygonsFillAsCOCOFillsThem() throws {
    let file = URL(fileURLWithPath: Fixtures.path("coco/rle.json"))
    let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    #expect(reference.polygons.count == 5)
    for entry in reference.polygons {
      let runs = try RunLengthMask(polygons: entry.polygons, width: entry.size[1], height: entry.size[0])
      #expect(runs.compressed == entry.rle)
      #expect(runs.area == entry.area)
    }
  }

  @Test func impossiblePolygonsAreErrors() {
    #expect(throws: PolygonError.oddCount(3)) {
      try RunLengthMask(polygons: [[1, 2, 3]], width: 4, height: 4)
    }
    #expect(throws: PolygonError.coordinate(.infinity)) {
      try RunLengthMask(polygons: [[1, .infinity]], width: 4, height: 4)
    }
    #expect(throws: PolygonError.self) { try RunLengthMask(polygons: [[1, .nan]], width: 4, height: 4) }
    #expect(throws: PolygonError.invalidSize(width: 0, height: 4)) {
      try RunLengthMask(polygons: [], width: 0, height: 4)
    }
    #expect(throws: PolygonError.coordinate(1e300)) {
      try MaskPolygons(width: 4, height: 4, polygons: [Polygon(outer: [Point(x: 1e300, y: 0)])])
    }
  }

  @Test func polygonsWithoutAnAreaAreEmpty() throws {
    #expect(try RunLengthMask(polygons: [[], [1, 1], [2, 2, 3, 3]], width: 4, height: 4).isEmpty)
  }

  @Test func wildPolygonsNeitherTrapNorHang() throws {
    var random = SplitMix64(seed: 21)
    for _ in 0..<300 {
      let coordinates = (0..<2 * Int.random(in: 0...40, using: &random)).map { _ in
        Bool.random(using: &random)
          ? Double.random(in: -1_000_000...1_000_000, using: &random)
          : Double.random(in: -5...45, using: &random)
      }
      let runs = try RunLengthMask(polygons: [coordinates], width: 40, height: 30)
      #expect(runs.counts.reduce(0) { $0 + Int($1) } == 1200)
      let ring = stride(from: 0, to: coordinates.count, by: 2).map {
        Point(x: coordinates[$0], y: coordinates[$0 + 1])
      }
      let polygons = try MaskPolygons(width: 40, height: 30, polygons: [Polygon(outer: ring, holes: [ring])])
      // A hole as large as the part leaves nothing.
      #expect(polygons.mask.isEmpty)
      _ = polygons.withoutHoles.simplified(tolerance: 3).mask
    }
  }

  private func rotated(_ values: [Double], by count: Int) -> [Double] {
    Array(values[count...] + values[..<count])
  }

  /// Positive for clockwise rings, as seen with y pointing down.
  private func area(_ ring: [Point]) -> Double {
    zip(ring, ring[1...] + [ring[0]]).reduce(0) { $0 + ($1.0.x * $1.1.y - $1.1.x * $1.0.y) / 2 }
  }

  private func distance(_ point: Point, toRing ring: [Point]) -> Double {
    zip(ring, ring[1...] + [ring[0]]).map { a, b in
      let (dx, dy) = (b.x - a.x, b.y - a.y)
      let t = ((point.x - a.x) * dx + (point.y - a.y) * dy) / (dx * dx + dy * dy)
      let (x, y) = (a.x + min(max(t, 0), 1) * dx - point.x, a.y + min(max(t, 0), 1) * dy - point.y)
      return (x * x + y * y).squareRoot()
    }.min() ?? .infinity
  }

  private struct Reference: Decodable {
    struct Entry: Decodable {
      let polygons: [[Double]]
      let size: [Int]
      let rle: String
      let area: Int
    }
    let polygons: [Entry]
  }
}
