import Imaging
import Statistics
import Testing

@testable import Evaluation

/// The benchmark's steps on small cases of our own; `EdgeGoldenTests` has the reference's.
@Suite("Edge maps")
struct EdgeTests {
  private func map(_ width: Int, _ height: Int, _ samples: [UInt16], maximum: UInt16 = 255) throws -> GrayMap
  {
    try GrayMap(width: width, height: height, samples: samples, maximum: maximum)
  }

  /// The cheapest assignment by trying all.
  private func bruteForce(
    _ edges: SparseAssignment.Edges, alone: Int32
  ) -> (cost: Int, mostPairs: Int) {
    var best = (cost: Int.max, pairs: 0)
    func place(_ row: Int, _ taken: Set<Int32>, _ cost: Int, _ pairs: Int) {
      guard row < edges.rowCount else {
        if cost < best.cost || cost == best.cost && pairs > best.pairs { best = (cost, pairs) }
        return
      }
      place(row + 1, taken, cost + Int(alone), pairs)
      for edge in Int(edges.starts[row])..<Int(edges.starts[row + 1])
      where !taken.contains(edges.columns[edge]) {
        place(
          row + 1, taken.union([edges.columns[edge]]), cost + Int(edges.costs[edge]), pairs + 1)
      }
    }
    place(0, [], 0, 0)
    return (best.cost, best.pairs)
  }

  @Test func assignmentsAreTheCheapestOfAll() {
    let assignment = SparseAssignment()
    var random = SplitMix64(seed: 11)
    for round in 0..<600 {
      let (rows, columns) = (1 + random.index(below: 6), 1 + random.index(below: 6))
      var edges = SparseAssignment.Edges(starts: [0], columnCount: columns)
      // Few different costs make ties, a low price for staying alone makes it worth while.
      let dearest = [3, 10, 100][round % 3]
      let alone = Int32([5, 40, 1000][round / 3 % 3])
      for _ in 0..<rows {
        let chosen = (0..<columns).filter { _ in random.index(below: 10) < 5 }
          .map { (column: Int32($0), cost: Int32(random.index(below: dearest + 1))) }
          .sorted { $0.cost < $1.cost }
        edges.columns += chosen.map(\.column)
        edges.costs += chosen.map(\.cost)
        edges.starts.append(Int32(edges.columns.count))
      }
      let columnOfRow = assignment.solve(edges, alone: alone)
      var (cost, pairs) = (0, 0)
      var taken = Set<Int32>()
      for row in 0..<rows {
        let column = columnOfRow[row]
        guard column >= 0 else {
          cost += Int(alone)
          continue
        }
        #expect(taken.insert(column).inserted, "a column is given twice")
        pairs += 1
        let edge = (Int(edges.starts[row])..<Int(edges.starts[row + 1])).first { edges.columns[$0] == column }
        #expect(edge != nil)
        cost += edge.map { Int(edges.costs[$0]) } ?? 0
      }
      let best = bruteForce(edges, alone: alone)
      #expect(cost == best.cost && pairs == best.mostPairs, "round \(round)")
    }
  }

  @Test func anAssignmentWithoutRowsOrEdgesIsEmpty() {
    let assignment = SparseAssignment()
    #expect(assignment.solve(.init(), alone: 1).isEmpty)
    #expect(Array(assignment.solve(.init(starts: [0, 0, 0], columnCount: 3), alone: 1)) == [-1, -1])
  }

