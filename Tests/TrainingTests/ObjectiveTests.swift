import Datasets
import Imaging
import Modeling
import Statistics
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("The objective")
struct ObjectiveTests {
  /// The loss as formulas say, in double precision, of a square mask.
  private func naive(_ loss: MaskLoss, _ logits: [Float], _ target: [Float]) -> Double {
    var (focal, overlap, sum, targets, entropy, own) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    let side = Int(Double(target.count).squareRoot())
    for (index, (z, t)) in zip(logits.map(Double.init), target.map(Double.init)).enumerated() {
      let neighbours = [(-1, 0), (1, 0), (0, -1), (0, 1)].compactMap { dy, dx -> Float? in
        let (y, x) = (index / side + dy, index % side + dx)
        return (0..<side).contains(y) && (0..<side).contains(x) ? target[y * side + x] : nil
      }
      let emphasis = neighbours.contains { $0 != target[index] } ? 1 + Double(loss.outline) : 1
      let p = 1 / (1 + exponential(-z))
      let ce = -(t * logarithm(p) + (1 - t) * logarithm(1 - p))
      let right = p * t + (1 - p) * (1 - t)
      let balance = Double(loss.alpha) * t + (1 - Double(loss.alpha)) * (1 - t)
      focal += emphasis * balance * (1 - right) * (1 - right) * ce
      entropy += ce
      own += t * ce
      overlap += p * t
      sum += p
      targets += t
    }
    let n = Double(logits.count)
    return Double(loss.focal) * focal / n + Double(loss.dice) * (1 - (2 * overlap + 1) / (sum + targets + 1))
      + Double(loss.crossEntropy) * (entropy / n + own / (4 * max(1, targets)))
  }

  private func exponential(_ x: Double) -> Double {
    // Repeated squaring of a short series: good to 1e-14 where it is used.
    var (sum, term) = (1.0, 1.0)
    for n in 1...20 {
      term *= x / 1024 / Double(n)
      sum += term
    }
    for _ in 0..<10 { sum *= sum }
    return sum
  }

  private func logarithm(_ x: Double) -> Double {
    var y = x > 0.5 ? 0.0 : -1.0
    for _ in 0..<60 { y += 2 * (x - exponential(y)) / (x + exponential(y)) }
    return y
  }

  /// How much more outlines count, and where a target of 9 x 9 is: a circle's quarter, a mask of everything, and noise.
  static let targets: [(Float, @Sendable (Int, Int) -> Bool)] = [
    (0, { y, x in (y * 7 + x * 5) % 3 == 1 }), (4, { y, x in y * y + x * x < 30 }), (4, { _, _ in true }),
    (0.5, { y, x in (y * 7 + x * 5) % 3 == 1 }),
  ]

  @Test(
    "Losses are those of the formulas, and gradients those of their differences", arguments: targets.indices)
  func losses(_ number: Int) {
    var random = SplitMix64(seed: 8)
    let side = 9
    let count = side * side
    var loss = MaskLoss()
    loss.crossEntropy = 2
    loss.outline = Self.targets[number].0
    let logits = (0..<count).map { _ in Float(random.uniform(-4...4)) }
    let target = (0..<count).map { Self.targets[number].1($0 / side, $0 % side) ? 1 : 0 as Float }
    func evaluate(_ z: [Float]) -> MaskLoss.Result {
      loss.evaluate(
        logits: Tensor(z, shape: [1, 1, side, side]), predictions: Tensor([0.3], shape: [1, 1]),
        targets: Tensor(target, shape: [1, side, side]), candidates: [0..<1], weight: 1)
    }
    let result = evaluate(logits)
    #expect(abs(Double(result.values[0][0].mask) - naive(loss, logits, target)) < 1e-5)
    let gradient = result.logitGradient.elements
    for index in stride(from: 0, to: count, by: 7) {
      var (up, down) = (logits, logits)
      up[index] += 1e-2
      down[index] -= 1e-2
      let difference = (naive(loss, up, target) - naive(loss, down, target)) / 2e-2
      #expect(abs(Double(gradient[index]) - difference) < 1e-4 + 1e-3 * abs(difference))
    }
    let inside = zip(logits, target).count { $0 > 0 && $1 > 0 }
    let either = zip(logits, target).count { $0 > 0 || $1 > 0 }
    #expect(result.values[0][0].trueIoU == Float(inside) / Float(either))
    let error = 0.3 - Float(inside) / Float(either)
    #expect(abs(result.iouGradient.elements[0] - 2 * error) < 1e-6)
  }

