import Datasets
import Modeling
import Statistics
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Other masks that a point could mean")
struct CompanionTests {
  private let side = 6
  private let candidates = 1..<4
  private var count: Int { side * side }

  /// The lowest sum of losses where each target has a candidate of its own: all ways tried by hand.
  private func formula(_ loss: MaskLoss, _ z: [Float], _ targets: [[Float]]) -> Double {
    func single(_ mask: Int, _ target: [Float]) -> Double {
      let result = MaskLoss().evaluate(
        logits: Tensor(Array(z[mask * count..<(mask + 1) * count]), shape: [1, 1, side, side]),
        predictions: Tensor([0], shape: [1, 1]), targets: Tensor(target, shape: [1, side, side]),
        candidates: [0..<1], weight: 1)
      return Double(result.values[0][0].mask)
    }
    var least = Double.infinity
    for a in candidates {
      guard targets.count > 1 else {
        least = min(least, single(a, targets[0]))
        continue
      }
      for b in candidates where b != a {
        let two = single(a, targets[0]) + Double(loss.companions) * single(b, targets[1])
        guard targets.count > 2 else {
          least = min(least, two)
          continue
        }
        for c in candidates where c != a && c != b {
          least = min(least, two + Double(loss.companions) * single(c, targets[2]))
        }
      }
    }
    return least
  }

  @Test("Each has a candidate of its own, and gradients are those of differences", arguments: 1...3)
  func lossAndGradient(meant: Int) {
    var random = SplitMix64(seed: UInt64(meant))
    var loss = MaskLoss()
    loss.companions = 0.5
    let logits = (0..<4 * count).map { _ in Float(random.uniform(-3...3)) }
    let targets = (0..<meant).map { _ in (0..<count).map { _ in Float(random.index(below: 2)) } }
    let result = loss.evaluate(
      logits: Tensor(logits, shape: [1, 4, side, side]), predictions: Tensor(repeating: 0.4, shape: [1, 4]),
      targets: Tensor(targets.flatMap { $0 }, shape: [meant, side, side]), candidates: [candidates],
      meaning: [Array(1..<meant)], weights: [2])
    let errors = result.values[0].map { ($0.predictedIoU - $0.trueIoU) * ($0.predictedIoU - $0.trueIoU) }
    let expected = 2 * formula(loss, logits, targets) + Double(2 * errors.reduce(0, +) / 3)
    #expect(abs(result.total - expected) < 1e-4 * expected)

    let gradient = result.logitGradient.elements
    let learning = (0..<4).filter { mask in
      gradient[mask * count..<(mask + 1) * count].contains { $0 != 0 }
    }
    #expect(learning.count == meant && !learning.contains(0))
    for index in stride(from: count, to: logits.count, by: 5) {
      var (up, down) = (logits, logits)
      up[index] += 1e-2
      down[index] -= 1e-2
      let difference = 2 * (formula(loss, up, targets) - formula(loss, down, targets)) / 2e-2
      #expect(abs(Double(gradient[index]) - difference) < 2e-3 + 1e-2 * abs(difference), "\(index)")
    }
  }

  @Test("A candidate may learn of two targets where the others of an ambiguous prompt learn, too")
  func sharesAdd() {
    var loss = MaskLoss()
    (loss.companions, loss.others) = (1, 0.3)
    var random = SplitMix64(seed: 9)
    let logits = Tensor(
      (0..<4 * count).map { _ in Float(random.uniform(-3...3)) }, shape: [1, 4, side, side])
    let targets = Tensor((0..<2 * count).map { _ in Float(random.index(below: 2)) }, shape: [2, side, side])
    func gradient(_ loss: MaskLoss) -> [Float] {
      loss.evaluate(
        logits: logits, predictions: Tensor(repeating: 0.4, shape: [1, 4]), targets: targets,
        candidates: [candidates], meaning: [[1]], weights: [1]
      ).logitGradient.elements
    }
    let both = gradient(loss)
    loss.others = 0
    let companionsAlone = gradient(loss)
    #expect((1..<4).allSatisfy { mask in both[mask * count..<(mask + 1) * count].contains { $0 != 0 } })
    #expect(both != companionsAlone)
  }

  @Test("Without a factor, and where nothing else is meant, nothing changes")
  func nothing() {
    var random = SplitMix64(seed: 3)
    let logits = Tensor(
      (0..<4 * count).map { _ in Float(random.uniform(-3...3)) }, shape: [1, 4, side, side])
    let targets = Tensor((0..<2 * count).map { _ in Float(random.index(below: 2)) }, shape: [2, side, side])
    func total(_ factor: Float, _ meaning: [[Int]]) -> (Double, [Float]) {
      var loss = MaskLoss()
      loss.companions = factor
      let result = loss.evaluate(
        logits: logits, predictions: Tensor(repeating: 0.4, shape: [1, 4]), targets: targets,
        candidates: [candidates], meaning: meaning, weights: [1])
      return (result.total, result.logitGradient.elements)
    }
    let plain = total(0, [])
    #expect(total(0, [[1]]) == plain && total(1, [[]]) == plain && total(1, [[1]]).0 > plain.0)
  }