  @Test func matchingDoesNotDependOnWhichSideIsAsked() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<40 {
      let share = 0.03 + random.unit() * 0.05
      var (first, second) = (BitMask(Mask(width: 40, height: 30)), BitMask(Mask(width: 40, height: 30)))
      for _ in 0..<120 { first[random.index(below: 40), random.index(below: 30)] = true }
      for _ in 0..<90 { second[random.index(below: 40), random.index(below: 30)] = true }
      let matcher = EdgeMatcher(share: share)
      let there = matcher.match(first, truth: second)
      let back = matcher.match(second, truth: first)
      #expect(there.matches == back.matches && there.distance == back.distance)
    }
  }

  @Test func thinningKeepsOnePixelLinesAndIsStable() throws {
    var random = SplitMix64(seed: 5)
    for (width, height) in [(1, 1), (1, 9), (64, 3), (65, 40), (130, 20)] {
      var mask = BitMask(Mask(width: width, height: height))
      for y in 0..<height { for x in 0..<width where random.index(below: 3) > 0 { mask[x, y] = true } }
      let thin = mask.thinned()
      #expect(thin.subtracting(mask).isEmpty, "nothing is added")
      #expect(thin.thinned() == thin)
      #expect(mask.mask.connectedComponents().count == thin.mask.connectedComponents().count)
    }
    var line = BitMask(Mask(width: 70, height: 5))
    for x in 3..<68 { line[x, 2] = true }
    #expect(line.thinned() == line)
  }

  @Test func thresholdsAreExactInWholeNumbers() throws {
    // 51 / 255 is .2 exactly, and 13107 / 65535 too.
    #expect(try map(2, 1, [51, 50]).mask(atLeastPercent: 20).area == 1)
    #expect(try map(2, 1, [13107, 13106], maximum: 65535).mask(atLeastPercent: 20).area == 1)
    #expect(try map(1, 1, [255]).mask(atLeastPercent: 99).area == 1)
  }

  @Test func aMapOfTheTruthIsPerfectAndAnEmptyOneFindsNothing() throws {
    var truth = BitMask(Mask(width: 60, height: 40))
    for x in 5..<55 { truth[x, 20] = true }
    let exact = try map(60, 40, truth.mask.bits.map { UInt16($0) * 255 })
    let counts = EdgeMatcher().counts(of: exact, truth: [truth, truth])
    #expect(counts.count == 99)
    #expect(counts.allSatisfy { $0 == EdgeCounts(matchedTruth: 100, truth: 100, matchedMap: 50, map: 50) })
    let empty = EdgeMatcher().counts(of: try map(60, 40, [UInt16](repeating: 0, count: 2400)), truth: [truth])
    #expect(empty.allSatisfy { $0 == EdgeCounts(matchedTruth: 0, truth: 50, matchedMap: 0, map: 0) })
    let scores = EdgeScores(images: [counts])
    #expect(scores.best.f == 1 && scores.recallAtHalf == 1)
    #expect(EdgeScores(images: []).best.f == 0)
  }

  @Test func theNumberOfThreadsDoesNotMatter() throws {
    var random = SplitMix64(seed: 8)
    let noise = try map(50, 40, (0..<2000).map { _ in UInt16(random.index(below: 256)) })
    var truth = BitMask(Mask(width: 50, height: 40))
    for _ in 0..<150 { truth[random.index(below: 50), random.index(below: 40)] = true }
    #expect(
      EdgeMatcher(threads: 1).levels(of: noise, truth: [truth])
        == EdgeMatcher(threads: 3).levels(of: noise, truth: [truth]))
  }

  @Test func suppressionAlongTheGradientLeavesTheCrest() throws {
    // An upright ridge: 0 1 2 3 2 1 0.
    let row = [0.0, 1, 2, 3, 2, 1, 0].map { $0 / 3 }
    let ridge = try #require(EdgeStrength(width: 7, height: 5, values: (0..<5).flatMap { _ in row }))
    let across = [SIMD2<Float>](repeating: SIMD2(-2, 0), count: 35)
    let thin = ridge.suppressed(across: across)
    for y in 0..<5 { #expect(Array(thin.values[y * 7..<y * 7 + 7]) == [0, 0, 0, 1, 0, 0, 0]) }
    // Of a crest two pixels wide one stays.
    let flat = try #require(EdgeStrength(width: 4, height: 1, values: [0, 1, 1, 0]))
    #expect(flat.suppressed(across: Array(across[..<4])).values.count { $0 > 0 } == 1)
  }

  @Test func strengthsAreScaledSmoothedAndFramed() throws {
    let values = [2.0, 4, 6, 2, 2, 2, 2, 2, 2]
    let strength = try #require(EdgeStrength(width: 3, height: 3, values: values))
    #expect(strength.scaled().values == [0, 0.5, 1, 0, 0, 0, 0, 0, 0])
    #expect(strength.withoutFrame(1).values == [0, 0, 0, 0, 2, 0, 0, 0, 0])
    let spot = try #require(EdgeStrength(width: 3, height: 3, values: [0, 0, 0, 0, 16, 0, 0, 0, 0]))
    #expect(spot.smoothed().values == [1, 2, 1, 2, 4, 2, 1, 2, 1])
    #expect(EdgeStrength(width: 3, height: 3, values: [1]) == nil)
    #expect(spot.map()?.samples[4] == 255)
  }

  @Test func holesAreWhatTheBorderCannotBeReachedFrom() throws {
    var mask = BitMask(Mask(width: 70, height: 12))
    for x in 2..<68 { for y in 2..<10 { mask[x, y] = true } }
    let whole = mask
    for x in 5..<60 { mask[x, 5] = false }
    #expect(mask.withoutHoles() == whole)
    mask[30, 2] = false
    mask[30, 3] = false
    mask[30, 4] = false
    #expect(mask.withoutHoles() == mask, "a hole with a way out is none")
    #expect(mask.inverted().inverted() == mask)
    var dot = BitMask(Mask(width: 70, height: 5))
    dot[63, 2] = true
    #expect(dot.grown().area == 9)
  }
}