  @Test("Of several masks only the best is learned from, and only candidates are looked at")
  func best() {
    let target = [Float](repeating: 1, count: 8) + [Float](repeating: 0, count: 8)
    func mask(_ inside: Float) -> [Float] { target.map { $0 > 0 ? inside : -inside } }
    let logits = Tensor(mask(9) + mask(-2) + mask(1) + mask(-1), shape: [1, 4, 4, 4])
    let result = MaskLoss().evaluate(
      logits: logits, predictions: Tensor(repeating: 0.5, shape: [1, 4]),
      targets: Tensor(target, shape: [1, 4, 4]), candidates: [1..<4], weight: 1)
    #expect(result.best == [1])
    #expect(result.values[0].map(\.trueIoU) == [0, 1, 0])
    let gradient = result.logitGradient.elements
    #expect(gradient[0..<32].allSatisfy { $0 == 0 } && gradient[48...].allSatisfy { $0 == 0 })
    #expect(gradient[32..<48].allSatisfy { $0 != 0 })
    #expect(result.iouGradient.elements[0] == 0)
  }

  @Test(
    "The other masks of an ambiguous prompt learn as much as they are given",
    arguments: [0, 0.25, 1] as [Float])
  func others(_ share: Float) {
    var random = SplitMix64(seed: 5)
    let (side, masks) = (6, 4)
    let count = side * side
    var loss = MaskLoss()
    loss.others = share
    let logits = (0..<2 * masks * count).map { _ in Float(random.uniform(-3...3)) }
    let target = (0..<2 * count).map { _ in Float(random.index(below: 2)) }
    // The first prompt is ambiguous, the second is not.
    let (candidates, weights): ([Range<Int>], [Float]) = ([1..<4, 0..<1], [0.5, 2])
    func evaluate(_ z: [Float]) -> MaskLoss.Result {
      loss.evaluate(
        logits: Tensor(z, shape: [2, masks, side, side]),
        predictions: Tensor(repeating: 0.4, shape: [2, masks]),
        targets: Tensor(target, shape: [2, side, side]), candidates: candidates, weights: weights)
    }
    /// The masks' part of the loss as the formula says.
    func formula(_ z: [Float]) -> Double {
      zip(candidates, weights).enumerated().reduce(0.0) { sum, prompt in
        let (range, weight) = prompt.element
        let losses = range.map { mask in
          let begin = (prompt.offset * masks + mask) * count
          return naive(
            loss, Array(z[begin..<begin + count]),
            Array(target[prompt.offset * count..<(prompt.offset + 1) * count]))
        }
        let (least, mean) = (losses.min() ?? 0, losses.reduce(0, +) / Double(losses.count))
        return sum + Double(weight) * (Double(1 - share) * least + Double(share) * mean)
      }
    }
    let result = evaluate(logits)
    let errors = zip(result.values, weights).reduce(0.0) { sum, prompt in
      let squares = prompt.0.map { Double(($0.predictedIoU - $0.trueIoU) * ($0.predictedIoU - $0.trueIoU)) }
      return sum + Double(prompt.1) * squares.reduce(0, +) / Double(squares.count)
    }
    #expect(abs(result.total - errors - formula(logits)) < 1e-5)
    let gradient = result.logitGradient.elements
    for index in stride(from: 0, to: logits.count, by: 5) {
      var (up, down) = (logits, logits)
      up[index] += 1e-2
      down[index] -= 1e-2
      let difference = (formula(up) - formula(down)) / 2e-2
      #expect(abs(Double(gradient[index]) - difference) < 1e-4 + 1e-3 * abs(difference), "\(index)")
    }
    let learns = (1..<4).map { mask in
      gradient[mask * count..<(mask + 1) * count].contains { $0 != 0 }
    }
    #expect(learns.count { $0 } == (share > 0 ? 3 : 1))
    #expect(gradient[..<count].allSatisfy { $0 == 0 })
  }

