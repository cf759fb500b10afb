import Imaging
import TestSupport
import Testing

@Suite struct ComponentsTests {
  @Test func diagonalNeighboursCountOnlyWhenAskedFor() throws {
    let mask = try picture(
      "##..",
      "..#.",
      "#...")
    let four = mask.connectedComponents(.four)
    #expect(four.count == 3)
    #expect(four.areas == [2, 1, 1])
    #expect(four.labels == [1, 1, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0])
    let eight = mask.connectedComponents()
    #expect(eight.areas == [3, 1])
    #expect(
      eight.boxes == [PixelBox(x: 0, y: 0, width: 3, height: 2), PixelBox(x: 0, y: 2, width: 1, height: 1)])
  }

  @Test func anEmptyMaskHasNone() {
    #expect(Mask(width: 5, height: 4).connectedComponents().count == 0)
  }

  @Test(arguments: [Connectivity.four, .eight])
  func labelsEqualAFloodFills(_ connectivity: Connectivity) throws {
    var random = SplitMix64(seed: 5)
    for round in 0..<80 {
      let mask = try randomMask(using: &random)
      let components = mask.connectedComponents(connectivity)
      #expect(components.labels == floodFill(mask, connectivity), "round \(round)")
      for number in 0..<components.count {
        let part = try Mask(
          width: mask.width, height: mask.height,
          bits: components.labels.map { $0 == Int32(number + 1) ? 1 : 0 })
        #expect(part.area == components.areas[number])
        #expect(part.boundingBox == components.boxes[number])
      }
    }
  }
}

/// Clean-up on runs, against the components of the pixels.
@Suite struct SmallRegionTests {
  @Test func smallPartsAndHolesAreThoseOfThePixels() throws {
    var random = SplitMix64(seed: 21)
    for _ in 0..<200 {
      let mask = try randomMask(using: &random)
      let runs = RunLengthMask(mask)
      let area = Double(Int.random(in: 0...30, using: &random)) + 0.5
      let holes = mask.inverted.connectedComponents()
      let filled = zip(mask.bits, holes.labels).map { bit, label -> UInt8 in
        label > 0 && Double(holes.areas[Int(label) - 1]) < area ? 1 : bit
      }
      #expect((runs.fillingHoles(smallerThan: area) ?? runs).mask.bits == filled)
      #expect((runs.fillingHoles(smallerThan: area) == nil) == holes.areas.allSatisfy { Double($0) >= area })

      let parts = mask.connectedComponents()
      let stays = parts.areas.map { Double($0) >= area }
      let largest = parts.areas.firstIndex(of: parts.areas.max() ?? 0)
      for keepingLargest in [false, true] {
        let kept = zip(mask.bits, parts.labels).map { bit, label -> UInt8 in
          guard label > 0 else { return 0 }
          let number = Int(label) - 1
          return stays[number] || (keepingLargest && !stays.contains(true) && number == largest) ? 1 : 0
        }
        let own = runs.removingIslands(smallerThan: area, keepingLargest: keepingLargest)
        #expect((own ?? runs).mask.bits == kept)
        #expect((own == nil) == stays.allSatisfy { $0 })
      }
    }
  }

  @Test func timeGoesWithTheRunsOfAHugeMask() throws {
    let side = 60_000
    let bits = [UInt64](repeating: .max, count: 64)
    let mask = try RunLengthMask(
      bits: bits, in: PixelBox(x: 30_000, y: 20_000, width: 64, height: 64), width: side, height: side)
    #expect(mask.area == 4096)
    #expect(mask.boundingBox == PixelBox(x: 30_000, y: 20_000, width: 64, height: 64))
    #expect(mask.removingIslands(smallerThan: 5000, keepingLargest: false)?.isEmpty == true)
    #expect(mask.fillingHoles(smallerThan: 5000) == nil)
  }
}

/// A mask drawn with # for pixels in the set.
func picture(_ rows: String...) throws -> Mask {
  try Mask(
    width: rows[0].count, height: rows.count, bits: rows.flatMap { $0.map { $0 == "#" ? 1 : 0 } })
}

/// A mask of random size and density.
func randomMask(using random: inout SplitMix64) throws -> Mask {
  let width = Int.random(in: 1...40, using: &random)
  let height = Int.random(in: 1...30, using: &random)
  let density = Int.random(in: 1...9, using: &random)
  return try Mask(
    width: width, height: height,
    bits: (0..<width * height).map { _ in Int.random(in: 0..<10, using: &random) < density ? 1 : 0 })
}

private func floodFill(_ mask: Mask, _ connectivity: Connectivity) -> [Int32] {
  var labels = [Int32](repeating: 0, count: mask.bits.count)
  var next: Int32 = 0
  for start in labels.indices where mask.bits[start] == 1 && labels[start] == 0 {
    next += 1
    labels[start] = next
    var open = [start]
    while let index = open.popLast() {
      for dy in -1...1 {
        for dx in -1...1 where connectivity == .eight || dx == 0 || dy == 0 {
          let x = index % mask.width + dx
          let y = index / mask.width + dy
          guard x >= 0, y >= 0, x < mask.width, y < mask.height else { continue }
          let neighbour = y * mask.width + x
          guard mask.bits[neighbour] == 1, labels[neighbour] == 0 else { continue }
          labels[neighbour] = next
          open.append(neighbour)
        }
      }
    }
  }
  return labels
}
