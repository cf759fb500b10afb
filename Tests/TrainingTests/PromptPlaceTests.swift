import Imaging
import Modeling
import Statistics
import Tensors
import Testing

@testable import Training

/// Where points go: anywhere in a mask, or deep inside it.
@Suite("Places of points")
struct PromptPlaceTests {
  @Test(
    "The deepest of n places lies no deeper than d as often as one does, to the power of n",
    arguments: [1, 2, 5])
  func depths(count: Int) {
    // A square in a frame: its pixels are as deep as their ring.
    let (side, frame) = (20, 24)
    let places = (2..<22).flatMap { y in (2..<22).map { x in frame * y + x } }
    let region = square(side: side, frame: frame)
    let all = region.squaredDistances()
    var simulation = PromptSimulation()
    simulation.innermostOf = count
    var random = SplitMix64(seed: 8)
    let draws = 4000
    let drawn = (0..<draws).map { _ in
      all[simulation.place(of: places, in: region, cell: { $0 }, &random)]
    }
    for depth in [1, 3, 6, 9] as [Int32] {
      let one = Double(places.count { all[$0] <= depth * depth }) / Double(places.count)
      let expected = (0..<count).reduce(1) { product, _ in product * one }
      let found = Double(drawn.count { $0 <= depth * depth }) / Double(draws)
      #expect(abs(found - expected) < 4 * (expected * (1 - expected) / Double(draws)).squareRoot() + 1e-9)
    }
  }

  @Test("One place is drawn as if there were nothing to choose, and the region is not asked for")
  func one() {
    var (first, second) = (SplitMix64(seed: 3), SplitMix64(seed: 3))
    for _ in 0..<20 {
      let place = PromptSimulation().place(
        of: Array(0..<50),
        in: {
          Issue.record("asked for the region")
          return square(side: 1, frame: 3)
        }(), cell: { $0 }, &first)
      #expect(place == second.index(below: 50))
    }
  }

  /// A picture of 64 x 64 with a square mask of 32 x 32 in its middle, and points alone.
  private func session(innermostOf: Int, seed: UInt64) -> PromptSession {
    let pixels = (16..<48).flatMap { y in (16..<48).map { x in Int32(64 * y + x) } }
    var objective = Objective()
    objective.prompts.boxProbability = 0
    objective.prompts.innermostOf = innermostOf
    (objective.prompts.pointRounds, objective.prompts.emptyRounds) = (1...1, 0)
    return PromptSession(
      sample: TrainingSample(
        input: Tensor(repeating: 0, shape: [64, 64, 3]), width: 64, height: 64,
        masks: [TrainingMask(pixels: pixels, size: 64)]),
      size: 64, objective: objective, random: SplitMix64(seed: seed))
  }

  @Test("First points and corrections lie deep where the recipe says so, and anywhere in the mask otherwise")
  func sessions() {
    for (innermostOf, range) in [(1, 12.0...16), (200, 0...4)] {
      var farthest = [0.0, 0.0]
      for seed in 0..<60 {
        var session = session(innermostOf: innermostOf, seed: UInt64(seed))
        session.prompt(round: 0)
        // Nothing was found: the whole mask is wrong.
        session.carry(
          Tensor(repeating: -1, shape: [1, 1, 16, 16]), [0.5], session.candidates(round: 1, multimask: 1..<4))
        session.prompt(round: 1)
        #expect(session.kinds == [.foreground, .foreground, .padding])
        for point in 0..<2 {
          for coordinate in session.coordinates[2 * point..<2 * point + 2] {
            farthest[point] = max(farthest[point], abs(Double(coordinate) + 0.5 - 32))
          }
        }
      }
      #expect(farthest.allSatisfy { range.contains($0) }, "\(innermostOf): \(farthest)")
    }
  }

  private func square(side: Int, frame: Int) -> Mask {
    var mask = Mask(width: frame, height: frame)
    for y in 0..<side {
      for x in 0..<side { mask[x + (frame - side) / 2, y + (frame - side) / 2] = true }
    }
    return mask
  }
}