  @Test("Rounds are the paper's: a point or box, eight points, two rounds without, one of them last")
  func rounds() {
    let simulation = PromptSimulation()
    var places: Set<Int> = []
    for seed in 0..<200 {
      var random = SplitMix64(seed: UInt64(seed))
      let rounds = simulation.rounds(&random)
      #expect(rounds.count == 10 && rounds.count { $0 } == 8 && rounds.last == false)
      places.insert(rounds.firstIndex(of: false) ?? -1)
    }
    #expect(places == Set(0...8))
  }

  @Test("A box's noise is a tenth of its sides, at most 20 pixels, and stays in the picture")
  func boxes() {
    let simulation = PromptSimulation()
    var random = SplitMix64(seed: 4)
    var squares = 0.0
    for _ in 0..<4000 {
      let box = simulation.noisyBox((100, 100, 200, 140), width: 400, height: 300, &random)
      squares += (box.0 - 100) * (box.0 - 100)
      #expect(abs(box.0 - 100) <= 20 && abs(box.1 - 100) <= 20 && box.0 <= box.2 && box.1 <= box.3)
    }
    #expect(abs((squares / 4000).squareRoot() - 9.5) < 0.7)
    let edge = simulation.noisyBox((0, 0, 400, 300), width: 400, height: 300, &random)
    #expect(edge.0 >= 0 && edge.1 >= 0 && edge.2 <= 400 && edge.3 <= 300)
  }

  @Test("Images that are decoded together learn what they do one by one", arguments: [1, 2, 5])
  func together(images: Int) throws {
    let (parameters, configuration) = try SmallTraining.recipe().startingPoint()
    let scenes = SyntheticScenes(count: images, width: 80, height: 64, seed: 3)
    var random = Statistics.SplitMix64(seed: 2)
    let samples = try (0..<images).map { index in
      let scene = scenes.scene(at: index)
      // Different numbers of masks.
      return try #require(
        Augmentation.none.sample(scene.image, scene.masks, size: 64, limit: 1 + index % 3, &random))
    }
    var objective = Objective()
    objective.prompts.pointRounds = 0...2
    objective.prompts.emptyRounds = 1
    let streams = (0..<images).map { Statistics.SplitMix64(seed: 9, stream: UInt64($0)) }
    let pictures = Tensor.concatenating(samples.map { $0.input.reshaped([1, 64, 64, 3]) })
    let encoded = try TrainedModel(
      Parameters(parameters, on: .shared, training: TrainingMode()), configuration
    ).imageEncoder(pictures)

