import Statistics
import Testing

@Suite("Random numbers")
struct SplitMix64Tests {
  @Test func aSeedGivesThePublishedStream() {
    var random = SplitMix64(seed: 42)
    #expect([random.next(), random.next()] == [0xbdd7_3226_2feb_6e95, 0x28ef_e333_b266_f103])
    random = SplitMix64(seed: 42)
    #expect((0..<10).map { _ in random.index(below: 10) } == [7, 1, 2, 3, 0, 8, 2, 8, 3, 6])
    random = SplitMix64(seed: 42)
    #expect(random.unit() == 0.7415648787718233)
  }

  @Test func aStreamGoesOnFromItsState() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<5 { _ = random.next() }
    var resumed = SplitMix64(seed: random.state)
    var skipped = SplitMix64(seed: 7, skipping: 5)
    let next = random.next()
    #expect(resumed.next() == next)
    #expect(skipped.next() == next)
  }

  @Test func streamsOfOneSeedDiffer() {
    let first = (0..<1000).map { stream in
      var random = SplitMix64(seed: 1, stream: UInt64(stream))
      return random.next()
    }
    #expect(Set(first).count == 1000)
  }

  @Test(arguments: [(0, 5), (3, 5), (5, 5), (9, 5), (4, 0)])
  func aSampleHasDifferentNumbers(count: Int, total: Int) {
    var random = SplitMix64(seed: 3)
    let sample = random.sample(count, of: total)
    #expect(sample.count == min(count, total))
    #expect(Set(sample).count == sample.count)
    #expect(sample.allSatisfy { (0..<total).contains($0) })
  }

  @Test func indicesAreEven() {
    var random = SplitMix64(seed: 11)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[random.index(below: 7)] += 1 }
    #expect(counts.allSatisfy { (9600...10400).contains($0) })
    #expect(random.index(below: 1) == 0)
  }
}