  /// A rectangle of the 64 x 64 input.
  private func mask(_ columns: Range<Int>, _ rows: Range<Int>) -> TrainingMask {
    TrainingMask(pixels: rows.flatMap { y in columns.map { x in Int32(y * 64 + x) } }, size: 64)
  }

  @Test("They are the masks that hold the point: the smallest and the largest, none that is nearly the same")
  func whichAreMeant() {
    let masks = [
      mask(16..<32, 16..<32),  // a part
      mask(8..<40, 8..<40),  // of this
      mask(8..<40, 8..<41),  // which is nearly this
      mask(60..<64, 60..<64),  // and one by itself
    ]
    let whole = mask(4..<60, 4..<60)
    var sample = TrainingSample(
      input: Tensor(repeating: 0, shape: [64, 64, 3]), width: 64, height: 64, masks: masks)
    // It was not drawn, but belongs to the picture.
    sample.others = [whole]
    func meant(box: Double, factor: Float, round: Int = 0) -> [[[Float]]] {
      var objective = Objective()
      objective.prompts.boxProbability = box
      objective.loss.companions = factor
      return PromptSession(sample: sample, size: 64, objective: objective, random: SplitMix64(seed: 1))
        .companions(round: round)
    }
    let found = meant(box: 0, factor: 1)
    #expect(found[0] == [masks[1].target, whole.target])
    #expect(!found[1].contains(masks[2].target) && found[1].contains(whole.target))
    #expect(!found[2].contains(masks[1].target) && found[2].contains(whole.target))
    #expect(found[3].isEmpty)
    #expect(meant(box: 0, factor: 1, round: 1).allSatisfy { $0.isEmpty })
    #expect(meant(box: 1, factor: 1).allSatisfy { $0.isEmpty })
    #expect(meant(box: 0, factor: 0).allSatisfy { $0.isEmpty })
  }

  @Test("Masks that were not drawn come along, the drawn ones stay the same")
  func othersComeAlong() throws {
    let scene = SyntheticScenes(count: 1, width: 96, height: 96, seed: 3, arrangement: .nested).scene(at: 0)
    func sample(others: Int) throws -> TrainingSample {
      var random = SplitMix64(seed: 2)
      return try #require(
        Augmentation().sample(scene.image, scene.masks, size: 64, limit: 2, others: others, &random))
    }
    let (plain, more) = (try sample(others: 0), try sample(others: 1))
    #expect(scene.masks.count > 3 && plain.masks.count == 2 && plain.others.isEmpty)
    #expect(more.masks.map { $0.pixels } == plain.masks.map { $0.pixels } && more.others.count == 1)
    #expect(!plain.masks.contains { $0.pixels == more.others.first?.pixels })
  }

  @Test("In a batch, targets are found through all images")
  func inABatch() throws {
    let (parameters, configuration) = try SmallTraining.recipe().startingPoint()
    let model = try TrainedModel(Parameters(parameters), configuration)
    var random = SplitMix64(seed: 4)
    let samples = (0..<3).map { index -> TrainingSample in
      var sample = TrainingSample(
        input: Tensor((0..<64 * 64 * 3).map { _ in Float(random.uniform(-1...1)) }, shape: [64, 64, 3]),
        width: 64, height: 64, masks: [mask(16..<32, 16..<32), mask(8..<40, 8..<40)])
      if index == 1 { sample.others = [mask(0..<64, 0..<64)] }
      return sample
    }
    let features = model.maskDecoder.batchFeatures(
      try model.imageEncoder(Tensor.concatenating(samples.map { $0.input.reshaped([1, 64, 64, 3]) })),
      positions: model.promptEncoder.densePositions(4))
    var objective = Objective()
    objective.prompts.boxProbability = 0
    (objective.prompts.pointRounds, objective.prompts.emptyRounds) = (0...0, 0)
    objective.loss.companions = 1
    func loss(_ limit: Int) -> Double {
      var rounds = PromptRounds(
        objective: objective, model: model, features: features, positionLimit: limit, leastPrompts: 8)
      for (index, sample) in samples.enumerated() {
        rounds.add(sample, weight: 1, random: SplitMix64(seed: UInt64(index)))
      }
      return rounds.run { _ in }.loss
    }
    let (together, oneByOne) = (loss(1 << 20), loss(1))
    #expect(abs(together - oneByOne) < 1e-5 * together)
    objective.loss.companions = 0
    #expect(loss(1 << 20) < together)
  }
}
