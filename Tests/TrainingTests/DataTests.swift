import Datasets
import Imaging
import Statistics
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Training data")
struct DataTests {
  @Test("Draws follow the weights, go through every sample, and can be taken up anywhere")
  func order() {
    var order = SampleOrder(counts: [5, 0, 20], weights: [3, 9, 1], seed: 6)
    var all: [(dataset: Int, sample: Int)] = []
    for _ in 0..<4000 { if let draw = order.next() { all.append(draw) } }
    #expect(all.count == 4000)
    let first = all.filter { $0.dataset == 0 }
    #expect(abs(Double(first.count) / 4000 - 0.75) < 0.03)
    #expect(all.allSatisfy { $0.dataset != 1 })
    // Each round through a dataset sees every sample once.
    for round in 0..<100 { #expect(Set(first[round * 5..<round * 5 + 5].map(\.sample)) == Set(0..<5)) }
    var resumed = SampleOrder(counts: [5, 0, 20], weights: [3, 9, 1], seed: 6)
    resumed.skip(to: 1234)
    for draw in all[1234..<1300] {
      let next = resumed.next()
      #expect(next?.dataset == draw.dataset && next?.sample == draw.sample)
    }
    var none = SampleOrder(counts: [0], weights: [1], seed: 1)
    #expect(none.next() == nil)
  }

  @Test("A picture and its masks are moved alike, whatever the part and size")
  func augmentation() throws {
    // The mask is where the picture is bright, so that one tells the other.
    let (width, height) = (90, 60)
    var bits = [UInt8](repeating: 0, count: width * height)
    for y in 10..<45 { for x in 20..<70 { bits[y * width + x] = 1 } }
    let mask = try Mask(width: width, height: height, bits: bits)
    let image = try Image(
      width: width, height: height, pixels: bits.flatMap { [$0 * 200, $0 * 200, $0 * 200] })
    var settings = Augmentation()
    settings.scale = 0.4...2
    var seen = 0
    for seed in 0..<40 {
      var random = SplitMix64(seed: UInt64(seed))
      guard
        let sample = settings.sample(image, [RunLengthMask(mask)], size: 64, limit: 3, &random)
      else { continue }
      seen += 1
      #expect(sample.width <= 64 && sample.height <= 64 && (sample.width == 64 || sample.width < 64))
      let inside = Set(sample.masks[0].pixels.map(Int.init))
      var wrong = 0
      sample.input.withUnsafeBuffer { values in
        for y in 0..<sample.height {
          for x in 0..<sample.width {
            let isBright = values[(y * 64 + x) * 3] > -0.4
            if isBright != inside.contains(y * 64 + x) { wrong += 1 }
          }
        }
      }
      // Along the edge a resized picture is neither.
      #expect(wrong < 300, "seed \(seed)")
    }
    #expect(seen > 25)
  }

  @Test("Masks that are too large or too small are left out, and no more are taken than asked for")
  func limits() throws {
    let (width, height) = (64, 64)
    func box(_ side: Int) throws -> RunLengthMask {
      var bits = [UInt8](repeating: 0, count: width * height)
      for y in 0..<side { for x in 0..<side { bits[y * width + x] = 1 } }
      return RunLengthMask(try Mask(width: width, height: height, bits: bits))
    }
    let image = try Image(
      width: width, height: height, pixels: [UInt8](repeating: 9, count: width * height * 3))
    var random = SplitMix64(seed: 1)
    let masks = try [box(64), box(3), box(20), box(30), box(40)]
    let sample = Augmentation.none.sample(image, masks, size: 64, limit: 9, &random)
    #expect(Set(sample?.masks.map(\.pixels.count) ?? []) == [400, 900, 1600])
    #expect(Augmentation.none.sample(image, masks, size: 64, limit: 2, &random)?.masks.count == 2)
    #expect(Augmentation.none.sample(image, [try box(64)], size: 64, limit: 2, &random) == nil)
  }

  @Test("A bad sample is reported once and passed over; nothing usable is an error")
  func badSamples() throws {
    let folder = try TemporaryDirectory()
    let scenes = SyntheticScenes(count: 4, width: 48, height: 48, seed: 2)
    let said = ReportList()
    let loader = BatchLoader(
      [
        BatchLoader.Source(scenes, weight: 1),
        BatchLoader.Source(BrokenSource(path: folder.path), weight: 1),
      ],
      BatchLoader.Settings(batch: 6, size: 48, masksPerImage: 2, augmentation: .none, seed: 1), position: 0
    ) { said.add($0) }
    for _ in 0..<3 { #expect(try loader.next().samples.count == 6) }
    #expect(said.all.count == 1)
    let empty = BatchLoader(
      [BatchLoader.Source(BrokenSource(path: folder.path), weight: 1)],
      BatchLoader.Settings(batch: 2, size: 48, masksPerImage: 2, augmentation: .none, seed: 1), position: 0
    ) { _ in }
    #expect(throws: TrainingError.self) { try empty.next() }
  }
}

/// A dataset whose samples cannot be read.
private struct BrokenSource: DatasetSource {
  let path: String
  var name: String { "broken" }
  var count: Int { 3 }

  func sample(at index: Int) throws(DatasetError) -> DatasetSample {
    throw .noSuchSample(name: path, index: 0, count: count)
  }
}

/// What was reported, from any thread.
private final class ReportList: Sendable {
  private let list = Mutex<[String]>([])
  func add(_ text: String) { list.withLock { $0.append(text) } }
  var all: [String] { list.withLock { $0 } }
}