    func gradients(_ range: Range<Int>) throws -> (Objective.Outcome, [String: [Float]]) {
      let tape = Tape()
      let variables = parameters.filter {
        !$0.key.hasPrefix("image_encoder.") && TrainingState.isTrained($0.key)
      }
      .mapValues { tape.variable($0) }
      let model = try TrainedModel(
        Parameters(
          parameters.merging(variables) { $1 }, on: .shared, training: TrainingMode()), configuration)
      var features = encoded
      features.embedding = tape.variable(encoded.embedding[outermost: range])
      features.stage4 = tape.variable(try #require(encoded.stage4)[outermost: range])
      features.stage8 = tape.variable(try #require(encoded.stage8)[outermost: range])
      let outcome = objective.run(
        model, [features], Array(samples[range]), weight: 1 / Double(images), random: Array(streams[range]),
        on: tape)
      var found = variables.compactMapValues { tape.gradient(of: $0)?.elements }
      for index in range {
        let item = index - range.lowerBound
        found["embedding \(index)"] = tape.gradient(of: features.embedding)?[outermost: item].elements
        found["stage4 \(index)"] =
          features.stage4.flatMap { tape.gradient(of: $0) }?[outermost: item].elements
        found["stage8 \(index)"] =
          features.stage8.flatMap { tape.gradient(of: $0) }?[outermost: item].elements
      }
      return (outcome, found)
    }

    let together = try gradients(0..<images)
    var (loss, firstIoU, lastIoU, sums) = (0.0, 0.0, 0.0, [String: [Float]]())
    for index in 0..<images {
      let (outcome, found) = try gradients(index..<index + 1)
      loss += outcome.loss
      firstIoU += outcome.firstIoU
      lastIoU += outcome.lastIoU
      sums.merge(found) { zip($0, $1).map { $0 + $1 } }
    }
    #expect(abs(together.0.loss - loss) < 1e-5 * loss)
    #expect(abs(together.0.firstIoU - firstIoU) < 1e-6 && abs(together.0.lastIoU - lastIoU) < 1e-6)
    #expect(together.1.keys.sorted() == sums.keys.sorted())
    for (name, sum) in sums {
      let found = try #require(together.1[name])
      let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let difference = zip(sum, found).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      // Of biases of keys, which softmax does not see, only rounding is left.
      #expect(difference <= 1e-4 * length + 1e-6, "\(name): \(difference) of \(length)")
    }
  }

  /// A small model, and pictures with so many masks each, encoded together. Masks of one pixel leave nothing to chance.
  private func encoded(
    masks: [Int]
  ) throws -> (TrainedModel, [TrainingSample], MaskDecoder.ImageFeatures) {
    let (parameters, configuration) = try SmallTraining.recipe().startingPoint()
    let model = try TrainedModel(Parameters(parameters), configuration)
    var random = SplitMix64(seed: 4)
    let samples = masks.map { sample(masks: $0, &random) }
    let images = Tensor.concatenating(samples.map { $0.input.reshaped([1, 64, 64, 3]) })
    let features = model.maskDecoder.batchFeatures(
      try model.imageEncoder(images), positions: model.promptEncoder.densePositions(4))
    return (model, samples, features)
  }

  /// One point, and rounds that add none.
  private func pointsAlone(emptyRounds: Int) -> Objective {
    var objective = Objective()
    objective.prompts.boxProbability = 0
    objective.prompts.pointRounds = 0...0
    objective.prompts.emptyRounds = emptyRounds
    return objective
  }

  /// A picture of noise with masks of one pixel each.
  private func sample(masks count: Int, _ random: inout SplitMix64) -> TrainingSample {
    TrainingSample(
      input: Tensor((0..<64 * 64 * 3).map { _ in Float(random.uniform(-1...1)) }, shape: [64, 64, 3]),
      width: 64, height: 64,
      masks: (0..<count).map { _ in TrainingMask(pixels: [Int32(random.index(below: 4096))], size: 64) })
  }

  @Test(
    "An image's masks that are decoded in parts come to the same as all at once", arguments: [1, 2, 3, 7])
  func parts(size: Int) throws {
    let (model, samples, features) = try encoded(masks: [5, 3])
    let objective = pointsAlone(emptyRounds: 1)
    func outcome(limit: Int, least: Int) -> Objective.Outcome {
      var rounds = PromptRounds(
        objective: objective, model: model, features: features, positionLimit: limit, leastPrompts: least)
      for sample in samples { rounds.add(sample, weight: 0.5, random: SplitMix64(seed: 1)) }
      return rounds.run { _ in }
    }
    let (whole, split) = (outcome(limit: 1 << 20, least: 8), outcome(limit: 16 * size, least: 1))
    #expect(abs(whole.loss - split.loss) < 1e-5 * whole.loss)
    #expect(abs(whole.iouError - split.iouError) < 1e-6)
    #expect(abs(whole.lastIoU - split.lastIoU) < 1e-6)
  }

  @Test(
    "An image's loss counts by a power of how many masks it has, and its IoU does not",
    arguments: [0, 0.5, 1])
  func emphasis(power: Double) throws {
    let (model, samples, features) = try encoded(masks: [4, 1])
    let objective = pointsAlone(emptyRounds: 0)
    func outcome(_ weights: [Double], _ power: Double) -> Objective.Outcome {
      var objective = objective
      objective.maskEmphasis = power
      var rounds = PromptRounds(objective: objective, model: model, features: features)
      for (sample, weight) in zip(samples, weights) {
        rounds.add(sample, weight: weight, random: SplitMix64(seed: 1))
      }
      return rounds.run { _ in }
    }
    let (four, one) = (outcome([1, 0], 0), outcome([0, 1], 0))
    let both = outcome([0.5, 0.5], power)
    let factor = power == 0 ? 1 : power == 1 ? 4 : 2.0
    #expect(abs(both.loss - (factor * four.loss + one.loss) / 2) < 1e-4 * both.loss)
    #expect(abs(both.firstIoU - (four.firstIoU + one.firstIoU) / 2) < 1e-9)
  }
}
